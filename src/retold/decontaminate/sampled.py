"""The step `decontaminate` by sampled matching: documents of a part against an index of evaluation items.

In: documents (sources after deduplication, or retellings after `verify`, since a model may recite what its source does
not hold). Out: a row of `contaminations` for each item and field that a span of the document holds, and what
`removal.py` makes of it. A passage without its question is reported and removes nothing unless the recipe says so: sets
such as BoolQ take their passages from Wikipedia, which is no leak.

Memory: the index (60 bytes a word of the sets, once in a process) and one batch of documents.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from retold.core.document import Contamination
from retold.core.step import Output, Part, View
from retold.decontaminate.items import read_items, set_name
from retold.decontaminate.removal import COLUMNS, MOST_ROWS, TABLES, Rows, document
from retold.decontaminate.settings import Decontaminate, Fields
from retold.read.raw import File
from retold.text.shingles import columns

if TYPE_CHECKING:
    from retold.decontaminate.match import Matcher
    from retold.decontaminate.units import Index

Pinned = tuple[tuple[File, Fields], ...]


class Hit(NamedTuple):
    """A field of an item in a document; bytes."""

    start: int
    end: int
    score: float
    field: int
    set: str
    item: str


def sets_identity(files: Pinned) -> list[Any]:
    """What decides which items are looked for: the files' content, the names of their sets, and their fields."""
    return [[file.digest, set_name(file), fields.identity()] for file, fields in files]


@dataclass
class Sampled:
    """Map step: documents of `kind` against the items of `sets`."""

    settings: Decontaminate
    sets: Pinned
    kind: str = "source"
    version: int = 3
    writes: tuple[str, ...] = TABLES

    @property
    def name(self) -> str:
        """`decontaminate`, or `decontaminate_retellings`."""
        return "decontaminate" if self.kind == "source" else f"decontaminate_{self.kind}s"

    def identity(self) -> Mapping[str, Any]:
        """Settings, evaluation files by content, and the version of Unicode that words are folded by."""
        return {
            "settings": self.settings.identity(),
            "sets": sets_identity(self.sets),
            "kind": self.kind,
            "unicode": unicodedata.unidata_version,
        }

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All rows of one part."""
        index, matcher = prepared(self.settings.score, self.settings.every, self.sets)
        keep_passages = self.settings.passages == "report"
        rows = Rows(self.settings.removal)
        for batch in view.documents([self.kind], part=part.name, columns=list(COLUMNS)):
            for place, found, all_found in _found(batch, index, matcher, keep_passages):
                rows.add(document(batch.slice(place, 1).to_pylist()[0]), found, all_found=all_found)
                yield from rows.full()
        yield from rows.rest(part, view)


@lru_cache(maxsize=2)
def prepared(score: float, every: int, files: Pinned) -> tuple[Index, Matcher]:
    """The index over these files, with its working memory: once in a process, 1 s for 10,000 items."""
    from retold.decontaminate.match import Matcher  # compiled code is loaded where it is used
    from retold.decontaminate.units import index

    made = index(read_items(files), score)
    return made, Matcher(made.units, every)


def contaminations(
    batch: pa.RecordBatch, index: Index, matcher: Matcher, keep_passages: bool = True
) -> Iterator[tuple[int, list[Contamination]]]:
    """(row, what it holds) for each document with a hit, in order."""
    for place, rows, _ in _found(batch, index, matcher, keep_passages):
        yield place, rows


def _found(
    batch: pa.RecordBatch, index: Index, matcher: Matcher, keep_passages: bool
) -> Iterator[tuple[int, list[Contamination], bool]]:
    """The same, and whether that is all: of one document the matcher reports so many hits and no more."""
    from retold.decontaminate.match import HITS_OF_A_DOCUMENT
    from retold.decontaminate.units import FIELDS, PASSAGE

    data, offsets = columns(batch["text"])
    hits = matcher.match(data, offsets)
    by_document: dict[int, list[Hit]] = {}
    for place, unit, score, start, end in zip(*(column.tolist() for column in hits), strict=True):
        item = index.items[index.item_of[unit]]
        hit = Hit(start, end, round(score, 4), int(index.field_of[unit]), item.set, item.key)
        by_document.setdefault(place, []).append(hit)
    for place, found in sorted(by_document.items()):
        name = batch["document_id"][place].as_py()
        whole = data[offsets[place] : offsets[place + 1]].tobytes()
        rows = []
        for hit in best(found):
            first = len(whole[: hit.start].decode("utf-8", "replace"))
            last = first + len(whole[hit.start : hit.end].decode("utf-8", "replace"))
            removes = hit.field != PASSAGE or not keep_passages
            rows.append(Contamination(name, hit.set, hit.item, FIELDS[hit.field], hit.score, first, last, removes))
        yield place, rows, len(found) < HITS_OF_A_DOCUMENT


def best(found: Sequence[Hit]) -> list[Hit]:
    """Of hits on one field that overlap, the best: items made from one template all match a little where one matches.

    In order of place, at most MOST_ROWS; ties go by set and item, never by the order in which sets were read.
    """
    chosen: dict[int, list[Hit]] = {}
    for hit in sorted(found, key=lambda hit: (-hit.score, hit.start, hit.end, hit.set, hit.item)):
        others = chosen.setdefault(hit.field, [])
        if len(others) < MOST_ROWS and all(hit.start >= other.end or other.start >= hit.end for other in others):
            others.append(hit)
    return sorted((hit for others in chosen.values() for hit in others), key=lambda hit: (hit.start, hit.field))[
        :MOST_ROWS
    ]
