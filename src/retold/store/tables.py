"""A store: one place (a folder, or a prefix in object storage) with a marker file and one Delta table per noun.

Delta Lake through delta-rs gives atomic commits, deletes, vacuum and object stores. Two of its traps are closed here:
statistics are kept on id columns only (those of text would keep the first characters of deleted documents in the log),
and a store written in an unknown format is refused instead of being read by accident. The third (transactions do not
deduplicate by themselves) is the business of `commit.py`.

In object storage a commit is one conditional put, made by delta-rs; everything else, data files included, is read and
written by Arrow's own file system. Files that are not rows (a tokenizer, shards, a report) are never there: they lie
in a local folder, `beside`, and any machine makes them again from the rows.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError, TableNotFoundError

from retold.core.errors import StoreError, StoreVersionError
from retold.core.schema import STORE_FORMAT, TABLES
from retold.store.opened import Opened
from retold.store.place import Place, reached

# Commits between two checkpoints of a log. What is not in one costs a request each in object storage when it is opened,
# and on disk a thread each, which delta-rs does not give back for a while.
CHECKPOINT_EVERY = 20

# Each opening and each commit lists the log, and a group each ten seconds is 8,640 versions a day. What is older than
# this is in a checkpoint. It is longer than an open table is read on, and than any answer is looked for.
LOG_KEPT = "interval 2 hours"
DELETED_KEPT = "interval 1 days"

_reading = threading.Lock()
_tables_read: dict[tuple[str, tuple[str, ...]], Opened] = {}

MARKER = "retold.json"
TABLE_FOLDER = "tables"


class Store:
    """An open store. `Store.create` makes one or opens what is there; `Store.open` only opens."""

    def __init__(self, where: Place | Path | str, beside: Path | None = None) -> None:
        self.place = Place.of(where)
        self._beside = beside

    @property
    def beside(self) -> Path:
        """The local folder for files that are not rows: the one around a local store, or the one that was named."""
        if self._beside is not None:
            return self._beside
        return self.place.local.parent

    @classmethod
    def open(cls, where: Place | Path | str, beside: Path | None = None) -> Store:
        """Open an existing store. Raises StoreError where none is, StoreVersionError for an unknown format."""
        place = Place.of(where)
        marker = place.read(MARKER)
        if marker is None:
            raise StoreError(
                f"no store at {place}", "run a recipe first (retold run RECIPE), or name the store with --store"
            )
        try:
            found = json.loads(marker)["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{place / MARKER} is not a marker of a store", "restore it, or name another --store"
            ) from error
        if found != STORE_FORMAT:
            raise StoreVersionError(
                f"the store at {place} has format {found}; this version of retold knows format {STORE_FORMAT}",
                "use the version of retold that wrote it, or name a new store with --store",
            )
        return cls(place, beside)

    @classmethod
    def create(cls, where: Place | Path | str, beside: Path | None = None) -> Store:
        """Open the store there, making it first where there is none. Raises StoreError for a folder in use."""
        place = Place.of(where)
        if place.read(MARKER) is None:
            if not place.remote and place.local.is_file():
                raise StoreError(f"{place} is a file, not a folder", "name another --store")
            try:
                place.write(MARKER, json.dumps({"format": STORE_FORMAT}) + "\n")
            except OSError as error:
                raise StoreError(f"cannot make a store at {place}: {error.strerror}", "name another --store") from error
        return cls.open(place, beside)

    def table(self, name: str) -> Place:
        """Where a table lives. Raises KeyError for a name that is no table."""
        return self.place / TABLE_FOLDER / TABLES[name].name

    def delta(self, table: str) -> DeltaTable | None:
        """The newest version of a table, or None while nothing was ever written to it."""
        place = self.table(table)
        with reached(place):
            try:
                return DeltaTable(str(place), storage_options=place.options)
            except TableNotFoundError:
                return None

    def delta_or_new(self, table: str) -> DeltaTable:
        """The newest version of a table, made empty first where it does not exist."""
        found = self.delta(table)
        if found is not None:
            return found
        spec, place = TABLES[table], self.table(table)
        if not place.remote:
            place.local.mkdir(parents=True, exist_ok=True)
        failed: Exception | None = None
        try:
            DeltaTable.create(
                str(place),
                schema=Schema.from_arrow(spec.schema),
                mode="ignore",
                configuration={
                    "delta.dataSkippingStatsColumns": ",".join(spec.statistics),
                    "delta.checkpointInterval": str(CHECKPOINT_EVERY),
                    "delta.logRetentionDuration": LOG_KEPT,
                    "delta.deletedFileRetentionDuration": DELETED_KEPT,
                },
                storage_options=place.options,
            )
        except (OSError, DeltaError) as error:  # another process was first, or the answer to the put was lost
            failed = error
        found = self.delta(table)
        if found is None:
            with reached(place):
                raise failed or StoreError(f"cannot make a table at {place}")
        return found

    def commit_text(self, table: str, version: int) -> str | None:
        """What the log says of one version of a table; None where there is no such version (any more)."""
        return (self.table(table) / "_delta_log").read(f"{version:020}.json")

    def dataset(self, table: str) -> ds.Dataset:
        """A table as a pyarrow dataset of its newest version (empty where nothing was written).

        It is opened once in a process, and its log is read on where there is something new.
        """
        with _reading:
            key = (self.table(table).address, tuple((self.place.options or {}).values()))
            found = self.newest(table, _tables_read.get(key))
            if found is None:
                _tables_read.pop(key, None)
                return ds.dataset(TABLES[table].schema.empty_table())
            _tables_read[key] = found  # shared by all who read, so only while `_reading` is held
            return self.dataset_of(table, found.table)

    def newest(self, table: str, held: Opened | None) -> Opened | None:
        """The newest version of a table, by what the caller has held of it since it asked last; None as `delta`."""
        place, found = self.table(table), None
        if held is not None and held.is_there(place):
            if held.is_newest(place):
                return held
            found = held.table if held.read_on() else None
        found = found or self.delta(table)
        return None if found is None else Opened.now(place, found)

    def dataset_of(self, table: str, version: DeltaTable) -> ds.Dataset:
        """One version of a table as a pyarrow dataset.

        Files are read by Arrow's own file system: through delta-rs' (Python called from Arrow's threads) a process
        aborted at its end in 8 of 25 tries.
        """
        return version.to_pyarrow_dataset(schema=TABLES[table].schema, filesystem=self.table(table).files)

    def by_range(self, table: str, stages: set[str], first: int = 0) -> Iterator[ds.Dataset]:
        """Row groups of these stages, in the order of the table's `ordered` column, overlapping ones together.

        Those whose rows all lie before `first` are left out. One may hold rows of other stages too.
        """
        found = self.delta(table)
        if found is None:
            return
        order = TABLES[table].ordered
        actions = pa.table(found.get_add_actions(flatten=True)).to_pylist()
        ranges = sorted(
            (row[f"min.{order}"], row[f"max.{order}"], Path(row["path"]).name)
            for row in actions
            if row[f"max.{order}"] >= first and any(row["min.stage"] <= name <= row["max.stage"] for name in stages)
        )
        whole = self.dataset_of(table, found)
        fragments = {Path(fragment.path).name: fragment for fragment in whole.get_fragments()}
        files = [(start, last, fragments[name]) for start, last, name in ranges]
        for together in _overlapping(files):
            groups = sorted(
                (piece for fragment in together for piece in _row_groups(fragment, order) if piece[1] >= first),
                key=lambda piece: piece[:2],
            )
            for overlapping in _overlapping(groups):
                yield ds.FileSystemDataset(overlapping, whole.schema, whole.format, whole.filesystem)

    def rows(self, table: str, expression: ds.Expression | None = None, columns: list[str] | None = None) -> list[Any]:
        """Rows as dicts, for small results only."""
        with reached(self.place):
            rows: list[Any] = self.dataset(table).to_table(columns=columns, filter=expression).to_pylist()
        return rows


def _overlapping(ranges: Iterable[tuple[float, float, ds.Fragment]]) -> Iterator[list[ds.Fragment]]:
    """Fragments of ranges that are sorted by their first value, those that share values together."""
    group: list[ds.Fragment] = []
    end = -math.inf
    for start, last, fragment in ranges:
        if group and start > end:
            yield group
            group = []
        end = max(end, last)
        group.append(fragment)
    if group:
        yield group


def _row_groups(file: ds.ParquetFileFragment, column: str) -> Iterator[tuple[float, float, ds.Fragment]]:
    """(least, most, row group) of a file by a column; everything where statistics are missing."""
    for piece in file.split_by_row_group():
        known = (piece.row_groups[0].statistics or {}).get(column)
        yield (known["min"], known["max"], piece) if known else (-math.inf, math.inf, piece)
