"""Signals as columns: from one array for each name to rows of the table `signals`, and back without a Python loop.

All rows of a batch have the same names in the same order, so the map column is `names` repeated and one matrix of
numbers; `matrix` checks that on the raw keys and reads the numbers as they lie (rows that differ are read one by one).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.clean.entry import Numbers
from retold.core.schema import MARK, TABLES


def rows(ids: Sequence[str], signals: Mapping[str, Numbers]) -> pa.RecordBatch:
    """Rows of the table `signals`."""
    names, count = list(signals), len(ids)
    offsets = pa.array(np.arange(0, count * len(names) + 1, max(len(names), 1), dtype=np.int32)[: count + 1])
    keys = pa.array(names * count, pa.string())
    numbers = np.stack([signals[name] for name in names], axis=1).ravel() if names and count else np.zeros(0)
    values = pa.MapArray.from_arrays(offsets if names else pa.array([0] * (count + 1), pa.int32()), keys, numbers)
    marks = pa.array([[]] * count, pa.list_(MARK))
    return pa.RecordBatch.from_arrays([pa.array(ids, pa.string()), values, marks], schema=TABLES["signals"].columns)


def columns(values: pa.MapArray) -> dict[str, Numbers]:
    """One array for each signal name. Raises KeyError where a row lacks a name that another row has."""
    count = len(values)
    if not count:
        return {}
    names, numbers = _uniform(values)
    if names is None:
        read = [dict(row) for row in values.to_pylist()]
        return {name: np.array([row[name] for row in read]) for name in read[0]}
    return {name: numbers[:, place] for place, name in enumerate(names)}


def _uniform(values: pa.MapArray) -> tuple[list[str] | None, npt.NDArray[np.float64]]:
    """(names, matrix of rows by names), or (None, nothing) where rows have other names or another order."""
    bounds = np.asarray(values.offsets, dtype=np.int64)
    width = int(bounds[1] - bounds[0])
    none = np.zeros((0, 0))
    if not np.array_equal(np.diff(bounds), np.full(len(values), width)):
        return None, none
    first, last = int(bounds[0]), int(bounds[-1])
    keys = values.keys.slice(first, last - first)
    if width and not _repeats(keys, width):
        return None, none
    numbers = np.asarray(values.items.slice(first, last - first), dtype=np.float64)
    return keys.slice(0, width).to_pylist(), numbers.reshape(len(values), width)


def _repeats(keys: pa.StringArray, width: int) -> bool:
    """Whether the keys are the first `width` again and again: compared as bytes."""
    _, offsets, data = keys.buffers()
    places = np.frombuffer(offsets, np.int32)[keys.offset : keys.offset + len(keys) + 1].astype(np.int64)
    lengths = np.diff(places).reshape(-1, width)
    if (lengths != lengths[0]).any():
        return False
    letters = np.frombuffer(data, np.uint8)[places[0] : places[-1]].reshape(len(lengths), -1)
    return bool((letters == letters[0]).all())
