"""A store: one folder (local or in object storage) with a marker file and one Delta table per noun.

Delta Lake through delta-rs gives atomic commits, deletes, vacuum and object stores. Two of its traps are closed here:
statistics are kept on id columns only (those of text would keep the first characters of deleted documents in the log),
and a store written in an unknown format is refused instead of being read by accident. The third (transactions do not
deduplicate by themselves) is the business of `commit.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, Schema
from deltalake.exceptions import TableNotFoundError
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from retold.core.errors import StoreError, StoreVersionError
from retold.core.schema import STORE_FORMAT, TABLES

MARKER = "retold.json"
TABLE_FOLDER = "tables"


class Store:
    """An open store. `Store.create` makes one or opens what is there; `Store.open` only opens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path | str) -> Store:
        """Open an existing store. Raises StoreError where none is, StoreVersionError for an unknown format."""
        folder = Path(folder)
        marker = folder / MARKER
        if not marker.is_file():
            raise StoreError(
                f"no store at {folder}", "run a recipe first (retold run RECIPE), or name the store with --store"
            )
        try:
            found = json.loads(marker.read_text("utf-8"))["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{marker} is not a marker of a store", "restore it, or name another --store") from error
        if found != STORE_FORMAT:
            raise StoreVersionError(
                f"the store at {folder} has format {found}; this version of retold knows format {STORE_FORMAT}",
                "use the version of retold that wrote it, or name a new store with --store",
            )
        return cls(folder)

    @classmethod
    def create(cls, folder: Path | str) -> Store:
        """Open the store at `folder`, making it first where there is none. Raises StoreError for a folder in use."""
        folder = Path(folder)
        marker = folder / MARKER
        if not marker.exists():
            if folder.is_file():
                raise StoreError(f"{folder} is a file, not a folder", "name another --store")
            try:
                folder.mkdir(parents=True, exist_ok=True)
                fresh = marker.with_suffix(".new")
                fresh.write_text(json.dumps({"format": STORE_FORMAT}) + "\n", "utf-8")
                fresh.replace(marker)
            except OSError as error:
                raise StoreError(
                    f"cannot make a store at {folder}: {error.strerror}", "name another --store"
                ) from error
        return cls.open(folder)

    def uri(self, table: str) -> str:
        """Where a table lives. Raises KeyError for a name that is no table."""
        return str(self.folder / TABLE_FOLDER / TABLES[table].name)

    def delta(self, table: str) -> DeltaTable | None:
        """The newest version of a table, or None while nothing was ever written to it."""
        try:
            return DeltaTable(self.uri(table))
        except TableNotFoundError:
            return None

    def delta_or_new(self, table: str) -> DeltaTable:
        """The newest version of a table, made empty first where it does not exist."""
        found = self.delta(table)
        if found is not None:
            return found
        spec = TABLES[table]
        Path(self.uri(table)).mkdir(parents=True, exist_ok=True)
        DeltaTable.create(
            self.uri(table),
            schema=Schema.from_arrow(spec.schema),
            mode="ignore",
            configuration={"delta.dataSkippingStatsColumns": ",".join(spec.statistics)},
        )
        return DeltaTable(self.uri(table))

    def dataset(self, table: str) -> ds.Dataset:
        """A table as a pyarrow dataset of its newest version (empty where nothing was written)."""
        found = self.delta(table)
        return ds.dataset(TABLES[table].schema.empty_table()) if found is None else self.dataset_of(table, found)

    def dataset_of(self, table: str, version: DeltaTable) -> ds.Dataset:
        """One version of a table as a pyarrow dataset.

        Files are read by Arrow's own file system: through delta-rs' (Python called from Arrow's threads) a process
        aborted at its end in 8 of 25 tries.
        """
        files = SubTreeFileSystem(self.uri(table), LocalFileSystem())
        return version.to_pyarrow_dataset(schema=TABLES[table].schema, filesystem=files)

    def by_range(self, table: str, stages: set[str], first: int = 0) -> Iterator[ds.Dataset]:
        """The files of these stages, in the order of the table's `ordered` column, overlapping ones together.

        Files whose rows all lie before `first` are left out.
        """
        found = self.delta(table)
        if found is None:
            return
        order = TABLES[table].ordered
        actions = pa.table(found.get_add_actions(flatten=True)).to_pylist()
        ranges = sorted(
            (row[f"min.{order}"], row[f"max.{order}"], Path(row["path"]).name)
            for row in actions
            if (row["min.stage"] in stages or row["max.stage"] in stages) and row[f"max.{order}"] >= first
        )
        whole = self.dataset_of(table, found)
        fragments = {Path(fragment.path).name: fragment for fragment in whole.get_fragments()}
        group: list[ds.Fragment] = []
        end = None
        for start, last, name in ranges:
            if group and start > end:
                yield ds.FileSystemDataset(group, whole.schema, whole.format, whole.filesystem)
                group = []
            end = last if end is None else max(end, last)
            group.append(fragments[name])
        if group:
            yield ds.FileSystemDataset(group, whole.schema, whole.format, whole.filesystem)

    def rows(self, table: str, expression: ds.Expression | None = None, columns: list[str] | None = None) -> list[Any]:
        """Rows as dicts, for small results only."""
        rows: list[Any] = self.dataset(table).to_table(columns=columns, filter=expression).to_pylist()
        return rows
