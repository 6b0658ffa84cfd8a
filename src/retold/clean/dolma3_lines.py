"""The line edits of Dolma 3, which are those of RefinedWeb (Penedo et al. 2023, 2306.01116, appendix G.2).

A line (between "\\n") that is not empty is removed if more than half of its characters are upper case, if all are
digits, if it is a counter ("3 likes", "1.2K followers"), or if it has fewer than 2 words. From lines of at most 10
words "items in cart" is cut anywhere, "Read more..." at the end and "Sign-in" at the start, and what is left empty by
that is removed. Then at most two newlines follow each other. Where more than 5 % of the words went, the document is
dropped.

Signals: `dolma3.words_removed` (share), `dolma3.lines`, how many lines each rule removed, `dolma3.phrases_cut`.

Where this differs from datamap-rs, the program of Dolma 3: words are those of `text/words.py` and not of Unicode's
Annex 29; shares are of characters and not of bytes; digits are those of any script; "Read more..." means its three
points and no other characters; and lines of more than 10 words keep their phrases, as RefinedWeb says, where a
misspelled key (`max_length` for `max_len`) makes that program cut them in lines of any length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retold.clean.cutting import NEWLINE, NOTHING, SPACE, Ranges, assemble, keep, room, squeezed
from retold.clean.entry import Measured, NewText, Numbers
from retold.text import characters
from retold.text.characters import DIGIT, SOLO, UPPER, WORD, classes
from retold.text.compiled import compiled
from retold.text.pieces import Pieces, lines, stripped
from retold.text.scan import Bytes, Classes, Ints, Texts, Tokens, decode

if TYPE_CHECKING:
    from retold.clean.filters import Dolma3Lines

NAMES = (
    "dolma3.words_removed", "dolma3.lines", "dolma3.uppercase_lines", "dolma3.digit_lines", "dolma3.counter_lines",
    "dolma3.short_lines", "dolma3.empty_lines", "dolma3.phrases_cut",
)  # fmt: skip
REMOVED, LINES, UPPERCASE, DIGITS, COUNTER, SHORT, EMPTY, PHRASES = range(len(NAMES))

_NOUNS = (
    "likes", "shares", "comments", "retweets", "reposts", "quotes", "bookmarks", "upvotes", "downvotes", "downloads",
    "views", "followers",
)  # fmt: skip
_CUT = ("items in cart", "Read more...", "Sign-in")
_BYTES = np.frombuffer("".join((*_NOUNS, *_CUT)).encode(), np.uint8)
_BOUNDS = np.cumsum([0, *(len(phrase) for phrase in (*_NOUNS, *_CUT))])
_COUNTED = len(_NOUNS)
_CART, _MORE, _SIGN = _COUNTED, _COUNTED + 1, _COUNTED + 2
_BLANK = characters.SPACE
_WRITTEN = -1
"""The origin of a space that stands for a phrase."""


def measure(texts: Texts, entry: Dolma3Lines, skipped: npt.NDArray[np.bool_]) -> Measured:
    """Signals and edits of some texts; those that are skipped stay as they are, and lose no words."""
    most = np.inf if entry.max_words is None else entry.max_words
    limits = np.array([entry.max_uppercase, entry.max_digits, entry.min_words, most], np.float64)
    out = np.zeros((len(NAMES), len(texts)))
    ranges = room(texts)
    longest = int(np.diff(texts.bounds).max(initial=0)) + 1
    room_for_line = (np.empty(longest, np.uint8), np.empty(longest, np.int64))
    _rules(texts.data, lines(texts), texts.tokens, (classes(), limits), room_for_line, ranges, out)
    edits: list[NewText | None] = []
    for place, made in enumerate(assemble(texts, ranges)):
        found = made
        if found is None and "\n\n\n" in texts.strings[place]:
            found = _whole(texts.strings[place])
        edits.append(None if skipped[place] or found is None else squeezed(found))
    changed = [place for place, made in enumerate(edits) if made is not None]
    left = Texts([made[0] for made in edits if made is not None]).words
    before = np.maximum(texts.words[changed], 1)
    out[REMOVED, changed] = (texts.words[changed] - left) / before
    return Measured(dict(zip(NAMES, out, strict=True)), edits)


def _whole(text: str) -> NewText:
    from retold.core.edit import cut

    return cut(text, [(0, len(text))])


@compiled
def _rules(
    data: Bytes,
    found: Pieces,
    tokens: Tokens,
    settings: tuple[Classes, Numbers],
    line: tuple[Bytes, Ints],
    ranges: Ranges,
    out: Numbers,
) -> None:
    table, limits = settings
    bounds, starts, ends, characters_of = found.bounds, found.start, found.end, found.characters
    token_starts, kinds = tokens.start, tokens.kinds
    token = 0
    for text in range(len(bounds) - 1):
        kept = 0
        for row in range(bounds[text], bounds[text + 1]):
            start, end = starts[row], ends[row]
            words = 0
            while token < len(token_starts) and token_starts[token] < end:
                words += int(kinds[token] & (WORD | SOLO) != 0)
                token += 1
            out[LINES, text] += 1
            glue = NEWLINE if kept else NOTHING
            if start < end:
                rule = _removes(data, start, end, table, characters_of[row], words, limits)
                if rule:
                    out[rule, text] += 1
                    continue
                if words <= limits[3] and _has_phrase(data, start, end):
                    size, cuts = _cut_phrases(data, start, end, table, line)
                    out[PHRASES, text] += cuts
                    if cuts:
                        if size == 0:
                            out[EMPTY, text] += 1
                        else:
                            _write(data, line, size, ranges, text, glue)
                            kept += 1
                        continue
            keep(ranges, data, text, start, end, glue)
            kept += 1


@compiled
def _removes(data: Bytes, start: int, end: int, table: Classes, size: int, words: int, limits: Numbers) -> int:
    """The rule that removes a line, or 0."""
    upper = digits = 0
    place = start
    while place < end:
        code, width = np.int64(data[place]), 1
        if code >= 0x80:
            code, width = decode(data, place, end)
        upper += int(table[code] & UPPER != 0)
        digits += int(table[code] & DIGIT != 0)
        place += width
    if upper / size > limits[0]:
        return UPPERCASE
    if digits / size > limits[1]:
        return DIGITS
    if digits and _is_counter(data, start, end, table):
        return COUNTER
    return SHORT if words < limits[2] else 0


@compiled
def _is_counter(data: Bytes, place: int, end: int, table: Classes) -> bool:
    """A number, perhaps in thousands, and what it counts; nothing but that and symbols."""
    place = _past(data, place, end, table, WORD, False)
    if place >= end:
        return False
    code, width = decode(data, place, end)
    if not table[code] & DIGIT:
        return False
    while place < end:
        code, width = decode(data, place, end)
        if not table[code] & DIGIT and code != 0x2C and code != 0x2E:
            break
        place += width
    if place < end:
        code, width = decode(data, place, end)
        if code == 0x212A or (code < 0x80 and (code | 0x20) in (0x6B, 0x6D, 0x62)):
            place += width
    after = _past(data, place, end, table, _BLANK, True)
    if after == place:
        return False
    for noun in range(_COUNTED):
        stop = _noun(data, after, end, noun)
        if stop and _past(data, stop, end, table, WORD, False) == end:
            return True
    return False


@compiled
def _past(data: Bytes, place: int, end: int, table: Classes, bit: int, having: bool) -> int:
    """The first place from here on whose character has not this bit (or, not `having`, has it)."""
    while place < end:
        code, width = decode(data, place, end)
        if (table[code] & bit != 0) != having:
            break
        place += width
    return place


@compiled
def _noun(data: Bytes, place: int, end: int, noun: int) -> int:
    """The end of a noun that stands here in any case; 0 where another does."""
    for step in range(_BOUNDS[noun], _BOUNDS[noun + 1]):
        if place >= end:
            return 0
        code, width = decode(data, place, end)
        if code == 0x212A:
            code = 0x6B
        elif 0x41 <= code <= 0x5A:
            code += 0x20
        if code != _BYTES[step]:
            return 0
        place += width
    return place


@compiled
def _is_phrase(data: Bytes, place: int, end: int, phrase: int) -> bool:
    size = _BOUNDS[phrase + 1] - _BOUNDS[phrase]
    if place < 0 or end - place < size:
        return False
    for step in range(size):  # noqa: SIM110
        if data[place + step] != _BYTES[_BOUNDS[phrase] + step]:
            return False
    return True


@compiled
def _has_phrase(data: Bytes, start: int, end: int) -> bool:
    for place in range(start, end):
        byte = data[place]
        if byte == 0x69 and _is_phrase(data, place, end, _CART):
            return True
        if (byte == 0x52 and _is_phrase(data, place, end, _MORE)) or (
            byte == 0x53 and _is_phrase(data, place, end, _SIGN)
        ):
            return True
    return False


@compiled
def _blank_before(data: Bytes, start: int, place: int, table: Classes) -> int:
    """How many bytes the white space character has that ends here; 0 for another character."""
    before = place - 1
    while before > start and data[before] & 0xC0 == 0x80:
        before -= 1
    if before < start:
        return 0
    code, _ = decode(data, before, place)
    return place - before if table[code] & _BLANK else 0


@compiled
def _cut_phrases(data: Bytes, start: int, end: int, table: Classes, line: tuple[Bytes, Ints]) -> tuple[int, int]:
    """Write the line without phrases to `line` (bytes, and where each was). Returns (its size, 0 for blank; cuts)."""
    written, origin = line
    size = cuts = 0
    place = free = start
    while place < end:
        if _is_phrase(data, place, end, _CART):
            size -= _blank_before(data, free, place, table)
            written[size], origin[size] = 0x20, _WRITTEN
            size += 1
            cuts += 1
            place += _BOUNDS[_CART + 1] - _BOUNDS[_CART]
            if place < end:
                code, width = decode(data, place, end)
                place += width if table[code] & _BLANK else 0
            free = place
            continue
        written[size], origin[size] = data[place], place
        size += 1
        place += 1
    if cuts and _is_blank(written, 0, size, table):
        return 0, cuts
    more = _BOUNDS[_MORE + 1] - _BOUNDS[_MORE]
    if _is_phrase(written, size - more, size, _MORE):
        size -= more
        size -= _blank_before(written, 0, size, table)
        cuts += 1
        if _is_blank(written, 0, size, table):
            return 0, cuts
    first = 0
    if _is_phrase(written, 0, size, _SIGN):
        first = _BOUNDS[_SIGN + 1] - _BOUNDS[_SIGN]
        if first < size:
            code, width = decode(written, first, size)
            first += width if table[code] & _BLANK else 0
        cuts += 1
        if _is_blank(written, first, size, table):
            return 0, cuts
    for step in range(first, size):
        written[step - first], origin[step - first] = written[step], origin[step]
    return size - first, cuts


@compiled
def _is_blank(data: Bytes, start: int, end: int, table: Classes) -> bool:
    place, stop = stripped(data, start, end, table)
    return place == stop


@compiled
def _write(data: Bytes, line: tuple[Bytes, Ints], size: int, ranges: Ranges, text: int, glue: int) -> None:
    """Add what a line keeps, in runs of bytes that stood together, and the spaces that stand for phrases."""
    _, origin = line
    place = 0
    while place < size:
        first = place
        if origin[place] == _WRITTEN:
            if glue != NOTHING:
                near = _near(origin, place, size)
                keep(ranges, data, text, near, near, glue)
            glue = SPACE
            place += 1
            continue
        while place < size and origin[place] == origin[first] + place - first:
            place += 1
        keep(ranges, data, text, origin[first], origin[first] + place - first, glue)
        glue = NOTHING
    if glue != NOTHING:
        near = _near(origin, size - 1, size)
        keep(ranges, data, text, near, near, glue)


@compiled
def _near(origin: Ints, place: int, size: int) -> Any:
    """The byte of the text before which something written at `place` stands: that of what follows, or the last one."""
    for step in range(place, size):
        if origin[step] != _WRITTEN:
            return origin[step]
    while origin[place] == _WRITTEN:
        place -= 1
    return origin[place] + 1
