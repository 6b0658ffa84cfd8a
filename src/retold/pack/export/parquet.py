"""Parquet files that `datasets`, polars, DuckDB and Spark read unchanged.

    shards/00000.parquet ...   input_ids (int32), loss_mask (uint8), documents (ranges)    rows in packed order
    texts/00000.parquet ...    document_id, kind, text, style, made_by, source, parents     sorted by digest of the id

`datasets.load_dataset("parquet", data_files="out/shards/*.parquet")`. Each file is zstd and written as a whole; the
same rows give the same bytes. With `borders: true` a row also has `position_ids` (from 0 in each document),
`sequence_ids` (which document of the row; padding is one more) and `cu_seqlens` (where documents begin, and the end):
what attention within documents needs. A text that two data sets hold is written once, under the source that sorts
first. 16,384 texts of 5 kB are in memory at a time, 80 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retold.core.fingerprint import uniform
from retold.core.schema import TABLES
from retold.pack.export.borders import with_borders
from retold.pack.files import Staged, space_checked
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


class ParquetShards:
    """Writes `shards/`, a file for each table. Shards of an older, longer run go when the new ones are in place."""

    def __init__(self, folder: Path, borders: bool = False) -> None:
        self._staged = Staged(folder)
        self._borders = borders

    def __enter__(self) -> ParquetShards:
        self._staged.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._staged.__exit__(*error)

    def add(self, table: pa.Table) -> None:
        """One file of rows."""
        shown = table.select(list(ROW_COLUMNS))
        _write(with_borders(shown) if self._borders else shown, self._staged.next())

    def commit(self) -> list[Path]:
        """Put the files in place."""
        return self._staged.commit()


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
