"""The two steps of every change to a table: a data file that nobody sees yet, and a commit as exactly the next version.

In: rows, or tables one after the other; a table as it was read; actions. Out: whether the commit is there.

Each commit carries a word of its own. Where a commit fails, or seems to have been second, the log is asked whether that
version is one's own: an answer lost on the way (object stores repeat a put whose answer they cannot deliver, and then
refuse it) leaves the commit in place, and its data file must not be taken for an orphan.
"""

from __future__ import annotations

import errno
import json
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from retold.core.errors import DiskFull
from retold.core.schema import TABLES
from retold.store.place import Place, reached
from retold.store.tables import Store

# New rows are packed in half the time for files an eighth larger; compaction packs them tighter.
LEVELS = {True: 1, False: 3}
# What a reader has to hold at once: it takes a row group whole, and those of a table with an order one by one.
ROW_GROUP_BYTES = 1 << 20
WORD = "retold.commit"
PAUSES_BETWEEN_PUTS = (0.2, 1.0, 5.0, 15.0)


def write_file(store: Store, table: str, pieces: Iterable[pa.Table], *, new: bool = True) -> AddAction:
    """Write tables into one file, in row groups of `ROW_GROUP_BYTES` before they are packed.

    `new`: its rows were nowhere before. Raises DiskFull, StoreError.
    """
    name = f"{uuid.uuid4().hex}.parquet"
    place, spec = store.table(table), TABLES[table]
    ranges = _Ranges(spec.statistics)
    try:
        with reached(place), place.files.open_output_stream(name) as sink:
            with pq.ParquetWriter(
                sink,
                spec.schema,
                compression="zstd",
                compression_level=LEVELS[new],
                write_statistics=list(spec.statistics),
                store_schema=False,
            ) as writer:
                for piece in pieces:
                    ranges.add(piece)
                    writer.write_table(piece, row_group_size=_rows_together(piece))
            size = sink.tell()
    except OSError as error:
        delete_file(store, table, name)
        raise _out_of_space(store.place, error) from error
    return AddAction(
        path=name,
        size=size,
        partition_values={},
        modification_time=int(time.time() * 1000),
        data_change=new,
        stats=json.dumps(ranges.as_stats()),
    )


def delete_file(store: Store, table: str, name: str) -> None:
    """Delete a data file that no version names. One that cannot be deleted stays, and stays unseen."""
    with suppress(OSError):
        store.table(table).files.delete_file(name)


def commit_next(
    store: Store,
    table: str,
    read: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    claims: Sequence[Transaction] = (),
) -> bool:
    """Commit as the version after the one that was read; False when another commit was first.

    In object storage a put that failed is repeated with the same word, so that it is one's own whenever it lands.
    """
    word = uuid.uuid4().hex
    properties = CommitProperties(custom_metadata={WORD: word}, app_transactions=list(claims), max_commit_retries=0)
    pauses = [*PAUSES_BETWEEN_PUTS] if store.place.remote else []
    while True:
        try:
            read.create_write_transaction(
                list(actions), mode="append", schema=read.schema(), commit_properties=properties
            )
        except (OSError, DeltaError) as error:
            there = landed(store, table, read.version() + 1, word)
            if there is not None:
                return there
            if not pauses:
                with reached(store.place):
                    raise _out_of_space(store.place, error) from error
            time.sleep(pauses.pop(0))
        else:
            return True


def landed(store: Store, table: str, version: int, word: str) -> bool | None:
    """Whether the commit that took this version is the one with this word; None where no commit did."""
    text = store.commit_text(table, version)
    return None if text is None else word in text


def _rows_together(piece: pa.Table) -> int:
    """Rows of one row group."""
    rows: int = ROW_GROUP_BYTES * piece.num_rows // max(1, piece.nbytes)
    return max(1, rows)


class _Ranges:
    """Minimum, maximum and number of nulls of the columns that may have them, over all pieces."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.rows = 0
        self.least: dict[str, object] = dict.fromkeys(columns)
        self.most: dict[str, object] = dict.fromkeys(columns)
        self.nulls: dict[str, int] = dict.fromkeys(columns, 0)

    def add(self, piece: pa.Table) -> None:
        self.rows += piece.num_rows
        for name in self.least:
            both = pc.min_max(piece[name]).as_py()
            self.nulls[name] += piece[name].null_count
            for kept, found, better in ((self.least, both["min"], min), (self.most, both["max"], max)):
                kept[name] = found if kept[name] is None else kept[name] if found is None else better(kept[name], found)

    def as_stats(self) -> dict[str, object]:
        return {"numRecords": self.rows, "minValues": self.least, "maxValues": self.most, "nullCount": self.nulls}


def _out_of_space(place: Place, error: Exception) -> Exception:
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return DiskFull(
            f"no space left for the store at {place}",
            "free some space and run the same command again: everything committed is kept",
        )
    return error
