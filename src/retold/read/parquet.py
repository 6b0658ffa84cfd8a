"""Parquet: one row, one record, in the layouts that `read/rows.py` knows.

Only the columns that are looked at are decoded, 8 rows at a time (more where `max_bytes` is lower) and one row group
after the other, so memory is that of 8 documents and of one page a column, 128 MB and a page. A row group that is
damaged or unpacks to too much (`read/limits.py`) costs itself; where what rows hold grows beyond the file (one value of
a dictionary, a million times), reading ends. Strings are taken as bytes and decoded row by row, so
that a row that is not UTF-8 costs itself too, instead of its batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retold.core.verdict import Verdict
from retold.read import limits
from retold.read.files import Input
from retold.read.raw import File, Raw, unreadable
from retold.read.rows import from_row, wanted
from retold.read.settings import Source

_DAMAGE = (OSError, ValueError, pa.ArrowException)
"""What Arrow raises about bytes; names of columns that are not UTF-8 among it."""


def read(file: File, name: str, source: Source) -> Iterator[Raw | Verdict]:
    """The records of a Parquet file. Raises SourceError when the file itself cannot be read."""
    with Input(file.path, file.bytes) as handle:
        try:
            table = pq.ParquetFile(handle, pre_buffer=False)
            present = list(table.schema_arrow.names)
        except _DAMAGE as error:
            yield unreadable(name, file, "", "damaged_file", str(error))
            return
        columns = _columns(source, present)
        if _head(source.text, present) not in columns:
            found = f"no {source.text!r} among {', '.join(present[:12])}"
            yield unreadable(name, file, "", "no_text_column", found)
            return
        row = given = 0
        for group in range(table.num_row_groups):
            start, row = row, row + table.metadata.row_group(group).num_rows
            for item in _group(table, group, start, columns, name, source, file):
                yield item
                given += _cost(item, source)
                if given > limits.unpacked(file.bytes):
                    detail = f"{given:,} bytes of rows from {file.bytes:,}"
                    yield unreadable(name, file, "rows", "decompression_bomb", detail)
                    return


def _cost(item: Raw | Verdict, source: Source) -> int:
    """What a row counts in bytes: its text, and the least that any row costs."""
    if isinstance(item, Raw):
        return limits.ROW + item.record.bytes
    return limits.ROW + (source.max_bytes if item.reason == "too_big" else 0)


def _head(column: str, present: list[str]) -> str:
    return column if column in present else column.partition(".")[0]


def _columns(source: Source, present: list[str]) -> list[str]:
    names = [source.text, *(column for columns in wanted(source).values() for column in columns)]
    return sorted({_head(column, present) for column in names} & set(present))


def _group(
    table: Any, group: int, start: int, columns: list[str], name: str, source: Source, file: File
) -> Iterator[Raw | Verdict]:
    row = start
    try:
        if bomb := _bomb(table.metadata.row_group(group), set(columns)):
            yield unreadable(name, file, f"after row {row}", "decompression_bomb", bomb)
            return
        for batch in table.iter_batches(batch_size=limits.rows(source.max_bytes), row_groups=[group], columns=columns):
            for values in _rows(batch):
                row += 1
                yield from_row(values, name, source, file, f"row {row}")
    except _DAMAGE as error:
        yield unreadable(name, file, f"after row {row}", "damaged_file", str(error))


def _bomb(group: Any, columns: set[str]) -> str:
    """What is wrong with the sizes that a row group states for the columns that are read; "" for nothing."""
    for place in range(group.num_columns):
        chunk = group.column(place)
        if chunk.path_in_schema.partition(".")[0] not in columns and chunk.path_in_schema not in columns:
            continue
        if chunk.total_uncompressed_size > limits.column(max(chunk.total_compressed_size, 0)):
            return f"{chunk.total_uncompressed_size:,} bytes from {chunk.total_compressed_size:,}"
    return ""


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    columns = [_values(column) for column in batch.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(batch.schema.names, values, strict=True))


def _values(column: pa.Array) -> list[Any]:
    """The values of a column; strings as bytes (undecoded), times as ISO text, what cannot be read as None."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return list(column.cast(pa.large_binary()).to_pylist())
    if pa.types.is_timestamp(column.type):
        return list(pc.cast(column, pa.string()).to_pylist())
    try:
        return list(column.to_pylist())
    except (UnicodeDecodeError, ValueError, pa.ArrowException):
        return [_value(item) for item in column]


def _value(item: pa.Scalar) -> Any:
    try:
        return item.as_py()
    except (UnicodeDecodeError, ValueError, pa.ArrowException):
        return None
