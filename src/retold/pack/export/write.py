"""All packed rows in their order, a shard's worth at a time, given to one writer or several.

Rows may come in any order: they are sorted through buckets on disk, one shard in memory at a time (8,192 rows of 1,024
tokens are 42 MB).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from retold.core.errors import StoreError
from retold.core.schema import TABLES
from retold.pack.export.parquet import ParquetShards
from retold.pack.spill import Spill

SORTING = ".sorting"


class RowWriter(Protocol):
    """Takes all rows in order, then puts its files in place. Leaving without `commit` leaves the old files."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *error: Any) -> None: ...

    def add(self, table: pa.Table) -> None:
        """The next rows of the table `packed`, at most a shard of them."""
        ...

    def commit(self) -> list[Path]:
        """Put everything in place. Returns the files."""
        ...


def write(batches: Iterable[pa.RecordBatch], scratch: Path, rows_per_shard: int, writers: Sequence[RowWriter]) -> None:
    """Give all rows to each writer, in the order of their numbers.

    `batches` are all rows, in any order. Raises StoreError where row numbers are not 0, 1, 2, ...
    """
    with ExitStack() as stack:
        for writer in writers:
            stack.enter_context(writer)
        for table in _ordered(batches, scratch, rows_per_shard):
            for writer in writers:
                writer.add(table)
        for writer in writers:
            writer.commit()


def _ordered(batches: Iterable[pa.RecordBatch], scratch: Path, rows_per_shard: int) -> Iterator[pa.Table]:
    with Spill(scratch, TABLES["packed"].columns) as spill:
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
            yield table.combine_chunks()


def export(
    batches: Iterable[pa.RecordBatch], folder: Path, rows_per_shard: int, *, borders: bool = False
) -> list[Path]:
    """Write rows as Parquet shards to `folder` alone. Returns the files. Raises as `write` does."""
    with ParquetShards(folder, borders) as shards:
        for table in _ordered(batches, folder / SORTING, rows_per_shard):
            shards.add(table)
        return shards.commit()
