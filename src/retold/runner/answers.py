"""What an Ask has in the store already: how many of its requests are answered, and answers that lie in another part.

A request is the same wherever its document lies, and parts change when files are added (small files share a part). An
answer under another part than the request's own is copied there before anything is asked, so that it is neither paid
for twice nor overlooked by the step that reads answers part by part. Such answers are looked for only where the store
holds answers that no request claims in its own part; then about 50 bytes for each unanswered request are resident,
otherwise the ids of one part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.schema import TABLES
from retold.core.step import Part
from retold.runner.stages import Stage
from retold.store import Store, Writer

ANSWERS = ("completions", "dead_letters")


@dataclass(frozen=True)
class Size:
    """Requests planned, answered in their own part (or given up on), and answered under another part."""

    planned: int
    answered: int
    elsewhere: int

    @property
    def reused(self) -> int:
        """Requests that need no asking."""
        return self.answered + self.elsewhere


def answered_ids(stage: Stage, store: Store, part: str) -> pa.Array:
    """Requests of a part that need not be asked: answered, or given up on."""
    mine = (ds.field("stage") == stage.label) & (ds.field("part") == part)
    found = [store.dataset(table).to_table(columns=["request_id"], filter=mine)["request_id"] for table in ANSWERS]
    return pa.concat_arrays([chunk for ids in found for chunk in ids.chunks] or [pa.array([], pa.string())])


def size_of(stage: Stage, store: Store, parts: Sequence[Part]) -> Size:
    """Count, part by part."""
    planned = answered = 0
    for _, ids, done in _by_part(stage, store, parts):
        planned += len(ids)
        answered += pc.sum(done).as_py() or 0
    if planned == answered or not _unclaimed(stage, store, answered):
        return Size(planned, answered, 0)
    wanted = _unanswered(stage, store, parts)
    found = {name for rows in _elsewhere(stage, store, wanted) for name in rows["request_id"].to_pylist()}
    return Size(planned, answered, len(found))


def adopt(stage: Stage, store: Store, parts: Sequence[Part], writer: Writer) -> int:
    """Copy answers that lie in another part to the part of their request. Returns how many."""
    if not _unclaimed(stage, store, size_of(stage, store, parts).answered):
        return 0
    wanted = _unanswered(stage, store, parts)
    columns = TABLES["completions"].columns.names
    adopted: set[str] = set()
    for rows in _elsewhere(stage, store, wanted, columns):
        fresh = rows.filter(pa.array([name not in adopted for name in rows["request_id"].to_pylist()], pa.bool_()))
        adopted.update(fresh["request_id"].to_pylist())
        owners = wanted["part"].take(pc.index_in(fresh["request_id"], wanted["request_id"]))
        for owner in pc.unique(owners).to_pylist():
            writer.add(owner, {"completions": fresh.filter(pc.equal(owners, owner))})
    writer.flush()
    return len(adopted)


def _by_part(stage: Stage, store: Store, parts: Sequence[Part]) -> Iterator[tuple[str, pa.ChunkedArray, pa.Array]]:
    """(part, its planned ids, whether each has an answer there)."""
    view = stage.view(store, parts)
    for part in parts:
        found = list(view.read("requests", part=part.name, columns=["request_id"]))
        ids = pa.chunked_array([rows["request_id"] for rows in found], pa.string())
        yield part.name, ids, pc.is_in(ids, answered_ids(stage, store, part.name))


def _unclaimed(stage: Stage, store: Store, answered: int) -> bool:
    """Whether there are answers that no request claims in its own part."""
    mine = ds.field("stage") == stage.label
    return bool(sum(store.dataset(table).count_rows(filter=mine) for table in ANSWERS) > answered)


def _unanswered(stage: Stage, store: Store, parts: Sequence[Part]) -> pa.Table:
    """Request id and part of what has no answer in its own part."""
    names, owners = [], []
    for part, ids, done in _by_part(stage, store, parts):
        left = ids.filter(pc.invert(done))
        names += left.chunks
        owners += [pa.repeat(part, len(chunk)) for chunk in left.chunks]
    columns = {"request_id": pa.chunked_array(names, pa.string()), "part": pa.chunked_array(owners, pa.string())}
    return pa.table(columns).combine_chunks()


def _elsewhere(
    stage: Stage, store: Store, wanted: pa.Table, columns: Sequence[str] = ("request_id",)
) -> Iterator[pa.RecordBatch]:
    """Answers of these requests, wherever they lie."""
    mine = (ds.field("stage") == stage.label) & ds.field("request_id").isin(wanted["request_id"].combine_chunks())
    data = store.dataset("completions")
    yield from data.to_batches(columns=list(columns), filter=mine, fragment_readahead=1, batch_readahead=1)
