"""The borders of documents in a row, in the forms that attention within documents takes them.

position_ids   0, 1, 2, ... from the beginning of each document of the row, and of its padding
sequence_ids   0 for the first document of the row, 1 for the next, ...; padding is one more
cu_seqlens     where each of these begins, and the length of the row: what variable-length attention kernels take

A document that was forgotten leaves padding before, between or behind others, which is a sequence too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Integers = NDArray[np.int32]


def borders(table: pa.Table) -> tuple[Integers, Integers, Integers]:
    """(begins, rows, length) of the sequences of all rows: token at which each begins, its row, its length."""
    lists = table["documents"].combine_chunks()
    offsets = lists.offsets.to_numpy()
    ranges = lists.flatten()
    starts, ends = (ranges.field(name).to_numpy() for name in ("token_start", "token_end"))
    counts = np.diff(offsets)
    length = len(table["input_ids"][0]) if table.num_rows else 0
    owner = np.repeat(np.arange(table.num_rows), counts)
    last = np.zeros(table.num_rows, dtype=np.int64)
    np.maximum.at(last, owner, ends)
    padded = np.flatnonzero(last < length)
    before = np.r_[0, ends[:-1]][: len(ends)]
    before[offsets[:-1][counts > 0] - offsets[0]] = 0
    gaps = np.flatnonzero(starts > before)
    begins = np.r_[starts, before[gaps], last[padded]]
    rows = np.r_[owner, owner[gaps], padded]
    order = np.lexsort((begins, rows))
    begins, rows = begins[order], rows[order]
    stops = np.r_[begins[1:], length] if len(begins) else begins
    new = np.r_[rows[1:] != rows[:-1], True] if len(rows) else np.empty(0, dtype=np.bool_)
    return begins.astype(np.int32), rows.astype(np.int32), (np.where(new, length, stops) - begins).astype(np.int32)


def flat_ids(table: pa.Table) -> tuple[Integers, Integers]:
    """(position_ids, sequence_ids) of all rows, one after the other."""
    _, rows, lengths = borders(table)
    total = int(lengths.sum())
    first = np.cumsum(lengths) - lengths
    positions = np.arange(total, dtype=np.int64) - np.repeat(first, lengths)
    firsts = np.searchsorted(rows, rows, side="left")
    return positions.astype(np.int32), np.repeat(np.arange(len(rows)) - firsts, lengths).astype(np.int32)


def with_borders(table: pa.Table) -> pa.Table:
    """The table with the three columns."""
    begins, rows, _ = borders(table)
    positions, sequences = flat_ids(table)
    length = len(table["input_ids"][0]) if table.num_rows else 0
    each = pa.array(np.arange(table.num_rows + 1, dtype=np.int32) * length)
    counts = np.bincount(rows, minlength=table.num_rows) + 1
    bounds = np.cumsum(np.r_[0, counts]).astype(np.int32)
    marks = np.full(int(bounds[-1]), length, dtype=np.int32)
    marks[np.arange(len(begins)) + rows] = begins
    columns: dict[str, Any] = {
        "position_ids": pa.ListArray.from_arrays(each, pa.array(positions)),
        "sequence_ids": pa.ListArray.from_arrays(each, pa.array(sequences)),
        "cu_seqlens": pa.ListArray.from_arrays(pa.array(bounds), pa.array(marks)),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table
