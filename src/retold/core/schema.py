"""The tables of a store as Arrow schemas, and the way from rows to record batches.

A table has a key (unique within one part of one stage) and the columns that may carry file statistics: ids only, since
statistics on text would keep the first characters of deleted documents in the log. `stage` is the fingerprint of the
stage that wrote a row, `part` the share of the input it came from. Changing anything here changes the golden schemas in
`tests/core/golden/` and, when old stores cannot be read, `STORE_FORMAT`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from itertools import accumulate
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

STORE_FORMAT = 4

SPAN = pa.struct([("document_id", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
MARK = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("reason", pa.string())])
STRETCH = pa.struct([("start", pa.int64()), ("end", pa.int64())])
UNCHANGED = pa.struct([("start", pa.int64()), ("parent_start", pa.int64()), ("length", pa.int64())])
RANGE = pa.struct(
    [
        ("document_id", pa.string()),
        ("char_start", pa.int64()),
        ("char_end", pa.int64()),
        ("token_start", pa.int32()),
        ("token_end", pa.int32()),
    ]
)


@dataclass(frozen=True)
class Table:
    """Name, columns (without `stage` and `part`), and the columns that make a row unique within (stage, part).

    `ordered`: a column of whole numbers whose minimum and maximum are kept for each file, so that rows can be read in
    its order without holding the table.
    """

    name: str
    columns: pa.Schema
    key: tuple[str, ...]
    ordered: str = ""

    @property
    def schema(self) -> pa.Schema:
        """The stored schema: `stage`, `part`, then the columns."""
        return pa.schema([pa.field("stage", pa.string()), pa.field("part", pa.string()), *self.columns])

    @property
    def statistics(self) -> tuple[str, ...]:
        """Columns that may carry minima and maxima in the log."""
        return tuple(dict.fromkeys(("stage", "part", *self.key, *([self.ordered] if self.ordered else []))))


def _table(name: str, key: str | tuple[str, ...], /, ordered: str = "", **columns: pa.DataType) -> Table:
    return Table(name, pa.schema(list(columns.items())), (key,) if isinstance(key, str) else key, ordered)


_TEXT, _COUNT, _NUMBER, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "records",
            "record_id",
            record_id=_TEXT,
            source=_TEXT,
            key=_TEXT,
            uri=_TEXT,
            media_type=_TEXT,
            bytes=_COUNT,
            title=_TEXT,
            date=_TEXT,
            licence=_TEXT,
        ),
        _table("origins", ("document_id", "record_id", "uri"), document_id=_TEXT, record_id=_TEXT, uri=_TEXT),
        _table(
            "documents",
            "document_id",
            document_id=_TEXT,
            kind=_TEXT,
            text=_TEXT,
            source=_TEXT,
            parents=pa.list_(_TEXT),
            spans=pa.list_(SPAN),
            style=_TEXT,
            made_by=_TEXT,
            title=_TEXT,
            licence=_TEXT,
            no_loss=pa.list_(STRETCH),
        ),
        _table(
            "span_maps",
            ("document_id", "parent_id"),
            document_id=_TEXT,
            parent_id=_TEXT,
            parent_characters=_COUNT,
            kept=pa.list_(UNCHANGED),
        ),
        _table("verdicts", ("subject", "kind"), subject=_TEXT, kind=_TEXT, keep=_FLAG, reason=_TEXT, detail=_TEXT),
        _table(
            "signals",
            "document_id",
            document_id=_TEXT,
            values=pa.map_(_TEXT, _NUMBER),
            marks=pa.list_(MARK),
        ),
        _table(
            "clusters",
            "document_id",
            document_id=_TEXT,
            cluster=_TEXT,
            size=_COUNT,
            kept=_TEXT,
            kept_part=_TEXT,
            similarity=_NUMBER,
        ),
        _table(
            "contaminations",
            ("document_id", "set", "item", "field", "start"),
            document_id=_TEXT,
            set=_TEXT,
            item=_TEXT,
            field=_TEXT,
            score=_NUMBER,
            start=_COUNT,
            end=_COUNT,
            removes=_FLAG,
        ),
        _table("kept", ("step", "piece"), step=_TEXT, piece=_COUNT, settings=_TEXT, generation=_COUNT, ids=pa.binary()),
        _table(
            "passages",
            "passage_id",
            passage_id=_TEXT,
            document_id=_TEXT,
            start=_COUNT,
            end=_COUNT,
            heading=_TEXT,
            text=_TEXT,
            tokens=_COUNT,
        ),
        _table(
            "requests",
            "request_id",
            ordered="position",
            request_id=_TEXT,
            retelling_id=_TEXT,
            position=_COUNT,
            passage_id=_TEXT,
            document_id=_TEXT,
            start=_COUNT,
            end=_COUNT,
            style=_TEXT,
            style_version=_TEXT,
            engine=_TEXT,
            attempt=pa.int32(),
            unit=pa.int32(),
            units=pa.int32(),
        ),
        _table(
            "completions",
            "request_id",
            request_id=_TEXT,
            text=_TEXT,
            finish=_TEXT,
            engine=_TEXT,
            prompt_tokens=_COUNT,
            completion_tokens=_COUNT,
            cached_tokens=_COUNT,
            seconds=_NUMBER,
            error=_TEXT,
            sent=pa.int32(),
            cost=_NUMBER,
            logprobs=pa.list_(pa.float32()),
            failure=_TEXT,
        ),
        _table(
            "dead_letters",
            ("request_id", "round"),
            request_id=_TEXT,
            round=pa.int32(),
            failure=_TEXT,
            error=_TEXT,
            sent=pa.int32(),
            seconds=_NUMBER,
            cost=_NUMBER,
        ),
        _table("engines", "identity", identity=_TEXT, witness=_TEXT),
        _table("rounds", "round", round=pa.int32(), requests=_COUNT, failures=pa.list_(_TEXT)),
        _table(
            "yields",
            "first",
            ordered="first",
            first=_COUNT,
            end=_COUNT,
            results=_COUNT,
            accepted=_COUNT,
            tokens=_COUNT,
            tokens_squared=_NUMBER,
            cost=_NUMBER,
        ),
        _table("cuts", "name", name=_TEXT, end=_COUNT, tokens=_COUNT, cost=_NUMBER, met=_TEXT),
        _table(
            "selection",
            "position",
            ordered="position",
            position=_COUNT,
            document_id=_TEXT,
            epoch=pa.int32(),
            phase=_TEXT,
            portion=_TEXT,
            tokens=_COUNT,
        ),
        _table(
            "packed",
            "row",
            row=_COUNT,
            phase=_TEXT,
            input_ids=pa.list_(pa.int32()),
            loss_mask=pa.list_(pa.uint8()),
            documents=pa.list_(RANGE),
        ),
        _table(
            "forgettings",
            ("forgetting_id", "state"),
            forgetting_id=_TEXT,
            state=_TEXT,
            at=_TEXT,
            by=_TEXT,
            why=_TEXT,
            asked=_TEXT,
            ids=pa.list_(_TEXT),
            addresses=pa.list_(_TEXT),
            hosts=pa.list_(_TEXT),
            contents=pa.list_(_TEXT),
            counts=_TEXT,
            seal=_TEXT,
        ),
        _table("parts", "name", name=_TEXT, rows=_COUNT),
        _table(
            "runs", "run_id", run_id=_TEXT, recipe=_TEXT, started=_TEXT, seconds=_NUMBER, outcome=_TEXT, report=_TEXT
        ),
    )
}


def plain(row: object) -> dict[str, Any]:
    """A row as a dict: dataclasses (also nested, slotted) and mappings alike."""
    if isinstance(row, Mapping):
        return {name: _plain_value(value) for name, value in row.items()}
    kind: Any = type(row)
    return {name: _plain_value(getattr(row, name)) for name in _names(kind)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass. Raises TypeError for what is none."""
    if not is_dataclass(kind):
        raise TypeError(f"a row is a mapping or a dataclass, not {kind.__name__}")
    return tuple(item.name for item in fields(kind))


