"""The only writer of a store: groups of rows, each row exactly once, whoever was killed and whoever wakes up late.

Per (stage, part) one owner. Ownership is an epoch: `claim` commits the next epoch of each part to the table `parts` by
compare-and-swap, and every append carries the application transaction (stage/part, epoch and sequence). Delta's
transactions do not deduplicate by themselves (measured: the same one twice doubles the rows), so each append

  1. opens the newest version of the table and reads the transaction of its parts there,
  2. stops with FencedOut if a later owner has written,
  3. where an earlier owner has written since this one looked, reads the keys again and drops what is there already,
  4. commits exactly the next version, without delta-rs' own retries; if another commit was first, starts again at 1
     (`next_version.py`, which also knows one's own commit again when the answer to it was lost).

Rows that a killed run committed are dropped by key when a part begins again. Data files without a commit are invisible.
Resident: the keys of the parts that are open, 16 bytes each plus the set's overhead. For tables that are `vouched` the
caller says that rows are new (it read what is there after its claim), no keys are kept, and they are read only where
step 3 finds that somebody else has written: then what is there already is dropped from the group.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Collection

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, Transaction

from retold.core.errors import FencedOut, StoreError
from retold.core.schema import TABLES
from retold.core.step import Output
from retold.store.compact import EVERY, VACUUM_EVERY, compact, tidy
from retold.store.erase import Forgotten
from retold.store.next_version import commit_next, delete_file, write_file
from retold.store.opened import Opened
from retold.store.place import reached
from retold.store.tables import Store

SEQUENCE_BITS = 40
CONFLICTS_ALLOWED = 1000


def epoch_of(version: int | None) -> int:
    """The owner's epoch in a transaction version; 0 where nobody has written."""
    return 0 if version is None else version >> SEQUENCE_BITS


