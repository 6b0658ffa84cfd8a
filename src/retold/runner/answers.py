"""What an Ask has in the store already: how many of its requests are answered, and answers that lie in another part.

A request is the same wherever its document lies, and parts change when files are added (small files share a part). An
answer under another part than the request's own is copied there before anything is asked, so that it is neither paid
for twice nor overlooked by the step that reads answers part by part. Such answers are looked for only where the store
holds answers that no request claims in its own part; then about 50 bytes for each unanswered request are resident,
otherwise the ids of one part.

A request whose dead letter no later round takes up (`rounds.py`) is given up on; the letters of one part are resident.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.schema import TABLES
from retold.core.step import Part
from retold.runner.rounds import last_letters, lifted
from retold.runner.stages import Stage
from retold.store import Store, Writer

ANSWERS = ("completions", "dead_letters")


@dataclass(frozen=True)
class Size:
    """Requests planned, answered in their own part (or given up on), and answered under another part.

    `given_up` of the answered ones have only a dead letter; `retried` of the others have one that a round takes up.
    """

    planned: int
    answered: int
    elsewhere: int
    given_up: int = 0
    retried: int = 0

    @property
    def reused(self) -> int:
        """Requests that need no asking."""
        return self.answered + self.elsewhere


def answered_ids(stage: Stage, store: Store, part: str) -> pa.Array:
    """Requests of a part that need not be asked: answered, or given up on."""
    return Known.of(stage, store, part).ids


def size_of(stage: Stage, store: Store, parts: Sequence[Part]) -> Size:
    """Count, part by part."""
    planned = answered = given_up = retried = 0
    for _, ids, known in _by_part(stage, store, parts):
        planned += len(ids)
        answered += _count(pc.is_in(ids, known.ids))
        given_up += _count(pc.is_in(ids, known.given_up))
        retried += _count(pc.is_in(ids, known.retried))
    if planned == answered or not _unclaimed(stage, store, answered):
        return Size(planned, answered, 0, given_up, retried)
    wanted = _unanswered(stage, store, parts)
    found = {name for rows in _elsewhere(stage, store, wanted) for name in rows["request_id"].to_pylist()}
    return Size(planned, answered, len(found), given_up, retried)


def adopt(stage: Stage, store: Store, parts: Sequence[Part], writer: Writer) -> int:
    """Copy answers that lie in another part to the part of their request. Returns how many."""
    if not size_of(stage, store, parts).elsewhere:
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


@dataclass(frozen=True)
class Known:
    """Requests of a part by id: answered, given up on (only a letter), and to be asked again (a letter, lifted)."""

    answered: pa.Array
    given_up: pa.Array
    retried: pa.Array

    @classmethod
    def of(cls, stage: Stage, store: Store, part: str) -> Known:
        """Read what the store has under one part."""
        mine = (ds.field("stage") == stage.label) & (ds.field("part") == part)
        found = store.dataset("completions").to_table(columns=["request_id"], filter=mine)["request_id"]
        answered = pa.concat_arrays(found.chunks or [pa.array([], pa.string())])
        letters = last_letters(store, stage.label, part)
        if not letters:
            return cls(answered, pa.array([], pa.string()), pa.array([], pa.string()))
        ids = pa.array(letters, pa.string())
        unanswered = pc.invert(pc.is_in(ids, answered))
        taken_up = pa.array([lifted(letter, stage.rounds) for letter in letters.values()], pa.bool_())
        again = pc.and_(unanswered, taken_up)
        return cls(answered, ids.filter(pc.and_(unanswered, pc.invert(taken_up))), ids.filter(again))

    @property
    def ids(self) -> pa.Array:
        """What need not be asked."""
        return pa.concat_arrays([self.answered, self.given_up])


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _by_part(stage: Stage, store: Store, parts: Sequence[Part]) -> Iterator[tuple[str, pa.ChunkedArray, Known]]:
    """(part, its planned ids, which ids have an answer or a letter there)."""
    view = stage.view(store, parts)
    for part in parts:
        found = list(view.read("requests", part=part.name, columns=["request_id"]))
        ids = pa.chunked_array([rows["request_id"] for rows in found], pa.string())
        yield part.name, ids, Known.of(stage, store, part.name)


def _unclaimed(stage: Stage, store: Store, answered: int) -> bool:
    """Whether there are answers that no request claims in its own part."""
    mine = ds.field("stage") == stage.label
    return bool(sum(store.dataset(table).count_rows(filter=mine) for table in ANSWERS) > answered)


def _unanswered(stage: Stage, store: Store, parts: Sequence[Part]) -> pa.Table:
    """Request id and part of what has no answer in its own part."""
    names, owners = [], []
    for part, ids, known in _by_part(stage, store, parts):
        left = ids.filter(pc.invert(pc.is_in(ids, known.ids)))
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
