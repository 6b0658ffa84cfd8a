"""The fold "export": Parquet files that `datasets`, polars, DuckDB and Spark read unchanged.

    shards/00000.parquet ...   input_ids (int32), loss_mask (uint8), documents (ranges)    rows in packed order
    texts/00000.parquet ...    document_id, kind, text, style, made_by, source, parents     sorted by digest of the id

`datasets.load_dataset("parquet", data_files="out/shards/*.parquet")`. Each file is zstd and written as a whole; the
same rows give the same bytes. Rows may come in any order: they are sorted through buckets on disk, one file's worth
in memory at a time (8,192 rows of 1,024 tokens are 42 MB, 16,384 texts of 5 kB are 80 MB). A text that two data sets
hold is written once, under the source that sorts first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retold.core.errors import StoreError
from retold.core.fingerprint import uniform
from retold.core.schema import TABLES
from retold.core.step import Output, Part, View
from retold.pack.files import Staged, space_checked
from retold.pack.settings import PackSettings
from retold.pack.spill import Spill

SHARDS, TEXTS = "shards", "texts"
ROW_COLUMNS = ("input_ids", "loss_mask", "documents")
TEXT_COLUMNS = ("document_id", "kind", "text", "style", "made_by", "source", "parents")
TEXTS_PER_FILE = 16_384
_ROW_GROUP = 1024
_LEVEL = 3


def _write(table: pa.Table, path: Path) -> None:
    with space_checked(path.parent):
        pq.write_table(table, path, compression="zstd", compression_level=_LEVEL, row_group_size=_ROW_GROUP)


def export(batches: Iterable[pa.RecordBatch], folder: Path, rows_per_shard: int) -> list[Path]:
    """Write rows of the table `packed` to `folder`, in the order of their numbers. Returns the files.

    `batches` are all rows, in any order. Shards of an older run that are no longer needed are removed once the new ones
    are in place. Raises StoreError where row numbers are not 0, 1, 2, ...
    """
    schema = TABLES["packed"].columns
    with Staged(folder) as staged, Spill(folder / ".sorting", schema) as spill:
        rows = 0
        for batch in batches:
            spill.add(batch["row"].to_numpy() // rows_per_shard, batch)
            rows += batch.num_rows
        for bucket, first in enumerate(range(0, rows, rows_per_shard)):
            wanted = np.arange(first, min(first + rows_per_shard, rows))
            table = spill.take(bucket)
            table = table.sort_by("row") if table is not None else None
            if table is None or not np.array_equal(table["row"].to_numpy(), wanted):
                raise StoreError(
                    f"packed rows {first} to {int(wanted[-1])} are not there exactly once",
                    "run again: the rows are packed anew where they are missing",
                )
            _write(table.select(list(ROW_COLUMNS)), staged.next())
        return staged.commit()


def export_texts(batches: Callable[[], Iterable[pa.RecordBatch]], folder: Path, texts_per_file: int) -> list[Path]:
    """Write rows of the table `documents` to `folder`, about `texts_per_file` to a file. Returns the files.

    `batches()` gives all rows, in any order, each time it is called: they are counted first. Files of an older run that
    are no longer needed are removed once the new ones are in place.
    """
    columns = TABLES["documents"].columns
    schema = pa.schema([columns.field(name) for name in TEXT_COLUMNS])
    files = -(-sum(batch.num_rows for batch in batches()) // texts_per_file)
    with Staged(folder) as staged, Spill(folder / ".sorting", schema) as spill:
        for batch in batches():
            places = [int(uniform(identifier.as_py()) * files) for identifier in batch["document_id"]]
            spill.add(np.array(places, dtype=np.int64), batch.select(list(TEXT_COLUMNS)))
        for bucket in range(files):
            table = spill.take(bucket)
            if table is not None:
                _write(_distinct(table), staged.next())
        return staged.commit()


def _distinct(table: pa.Table) -> pa.Table:
    """Sorted by id; of rows with one id the first by source, style and maker."""
    order = [("document_id", "ascending"), ("source", "ascending"), ("style", "ascending"), ("made_by", "ascending")]
    table = table.sort_by(order)
    ids = table["document_id"].combine_chunks()
    return table.filter(pa.array(np.r_[True, pc.not_equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False)]))


class Export:
    """Fold: writes `view.folder / "shards"` and `view.folder / "texts"`, and yields no rows."""

    name = "export"
    version = 1
    writes: tuple[str, ...] = ()
    files: tuple[str, ...] = (SHARDS, TEXTS)

    def __init__(self, settings: PackSettings) -> None:
        self.settings = settings

    def identity(self) -> Mapping[str, Any]:
        """How rows and texts are divided into files, and which texts are written."""
        return {
            "rows_per_shard": self.settings.rows_per_shard,
            "texts_per_file": TEXTS_PER_FILE,
            "kinds": list(self.settings.kinds),
        }

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Nothing: files are written from the tables."""
        del part, view
        yield from ()

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Write all files. Raises StoreError where packed rows are missing or double, DiskFull without space."""
        del sketches
        export(view.read("packed"), view.folder / SHARDS, self.settings.rows_per_shard)
        kinds = self.settings.kinds
        export_texts(lambda: view.documents(kinds, columns=TEXT_COLUMNS), view.folder / TEXTS, TEXTS_PER_FILE)
        yield from ()
