"""The settings of a source, as the recipe names it.

    sources:
      docs: {read: python_docs}
      web:  {read: warc, paths: crawl/*.warc.gz}
      mine: some/folder                                  the paths alone: each file is read by its name
      set:  {paths: data/*.parquet, text: body, id: uid, licence: CC-BY-4.0}

Where files lie (`paths`) is execution: moving them changes no id. Everything else decides what is read. Columns of
tables and JSON lines are names, with dots into nested fields ("metadata.url"); those not named are looked for under
the names that the usual layouts use (Hugging Face Parquet, datatrove, Dolma).
"""

from __future__ import annotations

from typing import Any, Final, Literal, Self, get_args

from pydantic import field_validator, model_validator

from retold.core.settings import Settings, execution, identity

How = Literal["fast", "balanced", "thorough"]
Kind = Literal["auto", "jsonl", "parquet", "text", "html", "warc", "python_docs"]

_PATH_SIGNS: Final = frozenset("/*?.")
_UNITS = {"": 1, "B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


class Column(Settings):
    """A value that stands in a column of each row: `licence: {column: rights}`."""

    column: str = identity()


class Source(Settings):
    """One source of documents. A string or a list of strings in the recipe stands for `paths`."""

    read: Kind = identity("auto", description="how the files are read; auto goes by their names")
    paths: tuple[str, ...] = execution((), description="files, folders, patterns or addresses (s3://, https://)")
    text: str = identity("text", description="the column that holds the text")
    id: str | None = identity(None, description="the column with each row's own key; '' for the digest of its content")
    title: str | None = identity(None, description="the column with the title")
    url: str | None = identity(None, description="the column with the address the text came from")
    date: str | None = identity(None, description="the column with the date")
    licence: str | Column | None = identity(None, description="one licence for all, or {column: name}")
    max_bytes: int = identity(16_000_000, gt=0, description="larger documents are dropped as too_big")
    extract: How = identity("balanced", description="how the main text of HTML pages is found (clean/extract.py)")
    page_seconds: float = identity(
        20.0, gt=0, le=3600, description="pages that take more seconds of a processor are dropped as took_too_long"
    )
    limit: int | None = identity(None, gt=0, description="read at most so many documents")

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"paths": value} if isinstance(value, str | list | tuple) else value

    @field_validator("read", mode="before")
    @classmethod
    def _no_path(cls, value: Any) -> Any:
        if isinstance(value, str) and value not in get_args(Kind) and not _PATH_SIGNS.isdisjoint(value):
            raise ValueError(f"read says how, and {value!r} is where\n  write it as: paths: {value}")
        return value

    @field_validator("paths", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("max_bytes", mode="before")
    @classmethod
    def _size(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        number = value.strip().rstrip("kKMGB").strip()
        unit = value.strip()[len(number) :].strip()
        try:
            return int(float(number) * _UNITS[unit])
        except (KeyError, ValueError):
            raise ValueError(f"{value!r} is not a size: write it like 500 kB or 16 MB") from None

    @model_validator(mode="after")
    def _paths_where_needed(self) -> Self:
        if self.read == "python_docs" and self.paths:
            raise ValueError("python_docs come with Python itself and take no paths")
        if self.read != "python_docs" and not self.paths:
            raise ValueError("a source needs paths: files, folders or patterns (or read: python_docs)")
        return self