class Columned:
    """Many small rows inside one row, held as one array for each of their columns, in the order of the schema.

    A base class and no protocol: whether a value is one is asked of every value that is written.
    """

    def columns(self) -> Sequence[npt.NDArray[np.int64]]:
        """One array for each column, of one length."""
        raise NotImplementedError


_PLAIN = frozenset((str, int, float, bool, type(None)))


def _plain_value(value: object) -> object:
    if type(value) in _PLAIN or isinstance(value, Columned):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return plain(value)
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, tuple):
        return [_plain_value(inner) for inner in value]
    return value


def batch(table: str, rows: Iterable[object]) -> pa.RecordBatch:
    """Rows (dataclasses of `core/document.py`, or mappings) as one record batch with the table's columns.

    Raises KeyError for an unknown table or a missing column, pyarrow.ArrowInvalid for a value of the wrong type.
    """
    schema = TABLES[table].columns
    held = list(rows)
    arrays = [_array(_column(held, item), item.type) for item in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(rows: list[object], item: pa.Field) -> list[Any]:
    """One column of all rows: a column at a time needs no dict for each row."""
    name = item.name
    if rows and all(type(row) is type(rows[0]) for row in rows) and not isinstance(rows[0], Mapping):
        kind: Any = type(rows[0])
        if name not in _names(kind):
            raise KeyError(name)
        values = list(map(attrgetter(name), rows))
    else:
        values = [row[name] if isinstance(row, Mapping) else plain(row)[name] for row in rows]
    return [_plain_value(value) for value in values] if pa.types.is_nested(item.type) else values


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if not pa.types.is_list(kind):
        return pa.array(values, type=kind)
    if not values or not all(isinstance(value, Columned) for value in values):
        made = [_rows(value, kind) if isinstance(value, Columned) else value for value in values]
        return pa.array(made, type=kind)
    names = [kind.value_type.field(place) for place in range(kind.value_type.num_fields)]
    columns = [value.columns() for value in values]
    arrays = [
        pa.array(np.concatenate([column[place] for column in columns]), type=item.type)
        for place, item in enumerate(names)
    ]
    bounds = pa.array([0, *accumulate(len(column[0]) for column in columns)], pa.int32())
    return pa.ListArray.from_arrays(bounds, pa.StructArray.from_arrays(arrays, fields=names)).cast(kind)


def _rows(value: Columned, kind: pa.DataType) -> list[dict[str, int]]:
    names = [kind.value_type.field(place).name for place in range(kind.value_type.num_fields)]
    return [dict(zip(names, row, strict=True)) for row in zip(*map(np.ndarray.tolist, value.columns()), strict=True)]
