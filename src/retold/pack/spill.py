"""Sorting more than fits into memory: rows go into numbered buckets on disk and come back one bucket at a time.

    spill.add(buckets, batch)     bucket numbers, one for each row of the batch
    spill.take(3) -> Table | None all rows of bucket 3, in no promised order

Each bucket is one file of Arrow streams, appended to whenever PENDING_BYTES have gathered, so the number of open files
is one and the number of writes does not grow with the number of small batches. The folder holds text: it is emptied
when the spill opens (a killed run may have left it) and removed when it closes.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retold.pack.files import space_checked

PENDING_BYTES = 64 << 20


class Spill:
    """Buckets of rows under `folder`, all with one schema. Resident: PENDING_BYTES, then one bucket."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder = folder
        self._schema = schema
        self._pending: dict[int, list[Any]] = {}
        self._bytes = 0

    def __enter__(self) -> Spill:
        shutil.rmtree(self._folder, ignore_errors=True)
        with space_checked(self._folder):
            self._folder.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pending.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, buckets: NDArray[np.int64], batch: pa.RecordBatch) -> None:
        """Put each row of `batch` into its bucket (0 or more)."""
        if not len(buckets):
            return
        order = np.argsort(buckets, kind="stable")
        grouped = batch.take(pa.array(order))
        ordered = buckets[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]).tolist()
        for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
            self._pending.setdefault(int(ordered[start]), []).append(grouped.slice(start, end - start))
        self._bytes += grouped.nbytes
        if self._bytes >= PENDING_BYTES:
            self._flush()

    def _flush(self) -> None:
        with space_checked(self._folder):
            for bucket, batches in sorted(self._pending.items()):
                with (
                    (self._folder / str(bucket)).open("ab") as file,
                    pa.ipc.new_stream(file, self._schema) as writer,
                ):
                    for batch in batches:
                        writer.write_batch(batch)
        self._pending.clear()
        self._bytes = 0

    def take(self, bucket: int) -> pa.Table | None:
        """All rows of a bucket, which is then gone; None where it is empty."""
        waiting = self._pending.pop(bucket, [])
        self._bytes -= sum(batch.nbytes for batch in waiting)
        path = self._folder / str(bucket)
        batches: list[Any] = []
        if path.exists():
            size = path.stat().st_size
            with path.open("rb") as file:
                while file.tell() < size:
                    batches += pa.ipc.open_stream(file)
            path.unlink()
        batches += waiting
        return pa.Table.from_batches(batches, schema=self._schema) if batches else None
