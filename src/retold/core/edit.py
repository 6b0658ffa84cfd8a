"""Edits: a text with parts removed or replaced is a new document, whose parent is the old one, with a way back.

In: a document, and its new text as pieces, each a range of the old text or a text of its own. Out: the new document,
the `SpanMap` between the two, and the verdict that takes the old one out of what follows (its row stays, so that what
was removed can be looked at). Ranges count characters.

The id of an edited source is that of its text alone, as for every source: texts that become equal by editing are one
text, and what looks for duplicates sees them. The price: of two parents of one text in one part, the row of the
document names the first; `span_maps` names both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
import numpy.typing as npt

from retold.core.document import Document, Span, SpanMap, Stretch, Unchanged, document_id
from retold.core.schema import Columned
from retold.core.verdict import Subject, Verdict, drop

EDITED = "edited"
EDITED_MEANS = "An edited version of it takes its place."
Piece = tuple[int, int] | str
"""A range of the parent that stays, or what stands there instead."""


Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stretches(Columned, Sequence[Unchanged]):
    """What a text keeps, as three columns: rows are made when they are looked at, a hundred thousand cost nothing."""

    starts: Numbers
    parents: Numbers
    lengths: Numbers

    def __len__(self) -> int:
        return len(self.starts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stretches):
            return NotImplemented
        return all(map(np.array_equal, self.columns(), other.columns()))

    __hash__ = None  # type: ignore[assignment]

    def columns(self) -> tuple[Numbers, Numbers, Numbers]:
        """As `core.schema.batch` writes them."""
        return self.starts, self.parents, self.lengths

    @overload
    def __getitem__(self, place: int) -> Unchanged: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Unchanged]: ...

    def __getitem__(self, place: int | slice) -> Unchanged | Sequence[Unchanged]:
        if isinstance(place, slice):
            return Stretches(self.starts[place], self.parents[place], self.lengths[place])
        return Unchanged(int(self.starts[place]), int(self.parents[place]), int(self.lengths[place]))


@dataclass(frozen=True, slots=True)
class Edit:
    """The rows that an edit makes: the new document, the way back, and the end of the old one."""

    document: Document
    span_map: SpanMap
    verdict: Verdict


def edit(parent: Document, pieces: Iterable[Piece]) -> Edit | None:
    """The edit of a document; None where the text stays as it is. Raises ValueError for ranges out of order."""
    text, kept = cut(parent.text, pieces)
    return None if text == parent.text else edited(parent, text, kept)


def edited(parent: Document, text: str, kept: Sequence[Unchanged]) -> Edit:
    """The edit of a document by its new text and what it keeps of the old one."""
    parents = (parent.document_id,)
    name = document_id(parent.kind, () if parent.kind == "source" else parents, text)
    document = replace(parent, document_id=name, text=text, parents=parents, no_loss=carried(parent.no_loss, kept))
    span_map = SpanMap(name, parent.document_id, len(parent.text), kept)
    kind: Subject = "retelling" if parent.kind == "retelling" else "document"
    return Edit(document, span_map, drop(parent.document_id, kind, EDITED, name))


def carried(stretches: Iterable[Stretch], kept: Sequence[Unchanged]) -> tuple[Stretch, ...]:
    """Where ranges of the parent lie in the edited text, as far as they were kept."""
    found: list[Stretch] = []
    for item in kept if (wanted := tuple(stretches)) else ():
        shift = item.start - item.parent_start
        for stretch in wanted:
            start, end = max(stretch.start, item.parent_start), min(stretch.end, item.parent_start + item.length)
            if start < end:
                found.append(Stretch(start + shift, end + shift))
    return tuple(sorted(found, key=lambda stretch: (stretch.start, stretch.end)))


def cut(text: str, pieces: Iterable[Piece]) -> tuple[str, tuple[Unchanged, ...]]:
    """The new text, and what it keeps. Ranges must ascend and lie in the text; raises ValueError otherwise."""
    written: list[str] = []
    kept: list[Unchanged] = []
    place = last = 0
    for piece in pieces:
        if isinstance(piece, str):
            written.append(piece)
            place += len(piece)
            continue
        start, end = piece
        if not last <= start <= end <= len(text):
            raise ValueError(f"the range {start} to {end} is out of order after {last}, in a text of {len(text)}")
        if start == end:
            continue
        written.append(text[start:end])
        before = kept[-1] if kept else None
        if before and before.start + before.length == place and before.parent_start + before.length == start:
            kept[-1] = replace(before, length=before.length + end - start)
        else:
            kept.append(Unchanged(place, start, end - start))
        place, last = place + end - start, end
    return "".join(written), tuple(kept)


def chain(first: Sequence[Unchanged], second: Sequence[Unchanged]) -> Sequence[Unchanged]:
    """What two edits in a row keep together: `first` from the parent, `second` from what `first` made."""
    (starts, parents, lengths), (new_starts, middles, new_lengths) = _columns(first), _columns(second)
    begin = np.searchsorted(starts + lengths, middles, side="right")
    overlaps = np.maximum(np.searchsorted(starts, middles + new_lengths, side="left") - begin, 0)
    later = np.repeat(np.arange(len(middles)), overlaps)
    earlier = np.arange(len(later)) - np.repeat(np.cumsum(overlaps) - overlaps, overlaps) + begin[later]
    low = np.maximum(middles[later], starts[earlier])
    high = np.minimum(middles[later] + new_lengths[later], starts[earlier] + lengths[earlier])
    found = new_starts[later] + low - middles[later], parents[earlier] + low - starts[earlier], high - low
    return Stretches(*found)


def _columns(kept: Sequence[Unchanged]) -> tuple[Numbers, Numbers, Numbers]:
    if isinstance(kept, Stretches):
        return kept.columns()
    rows = np.array([(item.start, item.parent_start, item.length) for item in kept], np.int64).reshape(-1, 3)
    return rows[:, 0], rows[:, 1], rows[:, 2]


def in_parent(span_map: SpanMap, start: int, end: int) -> Span:
    """The shortest span of the parent that holds all that the characters `start` to `end` of the edited text stand for.

    A character that the edit wrote stands for what was between its neighbours in the parent. Raises ValueError for a
    span that is none.
    """
    if not 0 <= start <= end:
        raise ValueError(f"{start} to {end} is no span")
    if start == end:
        place = _from(span_map, start)
        return Span(span_map.parent_id, place, place)
    return Span(span_map.parent_id, _from(span_map, start), _to(span_map, end))


def _from(span_map: SpanMap, place: int) -> int:
    """Where in the parent the character at `place` begins, or the gap that it stands for."""
    index = bisect_right(span_map.kept, place, key=lambda item: item.start) - 1
    if index < 0:
        return 0
    item = span_map.kept[index]
    return item.parent_start + min(place - item.start, item.length)


def _to(span_map: SpanMap, place: int) -> int:
    """Where in the parent the character before `place` ends, or the gap that it stands for."""
    index = bisect_right(span_map.kept, place - 1, key=lambda item: item.start) - 1
    item = span_map.kept[index] if index >= 0 else None
    if item and place <= item.start + item.length:
        return item.parent_start + place - item.start
    following = index + 1
    return span_map.kept[following].parent_start if following < len(span_map.kept) else span_map.parent_characters
