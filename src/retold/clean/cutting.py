"""From the ranges of bytes that a line rule keeps to new texts with their way back.

A rule says, for each text, which ranges of its bytes go on and what stands before each: nothing, a newline or a space
(`GLUE`). Ranges that follow each other, or are parted by the very newline that would be written, are one range. Most
texts keep one range, which is all of them: these stay.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.clean.entry import NewText
from retold.core.document import Unchanged
from retold.core.edit import chain
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
    firsts = np.searchsorted(ranges.text[:count], np.arange(len(texts) + 1))
    bounds, found = texts.bounds, []
    for text in range(len(texts)):
        rows = range(int(firsts[text]), int(firsts[text + 1]))
        whole = len(rows) == 1 and ranges.start[rows[0]] == bounds[text] and ranges.end[rows[0]] == bounds[text + 1]
        found.append(None if whole else _joined(texts, ranges, text, rows, strip))
    return found


def _joined(texts: Texts, ranges: Ranges, text: int, rows: range, strip: bool) -> NewText | None:
    data, last = texts.data, int(texts.bounds[text])
    written: list[str] = []
    kept: list[Unchanged] = []
    place = parent = 0
    for row in rows:
        start, end = int(ranges.start[row]), int(ranges.end[row])
        between = GLUE[ranges.glue[row]]
        piece = data[start:end].tobytes().decode("utf-8", "surrogatepass")
        parent += len(data[last:start].tobytes().decode("utf-8", "surrogatepass"))
        place += len(between)
        if piece:
            kept.append(Unchanged(place, parent, len(piece)))
        written += (between, piece)
        place, parent, last = place + len(piece), parent + len(piece), end
    made, found = "".join(written), tuple(kept)
    if strip and made != made.strip():
        made, found = _sliced(made, found, len(made) - len(made.lstrip()), len(made.rstrip()))
    return None if made == texts.strings[text] else (made, found)


def _sliced(text: str, kept: tuple[Unchanged, ...], start: int, end: int) -> NewText:
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
