"""From a row with named fields (a JSON line, a row of Parquet) to a record.

The text stands where the recipe says (`text`). Everything else is taken from the column that the recipe names or,
where it names none, from the first of the names that common layouts use: Hugging Face Parquet (`text`, perhaps `id`,
`url`, `date`), datatrove JSON lines (`text`, `id`, `metadata.url`, `metadata.date`) and Dolma (`id`, `text`,
`source`, `created`, `added`, `metadata`). The id is kept as the natural key; a row without one is known by the
digest of its address and text, so the same text at two addresses stays two records of one document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retold.core.document import Record, record_id
from retold.core.fingerprint import digest
from retold.core.verdict import Verdict
from retold.read.raw import PLAIN, File, Raw, encoded_size, one_line, text_problem, unreadable
from retold.read.settings import Column, Source

USUAL: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "title": ("title", "metadata.title"),
    "url": ("url", "metadata.url"),
    "date": ("date", "metadata.date", "created"),
    "licence": ("licence", "license", "metadata.licence", "metadata.license"),
}
"""Where the usual layouts keep what the recipe does not place, first found first taken."""


def wanted(source: Source) -> dict[str, tuple[str, ...]]:
    """The columns to look into, by what they hold; an empty tuple for what no column gives."""
    columns = dict(USUAL)
    for name in ("id", "title", "url", "date"):
        named = getattr(source, name)
        if named is not None:
            columns[name] = (named,) if named else ()
    if isinstance(source.licence, Column):
        columns["licence"] = (source.licence.column,)
    elif source.licence is not None:
        columns["licence"] = ()
    return columns


def find(row: Mapping[str, Any], column: str) -> Any:
    """The value of a column, dots leading into nested fields; None where there is none."""
    if column in row:
        return row[column]
    head, dot, rest = column.partition(".")
    inner = row.get(head)
    return find(inner, rest) if dot and isinstance(inner, Mapping) else None


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool | list | dict):
        return ""
    if isinstance(value, bytes):
        return one_line(value.decode("utf-8", "replace"))
    return one_line(value.isoformat() if hasattr(value, "isoformat") else str(value))


def _first(row: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    return next((text for text in (_as_text(find(row, column)) for column in columns) if text), "")


def _text_of(row: Mapping[str, Any], source: Source) -> tuple[str, tuple[str, str] | None]:
    value = find(row, source.text)
    if value is None:
        return "", ("no_text_column", f"no {source.text!r} among {', '.join(list(row)[:12])}")
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError as error:
            return "", ("not_utf8", f"first at byte {error.start}")
    if not isinstance(value, str):
        return "", ("wrong_type", f"{source.text!r} is a {type(value).__name__}")
    return value, text_problem(value, source.max_bytes)


def from_row(row: Mapping[str, Any], name: str, source: Source, file: File, place: str) -> Raw | Verdict:
    """One row of `file` as a record of the source called `name`, or the verdict why not.

    `place` ("line 12") is unique in the file. Never raises for anything that a row can hold.
    """
    text, problem = _text_of(row, source)
    if problem:
        return unreadable(name, file, place, *problem)
    columns = wanted(source)
    url = _first(row, columns["url"])
    key = _first(row, columns["id"]) or digest("row", url, text)
    record = Record(
        record_id=record_id(name, key),
        source=name,
        key=key,
        uri=url or file.uris[0],
        media_type=PLAIN,
        bytes=encoded_size(text),
        title=_first(row, columns["title"]),
        date=_first(row, columns["date"]),
        licence=source.licence if isinstance(source.licence, str) else _first(row, columns["licence"]),
    )
    return Raw(record, text, (url,) if url else file.uris)
