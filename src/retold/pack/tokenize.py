"""From texts to pieces of rows: token ids, and the characters that they came from.

    tokenised(encoder, document, ids, length)           one document: where it is cut, which tokens carry no loss
    cut(tokenised, end, places) -> Pieces               its pieces in their places
    assemble(pieces, first_row, rows, length, end)      rows of the table `packed`

A range of a row names its document, `[char_start, char_end)` of the document's text and `[token_start, token_end)` of
the row. Ranges lie side by side from the first token of a row to the last that counts, and the end token belongs to the
document that it ends: so the borders are those that a trainer with attention inside documents needs. What is left of a
row is filled with the end token, loss mask 0; tokens of text without loss have 0 as well.

A document longer than a row is cut before a word that follows white space, at most LOOK_BACK tokens before the row is
full: a row of English loses less than one place, and each piece, tokenised alone, gives its own tokens again. Where
there is no such word the cut is between two characters, and inside one only where a row ends in its bytes: then both
pieces name that character. Offsets count characters, not bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retold.core.document import Stretch
from retold.core.schema import RANGE, TABLES
from retold.pack.tokenizer import Encoder, Offsets

PIECES = pa.schema(
    [
        ("row", pa.int64()),
        ("offset", pa.int32()),
        ("ids", pa.list_(pa.int32())),
        ("document_id", pa.string()),
        ("char_start", pa.int64()),
        ("char_end", pa.int64()),
        ("silent", pa.list_(pa.int32())),
    ]
)
LOOK_BACK = 64
CHARACTER_TOKENS = 8  # more than one character ever takes
Place = tuple[int, int]
Tokens = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Text:
    """What is packed of a document."""

    document_id: str
    text: str
    no_loss: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Tokenised:
    """A document's tokens without its end, and for each piece its first token and its characters.

    `silent` are the tokens that carry no loss.
    """

    document_id: str
    ids: NDArray[np.int32]
    starts: list[int]
    char_starts: list[int]
    char_ends: list[int]
    silent: NDArray[np.int32]

    def places(self, length: int) -> int:
        """The places that it takes, its end included, when all its pieces but the last count as whole rows."""
        return (len(self.starts) - 1) * length + len(self.ids) + 1 - self.starts[-1]


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens of one document in one row; `silent` are places in `ids` that carry no loss."""

    row: int
    offset: int
    ids: NDArray[np.int32]
    document_id: str
    char_start: int
    char_end: int
    silent: NDArray[np.int32]


_LOUD = np.empty(0, dtype=np.int32)


def begins(text: str, place: int) -> bool:
    """Whether white space before a word begins at this character: a border of words in every tokenizer."""
    return 0 < place < len(text) and text[place].isspace() and not text[place - 1].isspace()


