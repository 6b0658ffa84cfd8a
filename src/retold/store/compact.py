"""Rolling compaction: a stage's small files become few, so that a table with a group each ten seconds stays quick.

In: a table and the stage that writes to it. Out: the same rows in fewer files, and files that no version has named for
a day gone. A run does it itself, after each `EVERY`-th version of a table, in the thread that commits.

Rows are neither lost nor doubled: the new file and the removal of the old ones are one commit, as exactly the version
after the one that was read, so nothing can come between; if another commit was first, it is tried again on the newest.
No key, transaction or claim changes, so it needs no owner and can be done by anyone at any time. Only files that hold
this stage alone are touched, those of earlier stages may be being read; in a table that has an order neighbours are
joined, so a file keeps a narrow range (`Store.by_range`). Readers of an older version have `KEPT_HOURS`.

Files of `ENOUGH` bytes or `ENOUGH_ROWS` rows stay as they are, so what is rewritten at a time are at most the groups
since the last time and one unfinished file. Resident: rows of `PIECE_BYTES`, twice; a file is never read whole, since
texts that are alike take a hundredth of their size in it. With ten answers a commit, a scan took 35 ms after 4,000
commits, and 426 ms after 1,000 without compaction (benchmarks/store_growth.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import RemoveAction

from retold.core.schema import TABLES
from retold.store.next_version import commit_next, delete_file, write_file
from retold.store.place import reached
from retold.store.tables import Store

EVERY = 16
ENOUGH = 8 << 20
FEWEST = 8
VACUUM_EVERY = 1000
KEPT_HOURS = 24
TRIES = 20
ENOUGH_ROWS = 100_000
PIECE_ROWS = 20_000
PIECE_BYTES = 1 << 19
BATCH_ROWS = 32


@dataclass(frozen=True)
class _File:
    name: str
    bytes: int
    place: Any


def compact(store: Store, table: str, stage: str) -> int:
    """Join the small files of a stage. Returns how many files there are fewer."""
    found = store.delta(table)
    fewer = 0
    for group in _groups(table, found, stage) if found is not None else ():
        fewer += _join(store, table, group)
    return fewer


def tidy(store: Store, table: str) -> list[str]:
    """Delete the files that no version has named for `KEPT_HOURS`. Orphans of killed commits are left to erasure."""
    found = store.delta(table)
    if found is None:
        return []
    with reached(store.place):
        gone: list[str] = found.vacuum(retention_hours=KEPT_HOURS, enforce_retention_duration=False, dry_run=False)
    return gone


def _groups(table: str, version: DeltaTable, stage: str) -> list[list[_File]]:
    """Small files of this stage alone, neighbours together, each group about `ENOUGH` bytes."""
    order = TABLES[table].ordered
    place = f"min.{order}" if order else "modification_time"
    files = sorted(
        (
            _File(row["path"], row["size_bytes"], row[place])
            for row in pa.table(version.get_add_actions(flatten=True)).to_pylist()
            if row["min.stage"] == row["max.stage"] == stage
            and row["size_bytes"] < ENOUGH
            and row["num_records"] < ENOUGH_ROWS
        ),
        key=lambda file: (file.place, file.name),
    )
    groups: list[list[_File]] = [[]]
    for file in files:
        groups[-1].append(file)
        if sum(one.bytes for one in groups[-1]) >= ENOUGH:
            groups.append([])
    return [group for group in groups if len(group) >= FEWEST]


def _join(store: Store, table: str, group: list[_File]) -> int:
    """One file instead of many, by one commit."""
    action = write_file(store, table, _pieces(store, table, group), new=False)
    removed = [
        RemoveAction(
            path=file.name,
            data_change=False,
            deletion_timestamp=int(time.time() * 1000),
            size=file.bytes,
            partition_values={},
        )
        for file in group
    ]
    for _ in range(TRIES):
        newest = store.delta_or_new(table)
        there = set(pa.table(newest.get_add_actions())["path"].to_pylist())
        if not there.issuperset(file.name for file in group):
            break  # somebody else has joined them
        if commit_next(store, table, newest, [*removed, action]):
            return len(group) - 1
    delete_file(store, table, action.path)
    return 0


def _pieces(store: Store, table: str, group: list[_File]) -> Iterator[pa.Table]:
    """The rows of these files in their order, as tables of about `PIECE_ROWS` rows or `PIECE_BYTES`."""
    files, schema = store.table(table).files, TABLES[table].schema
    held: list[pa.RecordBatch] = []
    for file in group:
        with files.open_input_file(file.name) as opened:
            for rows in pq.ParquetFile(opened).iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                held.append(rows.cast(schema))
                full = sum(batch.num_rows for batch in held) >= PIECE_ROWS
                if full or sum(batch.nbytes for batch in held) >= PIECE_BYTES:
                    yield pa.Table.from_batches(held)
                    held = []
    if held:
        yield pa.Table.from_batches(held)
