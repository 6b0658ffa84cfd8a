"""Packed rows without some documents: their tokens become padding, everything else keeps its row and its place.

In: rows of the table `packed` or of a shard, the ids of documents that go. Out: the same rows, or the very same object
where none of these documents is in them. A position of a row that was looked up before (`retold why ROW:OFFSET`) leads
where it led, and a training that is resumed at a row finds the rows that it expects. The price is the padding: as many
tokens as the document had, no more.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def blanked(rows: pa.Table, gone: Collection[str], end: int) -> pa.Table:
    """Rows whose ranges name no document of `gone`; `end` is the id that fills a row up."""
    lists = rows["documents"].combine_chunks()
    lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
    ranges = lists.flatten()
    names = pc.struct_field(ranges, "document_id")
    hit = pc.is_in(names, value_set=pa.array(sorted(gone), pa.string())).to_numpy(zero_copy_only=False)
    if not hit.any() or "input_ids" not in rows.column_names:
        return rows if not hit.any() else rows.slice(0)
    owners = pc.list_parent_indices(lists).to_numpy()
    ids = _flat(rows["input_ids"])
    masks = _flat(rows["loss_mask"])
    tokens, mask = ids.values.to_numpy().copy(), masks.values.to_numpy().copy()
    bounds = ids.offsets.to_numpy()
    starts = pc.struct_field(ranges, "token_start").to_numpy()
    ends = pc.struct_field(ranges, "token_end").to_numpy()
    for place in np.flatnonzero(hit):
        first = bounds[owners[place]]
        tokens[first + starts[place] : first + ends[place]] = end
        mask[first + starts[place] : first + ends[place]] = 0
    left = np.bincount(owners[~hit], minlength=rows.num_rows)
    offsets = np.concatenate([[0], np.cumsum(left)]).astype(np.int32)
    changed = {
        "input_ids": pa.ListArray.from_arrays(ids.offsets, pa.array(tokens)),
        "loss_mask": pa.ListArray.from_arrays(masks.offsets, pa.array(mask)),
        "documents": pa.ListArray.from_arrays(pa.array(offsets), ranges.filter(pa.array(~hit))),
    }
    for name, column in changed.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(place), column.cast(rows.schema.field(place).type))
    return rows


def _flat(column: pa.ChunkedArray) -> pa.ListArray:
    """One list array whose values begin with its own."""
    array = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
    if array.offset or (len(array) and array.offsets[0].as_py()):
        array = pa.concat_arrays([array, array.slice(0, 0)])
    return pa.ListArray.from_arrays(
        pa.array(array.offsets.to_numpy() - array.offsets[0].as_py(), pa.int32()), array.flatten()
    )
