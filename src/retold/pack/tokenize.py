"""From texts to pieces of rows: token ids, and the characters that they came from.

    cut(encoding, characters, end, places) -> Pieces    one document
    assemble(pieces, first_row, rows, length, end)      rows of the table `packed`

A range of a row names its document, `[char_start, char_end)` of the document's text and `[token_start, token_end)` of
the row. Ranges lie side by side from the first token of a row to the last that counts, and the end token belongs to the
document that it ends: so every token with loss mask 1 has a document, and the borders are those that a trainer with
attention inside documents needs. What is left of a row is filled with the end token, loss mask 0.

Offsets count characters, not bytes: a character may be several byte-level tokens. Where a long document is cut between
two of these, both pieces name the character: pieces overlap by one character there, and never leave one out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retold.core.schema import RANGE, TABLES

PIECES = pa.schema(
    [
        ("row", pa.int64()),
        ("offset", pa.int32()),
        ("ids", pa.list_(pa.int32())),
        ("document_id", pa.string()),
        ("char_start", pa.int64()),
        ("char_end", pa.int64()),
    ]
)
Place = tuple[int, int, int, int]
Piece = tuple[int, int, NDArray[np.int32], str, int, int]


def cut(document_id: str, characters: int, encoding: Any, end: int, places: Sequence[Place]) -> list[Piece]:
    """The pieces of one document at `places` (row, offset, first token, last token + 1), its end token included.

    `encoding` is a `tokenizers.Encoding` with character offsets, `characters` the length of its text.
    """
    ids = np.append(np.asarray(encoding.ids, dtype=np.int32), np.int32(end))
    last = len(ids) - 1  # the end token, which has no characters
    pieces: list[Piece] = []
    reached = 0
    for row, offset, start, stop in places:
        char_start = reached if start == last else min(encoding.token_to_chars(start)[0], reached)
        reached = characters if stop >= last else max(reached, encoding.token_to_chars(stop - 1)[1])
        pieces.append((row, offset, ids[start:stop], document_id, char_start, reached))
    return pieces


def as_batch(pieces: Sequence[Piece]) -> pa.RecordBatch:
    """Pieces as a record batch with the schema PIECES."""
    rows, offsets, ids, documents, starts, ends = zip(*pieces, strict=True)
    bounds = np.cumsum([0, *(len(piece) for piece in ids)], dtype=np.int32)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(rows, pa.int64()),
            pa.array(offsets, pa.int32()),
            pa.ListArray.from_arrays(pa.array(bounds), pa.array(np.concatenate(ids), pa.int32())),
            pa.array(documents, pa.string()),
            pa.array(starts, pa.int64()),
            pa.array(ends, pa.int64()),
        ],
        schema=PIECES,
    )


def assemble(pieces: pa.Table, first_row: int, rows: int, length: int, end: int) -> pa.RecordBatch:
    """Rows `first_row` to `first_row + rows` of the table `packed` from all their pieces, in any order."""
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
            pa.array([""] * rows, pa.string()),
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
