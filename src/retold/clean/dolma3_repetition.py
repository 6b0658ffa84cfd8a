"""The repetition rules of Dolma 3: Gopher's table A1 (2112.11446), as datamap-rs counts them.

Signals: `dolma3_repetition.duplicate_lines` and `_paragraphs`, the share of lines (paragraphs) that stand in the text
more than once, each also in characters; `top_2gram` to `_4gram`, of the characters of all words the share that is
covered by occurrences of the most frequent n-gram; `duplicate_5gram` to `_10gram`, the share that is covered by
n-grams that occur more than once. Every occurrence counts, the first too, and what overlaps counts once: the numbers
are larger than datatrove's (`gopher_repetition.py`), which leaves out the first, and its bounds are the same.

Lines are parted by one newline, paragraphs by two or more; empty ones do not count, and a text without any has 1, one
with one 0. Words are those of `text/words.py`. Of n-grams that are as frequent the longer in characters is the top one,
of these the first (datamap-rs takes whichever its table of hashes gives).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.clean.entry import Numbers
from retold.text.characters import SOLO, WORD
from retold.text.compiled import compiled
from retold.text.pieces import Pieces, length, lines
from retold.text.scan import Bytes, Ints, Texts, Tokens, compare, key_of, slots_for

TOP, DUPLICATE = (2, 3, 4), (5, 6, 7, 8, 9, 10)
_LAST_TOP, _LAST = TOP[-1], DUPLICATE[-1]
NAMES = (
    "duplicate_lines", "duplicate_line_characters", "duplicate_paragraphs", "duplicate_paragraph_characters",
    *(f"top_{n}gram" for n in TOP), *(f"duplicate_{n}gram" for n in DUPLICATE),
)  # fmt: skip
LINES, PARAGRAPHS, GRAMS = 0, 2, 4
_NEWLINE = 0x0A
Small = npt.NDArray[np.int32]


class Room(NamedTuple):
    """Working space for one text. By word: the first word that is equal, characters of words before it, the first
    place with the same n-gram, how often it occurs from there; the places whose n-gram is repeated; a hash table."""

    same: Small
    before: Ints
    gram: Small
    often: Small
    listed: Small
    keys: Ints
    values: Small


def measure(texts: Texts) -> dict[str, Numbers]:
    """The signals of some texts."""
    out = np.zeros((len(NAMES), len(texts)))
    for found, place in ((lines(texts), LINES), (_paragraphs(texts), PARAGRAPHS)):
        longest = int(np.diff(found.bounds).max(initial=0))
        _pieces(found, np.zeros(longest, np.int32), out[place : place + 2])
    longest = int(np.diff(texts.tokens.bounds).max(initial=0)) + 1
    one, two, three, four = (np.zeros(longest, np.int32) for _ in range(4))
    size = slots_for(longest)
    room = Room(one, np.zeros(longest, np.int64), two, three, four, np.zeros(size, np.int64), np.zeros(size, np.int32))
    _ngrams(texts.tokens, room, np.zeros(longest, np.int32), out[GRAMS:])
    return {f"dolma3_repetition.{name}": values for name, values in zip(NAMES, out, strict=True)}


def _paragraphs(texts: Texts) -> Pieces:
    most = len(texts) + int((texts.data == _NEWLINE).sum())
    bounds = np.zeros(len(texts) + 1, np.int64)
    starts, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    characters, keys = np.empty(most, np.int32), np.empty(most, np.uint64)
    count = _cut(texts.data, texts.bounds, bounds, starts, ends)
    found = Pieces(bounds, starts[:count], ends[:count], characters[:count], np.empty(count, np.int32))
    _described(texts.data, found, keys)
    compare(texts.data, found, keys, np.zeros(slots_for(int(np.diff(bounds).max(initial=0))), np.int32))
    return found


@compiled
def _cut(data: Bytes, bounds: Ints, rows: Ints, starts: Ints, ends: Ints) -> int:
    """Paragraphs with anything in them: between two newlines or more."""
    count = 0
    for text in range(len(bounds) - 1):
        rows[text] = count
        place, end = bounds[text], bounds[text + 1]
        start = place
        while place <= end:
            run = place
            while run < end and data[run] == _NEWLINE:
                run += 1
            if place < end and run - place < 2:
                place = run if run > place else place + 1
                continue
            if place > start:
                starts[count], ends[count] = start, place
                count += 1
            start = run
            place = run if run > place else place + 1
    rows[len(bounds) - 1] = count
    return count


@compiled
def _described(data: Bytes, found: Pieces, keys: npt.NDArray[np.uint64]) -> None:
    starts, ends, characters = found.start, found.end, found.characters
    for row in range(len(characters)):
        characters[row] = length(data, starts[row], ends[row])
        keys[row] = key_of(data, starts[row], ends[row])


@compiled
def _pieces(found: Pieces, often: Small, out: Numbers) -> None:
    """Shares of pieces, and of their characters, that occur more than once; `often` is working space."""
    bounds, characters, same = found.bounds, found.characters, found.same
    for text in range(len(bounds) - 1):
        first, last = bounds[text], bounds[text + 1]
        often[: last - first] = 0
        count = total = 0
        for row in range(first, last):
            if characters[row]:
                count += 1
                total += characters[row]
                often[same[row]] += 1
        if not count:
            out[:, text] = 1.0
            continue
        repeated = covered = 0
        for row in range(first, last):
            if characters[row] and often[same[row]] > 1:
                repeated += 1
                covered += characters[row]
        out[0, text] = repeated / count
        out[1, text] = covered / total


@compiled
def _ngrams(tokens: Tokens, room: Room, place_of: Small, out: Numbers) -> None:
    bounds, characters, same, kinds = tokens.bounds, tokens.characters, tokens.same, tokens.kinds
    gram, often, listed, before, base = room.gram, room.often, room.listed, room.before, room.same
    for text in range(len(bounds) - 1):
        first = bounds[text]
        words = 0
        before[0] = 0
        for row in range(first, bounds[text + 1]):
            if kinds[row] & (WORD | SOLO):
                place_of[row - first] = words
                base[words] = gram[words] = place_of[same[row]]
                before[words + 1] = before[words] + characters[row]
                often[words] = 0
                words += 1
        for place in range(words):
            often[gram[place]] += 1
        held = 0
        for place in range(words):
            if often[gram[place]] > 1:
                listed[held] = place
                held += 1
        for n in range(2, _LAST + 1):
            held = _longer(room, held, n, words)
            if not held:
                break
            top = _top(room, held, n) if n <= _LAST_TOP else -1
            covered = end = 0
            for row in range(held):
                place = listed[row]
                if top < 0 or gram[place] == top:
                    covered += before[place + n] - before[max(place, end)]
                    end = place + n
            out[n - 2, text] = covered / before[words]


@compiled
def _longer(room: Any, held: int, n: int, words: int) -> int:
    """From the places of repeated (n-1)-grams to those of repeated n-grams, in `listed`. Returns how many there are.

    An n-gram is a pair: the (n-1)-gram at its place and its last word.
    """
    gram, often, listed, base, keys, values = room.gram, room.often, room.listed, room.same, room.keys, room.values
    size = 16
    while size < 2 * held:
        size *= 2
    keys[:size] = -1
    found = 0
    for row in range(held):
        place = listed[row]
        if place + n > words:
            continue
        key = (np.int64(gram[place]) << 32) | np.int64(base[place + n - 1])
        value = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
        slot = np.int64((value ^ (value >> np.uint64(32))) & np.uint64(size - 1))
        while keys[slot] >= 0 and keys[slot] != key:
            slot = (slot + 1) & (size - 1)
        if keys[slot] < 0:
            keys[slot] = key
            values[slot] = place
            often[place] = 0
        gram[place] = values[slot]
        often[values[slot]] += 1
        listed[found] = place
        found += 1
    kept = 0
    for row in range(found):
        place = listed[row]
        if often[gram[place]] > 1:
            listed[kept] = place
            kept += 1
    return kept


@compiled
def _top(room: Any, held: int, n: int) -> int:
    """The first place of the most frequent n-gram, of several the longest in characters."""
    gram, often, listed, before = room.gram, room.often, room.listed, room.before
    top, most, longest = -1, 0, np.int64(0)
    for row in range(held):
        place = listed[row]
        if gram[place] != place:
            continue
        size = before[place + n] - before[place]
        if often[place] > most or (often[place] == most and size > longest):
            top, most, longest = place, often[place], size
    return top
