"""Texts cut into lines and paragraphs by compiled code, with what each repeats; see `scan.py`.

A line is what stands between two "\\n"; a paragraph, of the text without space at its ends, what stands between two or
more. Both as one row each: bytes in the buffer, characters, and the first piece of the text that it is equal to.

Sentences are only counted: one ends at a mark that ends sentences in some script (`characters.TERMINALS`) or a run of
such marks, with the quotes and brackets that close after it, where white space or the end follows; marks of scripts
without spaces (from U+2E80 on) need nothing after them. What is left at the end counts too. "e.g. this" is two.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from retold.text.characters import SPACE, TERMINAL, TERMINALS, classes
from retold.text.compiled import compiled
from retold.text.scan import (
    BLOCK,
    Bytes,
    Classes,
    Ints,
    Texts,
    compare,
    decode,
    eight,
    has,
    is_plain,
    key_of,
    slots_for,
)

_NEWLINE = 0x0A
_SPACES = np.uint64(0x2020202020202020)
_CLOSING = np.array([ord(mark) for mark in "\"')]}”’»›」』）"], np.int64)
_UNSPACED = 0x2E80
_MAY_END = np.array([byte >= 0x80 or chr(byte) in TERMINALS for byte in range(256)])
_FILLS = np.array([byte < 0x80 and not chr(byte).isspace() for byte in range(256)])
"""For each byte: whether a sentence may end there; whether it is a character of ASCII other than space."""


class Pieces(NamedTuple):
    """One row a piece. `bounds[d]` to `bounds[d + 1]` are the rows of text d; `same` counts within its text."""

    bounds: Ints
    start: Ints
    end: Ints
    characters: npt.NDArray[np.int32]
    same: npt.NDArray[np.int32]


def lines(texts: Texts) -> Pieces:
    """Every line, empty ones too. Cut once for the same texts."""
    if "lines" in texts.notes:
        return cast(Pieces, texts.notes["lines"])
    room = len(texts) + int(np.count_nonzero(texts.data == _NEWLINE))
    cut = texts.notes["lines"] = _compared(texts, room, lambda found: _lines(texts.data, texts.bounds, found))
    return cut


def paragraphs(texts: Texts) -> Pieces:
    """The paragraphs of the stripped text; one empty one for a text of nothing but space."""
    room = len(texts) + int(np.count_nonzero(texts.data == _NEWLINE))
    return _compared(texts, room, lambda found: _paragraphs(texts.data, texts.bounds, classes(), found))


def _compared(texts: Texts, room: int, fill: Any) -> Pieces:
    bounds = np.zeros(len(texts) + 1, np.int64)
    start, end = np.empty(room, np.int64), np.empty(room, np.int64)
    found = Pieces(bounds, start, end, np.empty(room, np.int32), np.empty(room, np.int32))
    count = fill(found)
    keys = np.empty(count, np.uint64)
    _measure(texts.data, found, keys)
    compare(texts.data, found, keys, np.zeros(slots_for(int(np.diff(bounds).max(initial=0))), np.int32))
    return Pieces(bounds, start[:count], end[:count], found.characters[:count], found.same[:count])


@compiled
def stripped(data: Bytes, place: int, end: int, table: Classes) -> tuple[int, int]:
    """The bytes without the white space at both ends, as `str.strip`."""
    while place < end:
        if 0x20 < data[place] < 0x80:
            break
        code, width = decode(data, place, end)
        if not table[code] & SPACE:
            break
        place += width
    while end > place:
        if 0x20 < data[end - 1] < 0x80:
            break
        before = end - 1
        while before > place and data[before] & 0xC0 == 0x80:
            before -= 1
        code, _ = decode(data, before, end)
        if not table[code] & SPACE:
            break
        end = before
    return place, end


@compiled
def length(data: Bytes, place: int, end: int) -> int:
    """Code points in some bytes."""
    part = data[place:end]
    count = 0
    for step in range(len(part)):
        count += int(part[step] & 0xC0 != 0x80)
    return count


@compiled
def _next_newline(data: Bytes, place: int, end: int) -> int:
    """Where the next one is; `end` for none. Eight bytes at a look."""
    at, stop = np.uint64(place), np.uint64(end)  # a number without a sign is never counted from the end
    while at + np.uint64(BLOCK) <= stop and not has(eight(data, at), _NEWLINE):
        at += np.uint64(BLOCK)
    while at < stop and data[at] != _NEWLINE:
        at += np.uint64(1)
    return int(np.int64(at))


@compiled
def _lines(data: Bytes, bounds: Ints, found: Pieces) -> int:
    rows, starts, ends = found.bounds, found.start, found.end
    count = 0
    for text in range(len(bounds) - 1):
        rows[text] = count
        starts[count] = bounds[text]
        place, end = bounds[text], bounds[text + 1]
        while place < end:
            place = _next_newline(data, place, end)
            if place < end:
                ends[count] = place
                count += 1
                place += 1
                starts[count] = place
        ends[count] = bounds[text + 1]
        count += 1
    rows[len(bounds) - 1] = count
    return count


@compiled
def _paragraphs(data: Bytes, bounds: Ints, table: Classes, found: Pieces) -> int:
    count = 0
    for text in range(len(bounds) - 1):
        found.bounds[text] = count
        place, end = stripped(data, bounds[text], bounds[text + 1], table)
        found.start[count] = place
        while place < end:
            place = _next_newline(data, place, end)
            if place + 1 < end and data[place + 1] == _NEWLINE:
                found.end[count] = place
                while place < end and data[place] == _NEWLINE:
                    place += 1
                count += 1
                found.start[count] = place
            else:
                place += 1
        found.end[count] = end
        count += 1
    found.bounds[len(bounds) - 1] = count
    return count


@compiled
def _measure(data: Bytes, found: Pieces, keys: npt.NDArray[np.uint64]) -> None:
    starts, ends, characters = found.start, found.end, found.characters
    for row in range(len(keys)):
        characters[row] = length(data, starts[row], ends[row])
        keys[row] = key_of(data, starts[row], ends[row])


@compiled
def count_sentences(data: Bytes, place: int, end: int, table: Classes) -> int:
    """How many sentences these bytes hold; see the module."""
    count = 0
    open_ = False
    while place < end:
        at, stop = np.uint64(place), np.uint64(end)  # a number without a sign is never counted from the end
        while at < stop:
            if at + np.uint64(BLOCK) <= stop:
                block = eight(data, at)
                if is_plain(block) and not (has(block, 0x2E) or has(block, 0x3F) or has(block, 0x21)):
                    open_ |= block != _SPACES
                    at += np.uint64(BLOCK)
                    continue
            if _MAY_END[data[at]]:
                break
            open_ |= _FILLS[data[at]]
            at += np.uint64(1)
        place = int(np.int64(at))
        if place == end:
            break
        code, width = np.int64(data[place]), 1
        if code >= 0x80:
            code, width = decode(data, place, end)
        place += width
        if not table[code] & TERMINAL:
            open_ = open_ or not table[code] & SPACE
            continue
        mark = code
        closing = False
        ends = True
        while place < end:
            code, width = decode(data, place, end)
            if table[code] & TERMINAL and not closing:
                mark = code
            elif _closes(code):
                closing = True
            else:
                ends = bool(mark >= _UNSPACED or table[code] & SPACE)
                break
            place += width
        count += int(ends)
        open_ = not ends
    return count + int(open_)


@compiled
def _closes(code: int) -> bool:
    for mark in _CLOSING:  # noqa: SIM110
        if mark == code:
            return True
    return False
