"""The step "judge": from the signals of a part to verdicts, without the text.

In: the rows of `signals` that "curate" wrote. Out: `verdicts`, one for each document that a limit drops. The first
entry that objects gives the reason; within an entry, its first broken limit. Only thresholds are in its identity, so a
changed threshold runs this step again and nothing before it: a hundred thousand documents with fifty signals take well
under a second on one core (`tests/clean/test_judge.py` holds it to that).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.clean import signals as table
from retold.clean.entry import Entry, Limit, Numbers, suffixes
from retold.core.schema import TABLES
from retold.core.step import Output, Part, View
from retold.core.verdict import DETAIL_LIMIT

MEASURED_BY = "curate"
Places = npt.NDArray[np.int64]


@dataclass
class Judge:
    """Drop the documents whose signals are beyond the limits of the recipe's entries."""

    entries: tuple[Entry, ...]
    name: str = field(default="judge", init=False)
    version: int = field(default=1, init=False)
    writes: tuple[str, ...] = field(default=("verdicts",), init=False)

    def identity(self) -> Mapping[str, Any]:
        """The thresholds, in the order of the recipe."""
        return {"entries": [[type(entry).__name__, entry.judging()] for entry in self.entries]}

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """The verdicts of one part."""
        chosen = ["document_id", "values"]
        for rows in view.read("signals", part=part.name, stages=[MEASURED_BY], columns=chosen):
            verdicts = drops(rows["document_id"], table.columns(rows["values"]), self.entries)
            if verdicts.num_rows:
                yield {"verdicts": verdicts}


def broken(signals: Mapping[str, Numbers], entries: Sequence[Entry]) -> tuple[Places, list[tuple[Entry, Limit]]]:
    """For each document the place of the first limit it breaks in the list of all limits, or -1; and that list."""
    rules = [
        (entry, limit.named(suffix))
        for entry, suffix in zip(entries, suffixes(entries), strict=True)
        for limit in entry.limits()
    ]
    count = len(next(iter(signals.values()), ()))
    first = np.full(count, -1, np.int64)
    for place, (_, limit) in enumerate(rules):
        first[(first < 0) & limit.broken(signals)] = place
    return first, rules


def drops(ids: pa.Array, signals: Mapping[str, Numbers], entries: Sequence[Entry]) -> pa.RecordBatch:
    """Dropping verdicts as rows of the table `verdicts`, for the documents that break a limit."""
    first, rules = broken(signals, entries)
    dropped = np.flatnonzero(first >= 0)
    reasons = pa.array([limit.reason for _, limit in rules], pa.string())
    details = np.empty(len(ids), object)
    for place, (entry, limit) in enumerate(rules):
        mine = np.flatnonzero(first == place)
        if len(mine):
            written = entry.details(limit, _Rows(signals, mine))
            details[mine] = [detail[:DETAIL_LIMIT] for detail in written]
    columns = [
        ids.take(pa.array(dropped)),
        pa.repeat("document", len(dropped)),
        pa.repeat(False, len(dropped)),
        reasons.take(pa.array(first[dropped])),
        pa.array(details[dropped], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TABLES["verdicts"].columns)


class _Rows(dict[str, Numbers]):
    """The signals of some documents, each taken when it is asked for."""

    def __init__(self, signals: Mapping[str, Numbers], rows: Places) -> None:
        super().__init__()
        self._signals = signals
        self._rows = rows

    def __missing__(self, name: str) -> Numbers:
        return self._signals[name][self._rows]
