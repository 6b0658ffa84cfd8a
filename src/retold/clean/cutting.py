"""From the ranges of bytes that a line rule keeps to new texts with their way back.

A rule says, for each text, which ranges of its bytes go on and what stands before each: nothing, a newline or a space
(`GLUE`). Ranges that follow each other, or are parted by the very newline that would be written, are one range. Most
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
from retold.text.scan import Bytes, Ints, Texts

GLUE = ("", "\n", " ")
NOTHING, NEWLINE, SPACE = range(3)


class Ranges(NamedTuple):
    """One row a range: its text, its bytes in the buffer, and what stands before it. `filled[0]` rows are there."""

    text: Ints
    start: Ints
    end: Ints
    glue: npt.NDArray[np.int8]
    filled: Ints


def room(size: int) -> Ranges:
    """Space for so many ranges."""
    small = np.empty(size, np.int8)
    return Ranges(
        np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64), small, np.zeros(1, np.int64)
    )


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


def assemble(texts: Texts, ranges: Ranges, *, strip: bool = False) -> list[NewText | None]:
    """What each text becomes; None where it stays. A text without ranges becomes empty."""
    count = int(ranges.filled[0])
    owners = ranges.text[:count]
    firsts = np.searchsorted(owners, np.arange(len(texts) + 1)).tolist()
    bounds = texts.bounds.tolist()
    found: list[NewText | None] = []
    for text in range(len(texts)):
        first, last = firsts[text], firsts[text + 1]
        whole = last - first == 1 and ranges.start[first] == bounds[text] and ranges.end[first] == bounds[text + 1]
        if whole:
            found.append(None)
            continue
        places = _characters(texts, text, ranges.start[first:last]), _characters(texts, text, ranges.end[first:last])
        found.append(_joined(texts.strings[text], *places, ranges.glue[first:last], strip))
    return found


def _characters(texts: Texts, text: int, places: Ints) -> Ints:
    """Bytes of the buffer as characters of their text."""
    start, end = int(texts.bounds[text]), int(texts.bounds[text + 1])
    found = places - start
    if end - start != texts.characters[text]:
        counted = np.zeros(end - start + 1, np.int64)
        np.cumsum(texts.data[start:end] & 0xC0 != 0x80, out=counted[1:])
        found = counted[found]
    return found


def _joined(text: str, starts: Ints, ends: Ints, glue: npt.NDArray[np.int8], strip: bool) -> NewText | None:
    pieces = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    if len(glue) and glue[0] == NOTHING and (glue[1:] == NEWLINE).all():
        made = "\n".join(pieces)
    else:
        parted = [""] * (2 * len(pieces))
        parted[::2], parted[1::2] = [GLUE[before] for before in glue.tolist()], pieces
        made = "".join(parted)
    lengths = ends - starts
    places = np.cumsum(lengths + (glue != NOTHING)) - lengths
    filled = lengths > 0
    kept: Sequence[Unchanged] = Stretches(places[filled].tolist(), starts[filled].tolist(), lengths[filled].tolist())
    if strip and made != made.strip():
        made, kept = _sliced(made, kept, len(made) - len(made.lstrip()), len(made.rstrip()))
    return None if made == text else (made, kept)


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