class Writer:
    """Appends rows of one stage. Not thread safe: one committer per stage.

    `seconds` and `rows` bound a group: `due()` says that one is full, `flush()` commits it. What was added and not
    flushed is lost with the process, and is made again by the next.
    """

    def __init__(
        self,
        store: Store,
        stage: str,
        *,
        seconds: float = 10.0,
        rows: int = 20_000,
        vouched: Collection[str] = (),
    ) -> None:
        self.store = store
        self.stage = stage
        self.seconds = seconds
        self.rows = rows
        self.vouched = frozenset(vouched)
        self._epoch: dict[str, int] = {}
        self._sequence = 0
        self._last: dict[tuple[str, str], int | None] = {}
        self._keys: dict[tuple[str, str], set[bytes]] = {}
        self._pending: dict[str, dict[str, list[pa.RecordBatch]]] = defaultdict(lambda: defaultdict(list))
        self._pending_rows = 0
        self._tables: dict[str, Opened] = {}
        self._opened = time.monotonic()
        self._forgotten: Forgotten | None = None

    def _app(self, part: str) -> str:
        return f"{self.stage}/{part}"

    def _newest(self, table: str) -> DeltaTable | None:
        """The newest version of a table, read on from the one that this writer saw last; None while there is none."""
        found = self.store.newest(table, self._tables.get(table))
        if found is None:
            return None
        self._tables[table] = found
        return found.table

    def _newest_or_new(self, table: str) -> DeltaTable:
        """The same, of a table that is made where there is none."""
        return self._newest(table) or self.store.delta_or_new(table)

    def claim(self, parts: list[str]) -> None:
        """Become the owner of these parts: one commit, after which earlier owners are fenced out."""
        for _ in range(CONFLICTS_ALLOWED):
            table = self._newest_or_new("parts")
            epochs = {part: epoch_of(table.transaction_version(self._app(part))) + 1 for part in parts}
            claims = [Transaction(self._app(part), epoch << SEQUENCE_BITS) for part, epoch in epochs.items()]
            if commit_next(self.store, "parts", table, [], claims):
                self._epoch |= epochs
                for part, epoch in epochs.items():
                    self._last["parts", part] = epoch << SEQUENCE_BITS
                self._look_at_vouched(parts)
                return
        raise StoreError("the store is too busy to claim a part", "run again when fewer processes write to it")

    def _look_at_vouched(self, parts: list[str]) -> None:
        """What was written before this owner looks; the caller reads what is there after this."""
        for table in self.vouched:
            delta = self._newest(table)
            for part in parts:
                self._last[table, part] = delta.transaction_version(self._app(part)) if delta else None

    def add(self, part: str, output: Output) -> int:
        """Buffer what a step yielded for `part`, without rows that are committed already or forgotten (`erase.py`).

        Returns the rows added.
        """
        if part not in self._epoch:
            self.claim([part])
        if self._forgotten is None:
            self._forgotten = Forgotten.of(self.store)
        if self._forgotten:
            output = self._forgotten.without(output)
        added = 0
        for table, batch in output.items():
            fresh = batch if table in self.vouched else self._unseen(table, part, batch)
            if fresh.num_rows:
                self._pending[table][part].append(fresh)
                added += fresh.num_rows
        if not self._pending_rows:
            self._opened = time.monotonic()
        self._pending_rows += added
        return added

    def due(self) -> bool:
        """True when the open group has reached its rows or its seconds."""
        old = time.monotonic() - self._opened >= self.seconds
        return self._pending_rows >= self.rows or (old and self._pending_rows > 0)

    def flush(self) -> None:
        """Commit the open group. Raises FencedOut when this owner was replaced, DiskFull when there is no space."""
        pending, self._pending, self._pending_rows = self._pending, defaultdict(lambda: defaultdict(list)), 0
        for table, by_part in pending.items():
            self._append(table, {part: pa.Table.from_batches(batches) for part, batches in by_part.items()})

    def held(self, part: str | None = None) -> int:
        """Rows that the open parts (or one of them) hold in all, whoever wrote them."""
        return sum(len(keys) for (table, owner), keys in self._keys.items() if part in (None, owner))

    def finish(self, part: str, rows: int) -> None:
        """Mark a part as finished, after everything before it is committed, and forget its keys."""
        self.flush()
        mark = pa.RecordBatch.from_pylist([{"name": part, "rows": rows}], schema=TABLES["parts"].columns)
        self.add(part, {"parts": mark})
        self.flush()
        for key in [key for key in self._keys if key[1] == part]:
            del self._keys[key]

    def seen(self, table: str, part: str) -> set[bytes]:
        """Digests of the keys that `table` holds for this stage and part (committed or buffered)."""
        key = (table, part)
        if key not in self._keys:
            delta = self._newest(table)
            self._last.setdefault(key, delta.transaction_version(self._app(part)) if delta else None)
            self._keys[key] = self._committed(delta, table, part)
        return self._keys[key]

    def _committed(self, delta: DeltaTable | None, table: str, part: str) -> set[bytes]:
        if delta is None or (table != "parts" and delta.transaction_version(self._app(part)) is None):
            return set()
        mine = (ds.field("stage") == self.stage) & (ds.field("part") == part)
        columns = list(TABLES[table].key)
        with reached(self.store.place):
            data = self.store.dataset_of(table, delta).to_batches(columns=columns, filter=mine)
            return {key for batch in data for key in _keys(batch, columns)}

    def _unseen(self, table: str, part: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        seen = self.seen(table, part)
        mask = []
        for key in _keys(batch, list(TABLES[table].key)):
            mask.append(key not in seen)
            seen.add(key)
        return batch if all(mask) else batch.filter(pa.array(mask, pa.bool_()))

    def _append(self, table: str, rows: dict[str, pa.Table]) -> None:
        for _ in range(CONFLICTS_ALLOWED):
            delta = self._newest_or_new(table)
            rows = {part: self._fenced(delta, table, part, data) for part, data in rows.items()}
            full = self._with_stage(table, rows)
            if not full.num_rows:
                return
            self._sequence += 1
            versions = {part: (self._epoch[part] << SEQUENCE_BITS) + self._sequence for part in rows}
            action = write_file(self.store, table, [full])
            claims = [Transaction(self._app(part), version) for part, version in versions.items()]
            if commit_next(self.store, table, delta, [action], claims):
                self._last |= {(table, part): version for part, version in versions.items()}
                self._keep_small(table, delta.version() + 1)
                return
            delete_file(self.store, table, action.path)
        raise StoreError(f"the table {table} is too busy to append to", "run again when fewer processes write to it")

    def _keep_small(self, table: str, version: int) -> None:
        """Now and then, after a commit: fewer files, and none that are not needed any more."""
        if version % EVERY == 0:
            compact(self.store, table, self.stage)
        if version % VACUUM_EVERY == 0:
            tidy(self.store, table)

    def _fenced(self, delta: DeltaTable, table: str, part: str, rows: pa.Table) -> pa.Table:
        """The rows still missing from the table, checked against who has written to it since this owner looked."""
        now = delta.transaction_version(self._app(part))
        if now == self._last.get((table, part)):
            return rows
        if epoch_of(now) > self._epoch[part]:
            raise FencedOut(
                f"another process has taken over {self._app(part)} in {self.store.place}",
                "nothing is lost: let that process go on, or stop it and run again",
            )
        there = self._committed(delta, table, part)
        self._last[table, part] = now
        if table not in self.vouched:
            self._keys[table, part] |= there
        columns = list(TABLES[table].key)
        mask = [key not in there for batch in rows.to_batches() for key in _keys(batch, columns)]
        return rows.filter(pa.array(mask, pa.bool_()))

    def _with_stage(self, table: str, rows: dict[str, pa.Table]) -> pa.Table:
        labelled = [
            pa.table(
                [pa.repeat(self.stage, data.num_rows), pa.repeat(part, data.num_rows), *data.columns],
                schema=TABLES[table].schema,
            )
            for part, data in sorted(rows.items())
        ]
        return pa.concat_tables(labelled)


def _keys(batch: pa.RecordBatch, columns: list[str]) -> list[bytes]:
    """A 16-byte digest of each row's key."""
    values = [batch.column(name).to_pylist() for name in columns]
    return [hashlib.blake2b(repr(row).encode(), digest_size=16).digest() for row in zip(*values, strict=True)]
