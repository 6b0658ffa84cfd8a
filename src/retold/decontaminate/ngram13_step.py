"""The step `decontaminate` by 13-grams: a Fold, since n-grams that many documents have are ignored.

GPT-3 ignores n-grams that collide with more than 10 training documents: they are phrases, licences and boilerplate.
Sketch: of each part, in how many documents each n-gram of the sets stands (at most the n-grams of the sets, whatever
the part holds), and the ids of documents with any. Merge: the sums over all parts say what is ignored; documents with
any are read once more, part by part, and judged. Memory: 4 bytes an n-gram of the sets, and 16 bytes a document that
has one; a document without is forgotten at once.

For retellings nothing is ignored: ten retellings of one recited item are ten leaks, and a retelling is soon made again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from retold.core.document import Contamination
from retold.core.step import Output, Part, View
from retold.decontaminate.items import read_items
from retold.decontaminate.removal import COLUMNS, MOST_ROWS, TABLES, Rows, document
from retold.decontaminate.sampled import Pinned, sets_identity
from retold.decontaminate.settings import Decontaminate
from retold.text.shingles import columns

if TYPE_CHECKING:
    from retold.decontaminate.ngram13 import Collisions, Finder, Grams13

SKETCH = pa.schema([("gram", pa.int32()), ("documents", pa.int32()), ("document", pa.binary(16))])
"""One row an n-gram with its number of documents, and one row a document that has any."""

FIELD = "text"


@lru_cache(maxsize=2)
def finder(files: Pinned) -> Finder:
    """The finder over these files: once in a process."""
    from retold.decontaminate.ngram13 import Finder, index  # compiled code is loaded where it is used

    return Finder(index(read_items(files)))


def _identity(settings: Decontaminate, files: Pinned) -> Mapping[str, Any]:
    return {
        "settings": settings.identity(),
        "sets": sets_identity(files),
        "unicode": unicodedata.unidata_version,
    }


@dataclass
class Ngram13:
    """Fold: sources against the 13-grams of `sets`."""

    settings: Decontaminate
    sets: Pinned
    name: str = "decontaminate"
    version: int = 3
    writes: tuple[str, ...] = TABLES

    def identity(self) -> Mapping[str, Any]:
        """Settings, evaluation files by content, and the version of Unicode that words are folded by."""
        return _identity(self.settings, self.sets)

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """How many documents of the part have each n-gram, and which documents have any."""
        looking = finder(self.sets)
        counts = np.zeros(len(looking.index.item_of), np.int32)
        for batch in view.documents(["source"], part=part.name, columns=["document_id", "text"]):
            named = []
            for place, found in collisions(batch, looking):
                counts[np.unique(found.gram)] += 1
                named.append(bytes.fromhex(batch["document_id"][place].as_py()))
            if named:
                nothing = pa.nulls(len(named), pa.int32())
                yield pa.RecordBatch.from_arrays([nothing, nothing, pa.array(named, pa.binary(16))], schema=SKETCH)
        there = np.flatnonzero(counts).astype(np.int32)
        if len(there):
            columns = [pa.array(there), pa.array(counts[there]), pa.nulls(len(there), pa.binary(16))]
            yield pa.RecordBatch.from_arrays(columns, schema=SKETCH)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Rows by part. n-grams in more than `frequent` documents count for nothing."""
        looking = finder(self.sets)
        counts = np.zeros(len(looking.index.item_of), np.int64)
        named: list[tuple[Part, pa.Array]] = []
        for part, batches in sketches:
            ids = []
            for batch in batches:
                rows = batch.filter(batch["gram"].is_valid())
                counts[rows["gram"].to_numpy()] += rows["documents"].to_numpy()
                ids += [one.hex() for one in batch["document"].drop_null().to_pylist()]
            if ids:
                named.append((part, pa.array(ids, pa.string())))
        ignored = counts > self.settings.frequent
        for part, wanted in named:
            judging = Rows(self.settings.removal)
            for batch in view.documents(["source"], part=part.name, columns=list(COLUMNS)):
                chosen = batch.filter(pc.is_in(batch["document_id"], wanted))
                for output in _judge(chosen, looking, ignored, judging):
                    yield part.name, output
            for output in judging.rest(part, view):
                yield part.name, output


@dataclass
class Ngram13Retellings:
    """Map: retellings against the 13-grams of `sets`."""

    settings: Decontaminate
    sets: Pinned
    name: str = "decontaminate_retellings"
    version: int = 2
    writes: tuple[str, ...] = TABLES

    def identity(self) -> Mapping[str, Any]:
        """See Ngram13."""
        return _identity(self.settings, self.sets)

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All rows of one part."""
        looking = finder(self.sets)
        nothing = np.zeros(len(looking.index.item_of), bool)
        judging = Rows("document")
        for batch in view.documents(["retelling"], part=part.name, columns=list(COLUMNS)):
            yield from _judge(batch, looking, nothing, judging)
        yield from judging.rest(part, view)


def collisions(batch: pa.RecordBatch, looking: Finder) -> Iterator[tuple[int, Collisions]]:
    """(row, collisions) for each document with any."""
    data, offsets = columns(batch["text"])
    for place in range(len(offsets) - 1):
        found = looking.find(data[offsets[place] : offsets[place + 1]])
        if len(found.gram):
            yield place, found


def _judge(batch: pa.RecordBatch, looking: Finder, ignored: npt.NDArray[np.bool_], judging: Rows) -> Iterator[Output]:
    for place, found in collisions(batch, looking):
        one = document(batch.slice(place, 1).to_pylist()[0])
        rows = _spans(one.document_id, one.text, found, looking.index, ignored)
        if rows:
            judging.add(one, rows)
            yield from judging.full()


def _spans(
    name: str, text: str, found: Collisions, index: Grams13, ignored: npt.NDArray[np.bool_]
) -> list[Contamination]:
    """Collisions that overlap as one span, of the item to which most of its n-grams belong."""
    spans: list[tuple[int, int, dict[int, int]]] = []
    for number, start, end in zip(*(column.tolist() for column in found), strict=True):
        if ignored[number]:
            continue
        if not spans or start > spans[-1][1]:
            spans.append((start, end, {}))
        first, last, items = spans[-1]
        spans[-1] = (first, max(last, end), items)
        owner = int(index.item_of[number])
        items[owner] = items.get(owner, 0) + 1
    raw = text.encode("utf-8", "surrogatepass")
    rows = []
    for start, end, items in spans[:MOST_ROWS]:
        item = index.items[min(items, key=lambda one: (-items[one], one))]
        first = len(raw[:start].decode("utf-8", "replace"))
        last = first + len(raw[start:end].decode("utf-8", "replace"))
        rows.append(Contamination(name, item.set, item.key, FIELD, 1.0, first, last, True))
    return rows
