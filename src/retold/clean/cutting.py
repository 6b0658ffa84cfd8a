"""From the ranges of bytes that a line rule keeps to new texts with their way back.

A rule says, for each text, which ranges of its bytes go on and what stands before each: `NOTHING`, `NEWLINE` or
`SPACE`. Ranges that follow each other, or are parted by the very newline that would be written, are one range. Most
texts keep one range, which is all of them: these stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.clean.entry import NewText
from retold.core.document import Unchanged
from retold.core.edit import Stretches, chain
from retold.text.compiled import compiled
from retold.text.pieces import length as characters
from retold.text.scan import Bytes, Ints, Texts

NOTHING, NEWLINE, SPACE = range(3)


class Ranges(NamedTuple):
    """One row a range: its text, its bytes in the buffer, and what stands before it. `filled[0]` rows are there."""

    text: Ints
    start: Ints
    end: Ints
    glue: npt.NDArray[np.int8]
    filled: Ints


def room(texts: Texts) -> Ranges:
    """Space for as many ranges as any rule can keep of these texts; it holds until it is asked for again."""
    size, array = len(texts.data) + len(texts) + 1, texts.room.array
    text, start, end = (array(f"range.{name}", size, np.int64) for name in ("text", "start", "end"))
    return Ranges(text, start, end, array("range.glue", size, np.int8), np.zeros(1, np.int64))


@compiled
def keep(ranges: Any, data: Bytes, text: int, start: int, end: int, glue: int) -> None:
    """Add a range, or lengthen the last one where this one goes on from it."""
    count = ranges.filled[0]
    if count and ranges.text[count - 1] == text:
        last = ranges.end[count - 1]
        follows = glue == NOTHING and last == start
        if follows or (glue == NEWLINE and last + 1 == start and data[last] == 0x0A):
            ranges.end[count - 1] = end
            return
    ranges.text[count] = text
    ranges.start[count] = start
    ranges.end[count] = end
    ranges.glue[count] = glue
    ranges.filled[0] = count + 1


class Made(NamedTuple):
    """New texts in one buffer: `bounds` of each text, and of each range where it stands there and stood, in characters.

    `start`, `parent`, `length`: of the new text, of the old one, and how many.
    """

    data: Bytes
    bounds: Ints
    start: Ints
    parent: Ints
    length: Ints


def assemble(texts: Texts, ranges: Ranges, *, strip: bool = False) -> list[NewText | None]:
    """What each text becomes; None where it stays. A text without ranges becomes empty."""
    count = int(ranges.filled[0])
    firsts = np.searchsorted(ranges.text[:count], np.arange(len(texts) + 1))
    size = int((ranges.end[:count] - ranges.start[:count]).sum()) + count
    columns = [np.empty(count, np.int64) for _ in range(3)]
    made = Made(np.empty(size, np.uint8), np.zeros(len(texts) + 1, np.int64), *columns)
    _write(texts.data, texts.bounds, ranges, firsts, made)
    whole = np.diff(firsts) == 1
    alone = firsts[:-1][whole]
    whole[whole] = (ranges.start[alone] == texts.bounds[:-1][whole]) & (ranges.end[alone] == texts.bounds[1:][whole])
    raw, bounds, places = made.data.tobytes(), made.bounds.tolist(), firsts.tolist()
    found: list[NewText | None] = []
    for text, stays in enumerate(whole.tolist()):
        if stays:
            found.append(None)
            continue
        new = raw[bounds[text] : bounds[text + 1]].decode("utf-8", "surrogatepass")
        rows = slice(places[text], places[text + 1])
        found.append(_kept(texts.strings[text], new, made, rows, strip))
    return found


@compiled
def _write(data: Bytes, bounds: Ints, ranges: Any, firsts: Ints, made: Any) -> None:
    """Fill `made`: the ranges of each text behind what stands before each."""
    starts, ends, glues = ranges.start, ranges.end, ranges.glue
    new, new_starts, parents, lengths = made.data, made.start, made.parent, made.length
    size = 0
    for text in range(len(bounds) - 1):
        made.bounds[text] = size
        place, before = bounds[text], 0  # a place in the old text, and the characters before it
        written = 0
        for row in range(firsts[text], firsts[text + 1]):
            if glues[row] != NOTHING:
                new[size] = 0x0A if glues[row] == NEWLINE else 0x20
                size += 1
                written += 1
            if place <= starts[row]:
                before += characters(data, place, starts[row])
            else:  # a rule may name the place again at which another range ended
                before = characters(data, bounds[text], starts[row])
            length = characters(data, starts[row], ends[row])
            new_starts[row], parents[row], lengths[row] = written, before, length
            part = data[starts[row] : ends[row]]
            target = new[size : size + len(part)]
            for step in range(len(part)):
                target[step] = part[step]
            size += len(part)
            written += length
            before += length
            place = ends[row]
    made.bounds[len(bounds) - 1] = size


def _kept(text: str, new: str, made: Made, rows: slice, strip: bool) -> NewText | None:
    lengths = made.length[rows]
    filled = lengths > 0
    columns = (made.start[rows], made.parent[rows], lengths)
    kept: Sequence[Unchanged] = Stretches(*(column[filled] for column in columns))
    if strip and new != new.strip():
        new, kept = _sliced(new, kept, len(new) - len(new.lstrip()), len(new.rstrip()))
    return None if new == text else (new, kept)


def _sliced(text: str, kept: Sequence[Unchanged], start: int, end: int) -> NewText:
    return text[start:end], chain(kept, (Unchanged(0, start, end - start),)) if end > start else ()


def squeezed(made: NewText, most: int = 2) -> NewText:
    """The same with at most so many newlines in a row."""
    text, kept = made
    run = "\n" * (most + 1)
    if run not in text:
        return made
    pieces: list[str] = []
    ranges: list[Unchanged] = []
    place = written = 0
    while place < len(text):
        found = text.find(run, place)
        end = len(text) if found < 0 else found + most
        pieces.append(text[place:end])
        ranges.append(Unchanged(written, place, end - place))
        written += end - place
        place = end
        while place < len(text) and found >= 0 and text[place] == "\n":
            place += 1
    return "".join(pieces), chain(kept, ranges)
