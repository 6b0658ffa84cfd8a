r"""Rules 2 and 5 of MADLAD-400 (2309.04662, section 2.3), as Dolma 3 uses them: what its sentences look like.

    - madlad
    - madlad: {cursed: lists/cursed.txt}

A sentence ends at ".", "!" or "?" (or some of them) with white space after it. It is questionable if more than half of
its words begin in upper case, of 12 words and more (rule 2: lists, menus, addresses); or if it holds a phrase of the
list `cursed` (rule 5), in exactly this spelling. A document is dropped with fewer than 5 sentences, or if a fifth of
them or more are questionable.

Signals: `madlad.sentences`, `madlad.questionable` (share), `madlad.list_case` and `madlad.cursed` (sentences). Words
are those of `text/words.py`, not of Unicode's Annex 29. MADLAD-400 publishes its phrases and four expressions; none are
shipped, and expressions of a list are not run: phrases are text. The other rules (3: lengths, 4: technical
characters, 1: a sentence in another language) are not in Dolma 3.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from retold.clean.entry import Measured, Numbers
from retold.clean.lists import Files, entries
from retold.text.characters import SOLO, SPACE, UPPER, WORD, classes
from retold.text.compiled import compiled
from retold.text.phrases import Phrases, any_in, phrases
from retold.text.scan import Bytes, Classes, Ints, Texts, Tokens, decode

if TYPE_CHECKING:
    from retold.clean.filters import Madlad

NAMES = ("madlad.sentences", "madlad.questionable", "madlad.list_case", "madlad.cursed")
SENTENCES, QUESTIONABLE, LIST_CASE, CURSED = range(len(NAMES))


@cache
def phrases_of(files: Files) -> Phrases:
    """The phrases of lists, as they are spelled."""
    return phrases(entry for entry, _ in entries(files))


def measure(texts: Texts, entry: Madlad, cursed: Phrases) -> Measured:
    """The signals of some texts."""
    out = np.zeros((len(NAMES), len(texts)))
    limits = np.array([entry.min_words, entry.max_uppercase])
    _sentences(texts.data, texts.bounds, texts.tokens, (classes(), limits), cursed, out)
    return Measured(dict(zip(NAMES, out, strict=True)))


@compiled
def _sentences(
    data: Bytes, bounds: Ints, tokens: Tokens, settings: tuple[Classes, Numbers], cursed: Phrases, out: Numbers
) -> None:
    table, limits = settings
    token = 0
    for text in range(len(bounds) - 1):
        start, last = bounds[text], bounds[text + 1]
        while start < last:
            end, following = _sentence(data, start, last, table)
            words, capitals, token = _words(data, tokens, token, end, table)
            if not _is_blank(data, start, end, table):
                out[SENTENCES, text] += 1
                listed = words >= limits[0] and capitals > words * limits[1]
                wrong = any_in(data, start, end, cursed, table, False)
                out[LIST_CASE, text] += listed
                out[CURSED, text] += wrong
                out[QUESTIONABLE, text] += listed or wrong
            start = following
        while token < len(tokens.start) and tokens.start[token] < last:
            token += 1
        out[QUESTIONABLE, text] /= max(out[SENTENCES, text], 1)


@compiled
def _sentence(data: Bytes, place: int, end: int, table: Classes) -> tuple[int, int]:
    """(end of the sentence that begins here, where the next begins)."""
    while place < end:
        if not _is_mark(data[place]):
            place += 1
            continue
        mark = place
        while place < end and _is_mark(data[place]):
            place += 1
        following = place
        while following < end:
            code, width = decode(data, following, end)
            if not table[code] & SPACE:
                break
            following += width
        if following > place:
            return mark, following
    return end, end


@compiled
def _is_mark(byte: int) -> bool:
    return byte == 0x2E or byte == 0x21 or byte == 0x3F


@compiled
def _is_blank(data: Bytes, place: int, end: int, table: Classes) -> bool:
    while place < end:
        code, width = decode(data, place, end)
        if not table[code] & SPACE:
            return False
        place += width
    return True


@compiled
def _words(data: Bytes, tokens: Tokens, token: int, end: int, table: Classes) -> tuple[int, int, int]:
    """Words before `end` from a token on, how many begin in upper case, and the token that is next."""
    starts, kinds = tokens.start, tokens.kinds
    words = capitals = 0
    while token < len(starts) and starts[token] < end:
        if kinds[token] & (WORD | SOLO):
            words += 1
            code, _ = decode(data, starts[token], tokens.end[token])
            capitals += int(table[code] & UPPER != 0)
        token += 1
    return words, capitals, token
