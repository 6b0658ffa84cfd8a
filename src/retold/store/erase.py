"""Erasure: rows that name a forgotten thing are gone from a table, from its old files, and from its log; for good.

    RULES                           what each table holds of a thing: the columns that name it, or why it needs none
    Forgotten.of(store)             what was ever forgotten here: ids, and digests of addresses and hosts
    erase(store, table, forgotten)  rewrite the files that hold such rows, in one commit
    purge(store, table)             delete what only older versions name, and the log before this version

Every id is a digest, so what is remembered of a forgotten document holds none of its words. The rows to go are decided
once and committed as one row of `forgettings` before anything is touched, so that a killed erasure is finished by the
next: each step here may be repeated. `Writer.add` asks `Forgotten` about everything that is to be written, so what was
forgotten never comes in again, under its id, its record, its address or its host.

delta-rs' own delete and vacuum leave statistics of the old files in the log, and orphans of killed commits on the disk;
so files are rewritten by our own commit, as compaction does, and the log is cut: the newest version stays, as itself
and as a checkpoint (its statistics are of files that hold nothing forgotten), and every entry before it goes. Readers
of older versions fail after that, which is the purpose.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import idna
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, RemoveAction
from pyarrow.fs import FileSelector, FileType

from retold.core.errors import StoreError
from retold.core.fingerprint import digest
from retold.core.schema import TABLES
from retold.core.step import Output
from retold.store.next_version import commit_next, delete_file, write_file
from retold.store.place import reached
from retold.store.tables import Store

RULES: Mapping[str, tuple[str, ...] | str] = {
    "records": ("record_id",),
    "origins": ("document_id", "record_id"),
    "documents": ("document_id",),
    "span_maps": ("document_id", "parent_id"),
    "verdicts": ("subject",),
    "signals": ("document_id",),
    "clusters": ("document_id",),
    "contaminations": ("document_id",),
    "passages": ("passage_id", "document_id"),
    "requests": ("request_id", "retelling_id", "passage_id", "document_id"),
    "completions": ("request_id",),
    "dead_letters": ("request_id",),
    "selection": ("document_id",),
    "packed": "rows keep their numbers: the tokens of the document become padding (trace/forget.py)",
    "kept": "ids alone, in bytes",
    "engines": "what engines answer to a fixed prompt of ours",
    "rounds": "counts alone",
    "yields": "counts alone",
    "cuts": "counts alone",
    "forgettings": "the record of what was erased: digests, times and reasons",
    "parts": "names of parts alone",
    "runs": "counts alone",
}
TRIES = 20
BATCH_ROWS = 2048
Change = Callable[[pa.Table], pa.Table]


def address(uri: str) -> str:
    """What is remembered of a forgotten address."""
    return digest("address", uri)


def host(name: str) -> str:
    """What is remembered of a forgotten domain: the same for a name in its own script and in that of the network."""
    name = name.lower().strip(".")
    if not name.isascii():
        with suppress(UnicodeError):  # no registry has such a name
            name = idna.encode(name, uts46=True).decode("ascii")
    return digest("host", name)


def hosts_of(uri: str) -> list[str]:
    """The host of an address and every domain that it is in, as `host` remembers them."""
    try:
        name = urlsplit(uri).hostname or ""
    except ValueError:
        name = ""
    labels = name.split(".")
    return [host(".".join(labels[place:])) for place in range(len(labels))] if name else []


@dataclass(frozen=True)
class Forgotten:
    """Ids of records, documents, passages and requests; digests of addresses and of hosts."""

    ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, store: Store) -> Forgotten:
        """Everything that was ever forgotten here, whether or not that has been finished."""
        if store.delta("forgettings") is None:
            return cls()
        rows = store.rows("forgettings", columns=["ids", "addresses", "hosts"])
        return cls(*(frozenset(one for row in rows for one in row[name]) for name in ("ids", "addresses", "hosts")))

    def __bool__(self) -> bool:
        return bool(self.ids or self.addresses or self.hosts)

    @cached_property
    def _values(self) -> pa.Array:
        """The ids as Arrow compares them, made once: whatever is written from then on is asked about."""
        return pa.array(list(self.ids), pa.string())

    def among(self, rows: pa.Table | pa.RecordBatch, columns: Sequence[str]) -> pa.Array:
        """Which rows name something forgotten in one of these columns."""
        found = [pc.fill_null(pc.is_in(rows[name], value_set=self._values), False) for name in columns]
        mask = found[0]
        for other in found[1:]:
            mask = pc.or_(mask, other)
        return mask

    def address_of(self, uri: str) -> bool:
        """True for an address that is not to be read again."""
        return address(uri) in self.addresses or (bool(self.hosts) and not self.hosts.isdisjoint(hosts_of(uri)))

    def without(self, output: Output) -> Output:
        """What a step yielded, without what was forgotten and without what it read at forgotten addresses."""
        more = self._of_addresses(output)
        seen = Forgotten(self.ids | more, self.addresses, self.hosts) if more else self
        kept: dict[str, pa.RecordBatch] = {}
        for table, rows in output.items():
            rule = RULES[table]
            kept[table] = rows if isinstance(rule, str) else rows.filter(pc.invert(seen.among(rows, rule)))
        return kept

    def _of_addresses(self, output: Output) -> set[str]:
        """Records read at forgotten addresses, documents that come from nowhere else, and their edits."""
        if not (self.addresses or self.hosts) or "records" not in output:
            return set()
        records = zip(output["records"]["record_id"].to_pylist(), output["records"]["uri"].to_pylist(), strict=True)
        gone = {name for name, uri in records if self.address_of(uri)}
        origins: dict[str, set[str]] = {}
        if "origins" in output:
            for row in output["origins"].to_pylist():
                bad = row["record_id"] in gone or self.address_of(row["uri"])
                origins.setdefault(row["document_id"], set()).add("" if bad else row["record_id"])
        gone |= {name for name, records_of in origins.items() if records_of == {""}}
        for row in output["documents"].to_pylist() if "documents" in output else ():
            if not gone.isdisjoint(row["parents"]) and row["document_id"] not in origins:
                gone.add(row["document_id"])
        return gone


def erase(store: Store, table: str, columns: Sequence[str], change: Change) -> int:
    """Pass each file of a table that `change` makes another of through it, in one commit. Returns the rows removed.

    `columns` are all that `change` needs to say that nothing changes (it gives back its argument); only then is the
    rest of a file read. Resident: one file.
    """
    for _ in range(TRIES):
        delta = store.delta(table)
        if delta is None:
            return 0
        actions: list[AddAction | RemoveAction] = []
        rows = 0
        for name, size in zip(*_files(delta), strict=True):
            with reached(store.place), store.table(table).files.open_input_file(name) as opened:
                file = pq.ParquetFile(opened)
                looked = file.read(columns=list(columns))
                if change(looked) is looked:
                    continue
                whole = file.read().cast(TABLES[table].schema)
            left = change(whole)
            rows += whole.num_rows - left.num_rows
            actions.append(_removed(name, size))
            if left.num_rows:
                actions.append(write_file(store, table, [left]))
        if not actions or commit_next(store, table, delta, actions):
            return rows
        for action in actions:
            if isinstance(action, AddAction):
                delete_file(store, table, action.path)
    raise StoreError(f"the table {table} is too busy to erase from", "run again when nothing else writes to it")


def erase_rows(store: Store, table: str, forgotten: Forgotten) -> int:
    """Rows that name something forgotten go. Raises KeyError for a table without a rule."""
    rule = RULES[table]
    if isinstance(rule, str):
        return 0

    def change(rows: pa.Table) -> pa.Table:
        mask = forgotten.among(rows, rule)
        return rows.filter(pc.invert(mask)) if pc.any(mask).as_py() else rows

    return erase(store, table, rule, change)


def purge(store: Store, table: str) -> None:
    """Leave the newest version of a table, a checkpoint of it, and nothing that was before."""
    delta = store.delta(table)
    if delta is None:
        return
    delta.create_checkpoint()
    version = delta.version()
    named = {name.rpartition("/")[2] for name in _files(delta)[0]}
    files = store.table(table).files
    with reached(store.place):
        for info in files.get_file_info(FileSelector("", recursive=True)):
            if info.type != FileType.File:
                continue
            folder, _, name = info.path.rpartition("/")
            old = folder.endswith("_delta_log") and name[:20].isdigit() and int(name[:20]) < version
            orphan = not folder and name not in named
            if old or orphan:
                files.delete_file(info.path)


def _files(delta: object) -> tuple[list[str], list[int]]:
    found = pa.table(delta.get_add_actions(flatten=True))  # type: ignore[attr-defined]
    return found["path"].to_pylist(), found["size_bytes"].to_pylist()


def _removed(name: str, size: int) -> RemoveAction:
    when = int(time.time() * 1000)
    return RemoveAction(path=name, data_change=True, deletion_timestamp=when, size=size, partition_values={})


def unfinished(rows: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Forgettings that were begun and not finished."""
    listed = list(rows)
    done = {row["forgetting_id"] for row in listed if row["state"] == "done"}
    return [row for row in listed if row["forgetting_id"] not in done]
