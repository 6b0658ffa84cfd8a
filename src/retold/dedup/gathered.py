"""The sketches of all documents in one place, in an order that depends on the documents alone.

In: the sketches of a Fold: for each document its id, how much the keep-rule prefers it, and `width` words of 64 bits
(a signature, or a digest). Nothing is copied: words stay in the Arrow buffers in which they came, part after part in
order of the parts' names, and are read from there.

`ordered()` ranks the documents: those kept before in this store first, then by preference, then by id. Equal documents
of several parts stand in the order of the parts' names. Whatever is decided by rank is decided by content, never by
the order of files, parts or workers (law 1).

Memory, for each document: 20 bytes and `8 * width` in Arrow; 21 more while the ranks are made and 20 for sorting, then
4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.core.step import Part
from retold.text.compiled import allocating, compiled

List: Any = None
"""numba's typed list, once it is loaded: compiled functions look it up here."""

ID = np.dtype([("high", ">u8"), ("low", ">u8")])
Ids = npt.NDArray[np.void]


def sketch_schema(width: int) -> pa.Schema:
    """One row a document."""
    return pa.schema([("id", pa.binary(16)), ("preference", pa.uint32()), ("words", pa.binary(8 * width))])


def sketch(ids: list[str], preference: npt.NDArray[np.uint32], words: npt.NDArray[np.uint64]) -> pa.RecordBatch:
    """Rows for documents with these ids (hexadecimal), preferences, and words of shape (documents, width)."""
    schema = sketch_schema(words.shape[1])
    packed = pa.py_buffer(np.ascontiguousarray(words))
    arrays = [
        pa.array([bytes.fromhex(name) for name in ids], schema.types[0]),
        pa.array(preference, schema.types[1]),
        pa.Array.from_buffers(schema.types[2], len(ids), [None, packed]),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@dataclass(frozen=True)
class Chunk:
    """Some documents of one part: views into Arrow's memory."""

    part: Part
    ids: Ids
    preference: npt.NDArray[np.uint32]
    words: npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Ordered:
    """Documents by rank: `place` says which document has a rank, `before` whether it was kept before."""

    place: npt.NDArray[np.int32]
    before: npt.NDArray[np.bool_]


class Gathered:
    """All documents, numbered chunk after chunk."""

    def __init__(self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], width: int) -> None:
        chunks = [_chunk(part, rows, width) for part, batches in sketches for rows in batches if rows.num_rows]
        self.chunks = sorted(chunks, key=lambda chunk: chunk.part.name)
        self.starts = np.cumsum([0, *(len(chunk.ids) for chunk in self.chunks)], dtype=np.int64)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def ranges(self) -> Iterator[tuple[Chunk, int, int]]:
        """Each chunk with the numbers of its first document and of the one after its last."""
        yield from zip(self.chunks, self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)

    def words(self) -> Any:
        """The words of every chunk, for kernels."""
        global List
        from numba.typed import List  # loaded when there is something to compare

        found = _list_of(self.chunks[0].words)
        for chunk in self.chunks[1:]:
            _append(found, chunk.words)
        return found

    def ids(self) -> Ids:
        """All ids, copied: 16 bytes a document."""
        return np.concatenate([chunk.ids for chunk in self.chunks]) if self.chunks else np.empty(0, ID)

    def column(self, band: int, salts: Mapping[str, int]) -> npt.NDArray[np.uint64]:
        """One word of each document, mixed with the salt of its part."""
        column = np.empty(len(self), dtype=np.uint64)
        for chunk, first, end in self.ranges():
            np.bitwise_xor(chunk.words[:, band], np.uint64(salts[chunk.part.name]), out=column[first:end])
        return column

    def ordered(self, kept: Ids) -> Ordered:
        """The ranks; `kept` holds the ids that the last comparison kept, in any order."""
        ids = self.ids()
        high, low = ids["high"].astype(np.uint64), ids["low"].astype(np.uint64)
        del ids
        least = np.empty(len(self), dtype=np.uint32)
        for chunk, first, end in self.ranges():
            np.invert(chunk.preference, out=least[first:end])
        late = np.ones(len(self), dtype=np.bool_)
        if len(kept):
            _mark(late, high, low, least, kept)
        place = np.lexsort((low, high, least, late)).astype(np.int32)
        return Ordered(place, ~late[place])


def _chunk(part: Part, rows: pa.RecordBatch, width: int) -> Chunk:
    ids, preference, words = (rows.column(name) for name in ("id", "preference", "words"))
    return Chunk(
        part,
        _view(ids, ID, 16),
        preference.to_numpy(),
        _view(words, np.dtype(np.uint64), 8).reshape(rows.num_rows, width),
    )


def _view(column: pa.Array, kind: np.dtype[Any], size: int) -> Any:
    """The memory of an array of fixed width as items of `size` bytes."""
    width = column.type.byte_width
    count = len(column) * width // size
    return np.frombuffer(column.buffers()[1], kind, count, column.offset * width)


def _mark(
    late: npt.NDArray[np.bool_],
    high: npt.NDArray[np.uint64],
    low: npt.NDArray[np.uint64],
    least: npt.NDArray[np.uint32],
    kept: Ids,
) -> None:
    """Clears `late` for what was kept before: for one of several equal documents only, the most preferred."""
    kept_high, kept_low = kept["high"].astype(np.uint64), kept["low"].astype(np.uint64)
    known = np.lexsort((kept_low, kept_high))
    _mark_sorted(late, high, low, np.lexsort((least, low, high)), kept_high[known], kept_low[known])


@allocating
def _list_of(words: Any) -> Any:
    """A typed list, made by code that is kept on disk: numba compiles its own in each process (0.2 s)."""
    found = List()
    found.append(words)
    return found


@allocating
def _append(found: Any, words: Any) -> None:
    found.append(words)


@compiled
def _mark_sorted(late: Any, high: Any, low: Any, order: Any, kept_high: Any, kept_low: Any) -> None:
    at = 0
    for turn in range(len(order)):
        document = order[turn]
        if turn and high[order[turn - 1]] == high[document] and low[order[turn - 1]] == low[document]:
            continue
        while at < len(kept_high) and (
            kept_high[at] < high[document] or (kept_high[at] == high[document] and kept_low[at] < low[document])
        ):
            at += 1
        if at < len(kept_high) and kept_high[at] == high[document] and kept_low[at] == low[document]:
            late[document] = False