def _border(text: str, first: Offsets, after: Offsets, begun: int, full: int) -> int:
    """The last good border at or before token `full`, where a row that began at `begun` is full, in its second half."""
    for place in range(full, full - min(LOOK_BACK, (full - begun) // 2), -1):
        if place < len(first) and begins(text, int(first[place])) and after[place - 1] <= first[place]:
            return place
    for place in range(full, full - CHARACTER_TOKENS, -1):
        if place == len(first) or after[place - 1] <= first[place]:
            return place
    return full


def tokenised(encoder: Encoder, document: Text, ids: Tokens, length: int) -> Tokenised:
    """One document, with the tokens and characters at which its pieces begin. Characters are counted where needed."""
    starts, size = [0], len(document.text)
    if len(ids) < length and not document.no_loss:
        return Tokenised(document.document_id, ids, starts, [0], [size], _LOUD)
    first, after = encoder.characters(document.text, ids)
    while len(ids) + 1 - starts[-1] > length:
        starts.append(_border(document.text, first, after, starts[-1], starts[-1] + length))
    begin = [_at(first, start, size) for start in starts]
    end = [int(after[stop - 1]) for stop in starts[1:]]
    silent = _silent(document.no_loss, first, after) if document.no_loss else _LOUD
    return Tokenised(document.document_id, ids, starts, begin, [*end, size], silent)


def cut(document: Tokenised, end: int, places: Sequence[Sequence[Place]]) -> list[Piece]:
    """The pieces of one document, its end token included, once for each of its `places` (row, offset)."""
    tokens = np.append(document.ids, np.int32(end))
    stops, quiet = [*document.starts[1:], len(tokens)], document.silent
    bounds = [
        (tokens[start:stop], begin, until, quiet[(quiet >= start) & (quiet < stop)] - np.int32(start))
        for start, stop, begin, until in zip(
            document.starts, stops, document.char_starts, document.char_ends, strict=True
        )
    ]
    return [
        Piece(row, offset, ids, document.document_id, begin, until, silent)
        for copy in places
        for (ids, begin, until, silent), (row, offset) in zip(bounds, copy, strict=True)
    ]


def _at(first: Offsets, token: int, length: int) -> int:
    return int(first[token]) if token < len(first) else length


def _silent(stretches: Sequence[Stretch], first: Offsets, after: Offsets) -> NDArray[np.int32]:
    """The tokens that touch a range without loss."""
    quiet = np.zeros(len(first), dtype=np.bool_)
    for stretch in stretches:
        if stretch.start < stretch.end:
            quiet |= (first < stretch.end) & (after > stretch.start)
    return np.flatnonzero(quiet).astype(np.int32)


def as_batch(pieces: Sequence[Piece]) -> pa.RecordBatch:
    """Pieces as a record batch with the schema PIECES."""
    return pa.RecordBatch.from_arrays(
        [
            pa.array([piece.row for piece in pieces], pa.int64()),
            pa.array([piece.offset for piece in pieces], pa.int32()),
            lists([piece.ids for piece in pieces]),
            pa.array([piece.document_id for piece in pieces], pa.string()),
            pa.array([piece.char_start for piece in pieces], pa.int64()),
            pa.array([piece.char_end for piece in pieces], pa.int64()),
            lists([piece.silent for piece in pieces]),
        ],
        schema=PIECES,
    )


def lists(values: Sequence[NDArray[np.int32]]) -> Any:
    """A column of lists of int32."""
    bounds = np.cumsum([0, *(len(value) for value in values)], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(np.concatenate(values), pa.int32()))


def assemble(pieces: pa.Table, first_row: int, phases: Sequence[str], length: int, end: int) -> pa.RecordBatch:
    """Rows from `first_row` on of the table `packed`, one for each of `phases`, from all their pieces, in any order."""
    rows = len(phases)
    pieces = pieces.sort_by([("row", "ascending"), ("offset", "ascending")]).combine_chunks()
    row = pieces["row"].to_numpy() - first_row
    offset = pieces["offset"].to_numpy().astype(np.int64)
    sizes = np.diff(_flat(pieces["ids"]).offsets.to_numpy())
    ids = np.full(rows * length, end, dtype=np.int32)
    mask = np.zeros(rows * length, dtype=np.uint8)
    total = int(sizes.sum())
    starts = row * length + offset
    where = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(total)
    ids[where] = _flat(pieces["ids"]).flatten().to_numpy()
    mask[where] = 1
    quiet = _flat(pieces["silent"])
    mask[np.repeat(starts, np.diff(quiet.offsets.to_numpy())) + quiet.flatten().to_numpy()] = 0
    ranges = pa.StructArray.from_arrays(
        [
            _flat(pieces["document_id"]),
            _flat(pieces["char_start"]),
            _flat(pieces["char_end"]),
            pa.array(offset, pa.int32()),
            pa.array(offset + sizes, pa.int32()),
        ],
        fields=list(RANGE),
    )
    bounds = np.searchsorted(row, np.arange(rows + 1)).astype(np.int32)
    tokens = pa.array(np.arange(rows + 1, dtype=np.int32) * length)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(first_row, first_row + rows), pa.int64()),
            pa.array(phases, pa.string()),
            pa.ListArray.from_arrays(tokens, pa.array(ids)),
            pa.ListArray.from_arrays(tokens, pa.array(mask)),
            pa.ListArray.from_arrays(pa.array(bounds), ranges),
        ],
        schema=TABLES["packed"].columns,
    )


def _flat(column: Any) -> Any:
    """A column that is one chunk, as an array without an offset of its own."""
    array = column.combine_chunks()
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
