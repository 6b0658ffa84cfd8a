"""The keep-rule: which of several near-equal documents is worth keeping, as one number each.

    longest           characters
    newest            the latest date of a document's records; without a date it comes last
    {signal: NAME}    the highest value of a signal measured before; without that signal it comes last

Ties go to the smaller id. Numbers are unsigned 32-bit: lengths and seconds since 1970 saturate (in 2106), signals are
compared in single precision.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from retold.core.settings import Settings, identity
from retold.core.step import Part, View

LIMIT = 2**32 - 1
Preference = Callable[[list[str], pa.Array], npt.NDArray[np.uint32]]
"""From the ids and texts of documents of one part to how much each is preferred."""


class BestSignal(Settings):
    """Keep the document with the highest value of a signal."""

    signal: str = identity(min_length=1)


def preference(keep: str | BestSignal, part: Part, view: View) -> Preference:
    """The keep-rule for one part. Memory: one number for each document of the part, unless it looks at lengths."""
    if isinstance(keep, BestSignal):
        return _known(_signals(keep.signal, part, view))
    if keep == "newest":
        return _known(_dates(part, view))
    return _lengths


def _lengths(_ids: list[str], texts: pa.Array) -> npt.NDArray[np.uint32]:
    counted: Any = pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.array(np.minimum(counted, LIMIT), dtype=np.uint32)


def _known(values: dict[str, int]) -> Preference:
    def known(ids: list[str], _texts: pa.Array) -> npt.NDArray[np.uint32]:
        return np.array([values.get(name, 0) for name in ids], dtype=np.uint32)

    return known


def _signals(signal: str, part: Part, view: View) -> dict[str, int]:
    found: dict[str, int] = {}
    for rows in view.read("signals", part=part.name, columns=["document_id", "values"]):
        for row in rows.to_pylist():
            value = dict(row["values"]).get(signal)
            if value is not None and value == value:
                found[row["document_id"]] = in_order(value)
    return found


def in_order(value: float) -> int:
    """A number whose order among whole numbers is that of `value` among single precision numbers; never 0."""
    with np.errstate(over="ignore"):
        bits = int(np.float32(value).view(np.uint32))
    return bits ^ LIMIT if bits >> 31 else bits | 1 << 31


def _dates(part: Part, view: View) -> dict[str, int]:
    records = {
        row["record_id"]: seconds(row["date"])
        for rows in view.read("records", part=part.name, columns=["record_id", "date"])
        for row in rows.to_pylist()
    }
    found: dict[str, int] = {}
    for rows in view.read("origins", part=part.name, columns=["document_id", "record_id"]):
        for row in rows.to_pylist():
            name = row["document_id"]
            found[name] = max(found.get(name, 0), records.get(row["record_id"], 0))
    return found


def seconds(date: str) -> int:
    """Seconds since 1970 of an ISO 8601 date, in UTC where it names no zone; 0 for anything else, and for before."""
    try:
        moment = datetime.fromisoformat(date)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(int(zoned.timestamp()), 0), LIMIT)
    except (ValueError, OverflowError):
        return 0
