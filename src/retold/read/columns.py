"""Which columns a table or a file of JSON lines has, and which of them holds the text: for a first recipe.

In: a file as `locate.py` found it. Out: names of columns, from the schema of Parquet or the first object of JSON
lines; no row is kept. Nothing is decided here: a run reads the column that the recipe names, and no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from retold.core.errors import SourceError
from retold.read.files import Damaged, Input, decompressed, is_remote, lines
from retold.read.locate import Found

TEXT = ("text", "content", "raw_content", "page_content", "body", "markdown", "article", "document", "passage")
"""Under which names data sets keep their text, most usual first."""
LONGEST_LINE = 16_000_000
LINES_LOOKED_AT = 10


def columns(found: Found) -> tuple[str, ...]:
    """The columns of a file on this machine; empty where it has none, is damaged, or lies elsewhere."""
    if is_remote(found.path):
        return ()
    try:
        if found.read == "parquet":
            return tuple(pq.read_schema(found.path).names)
        if found.read == "jsonl":
            return _first_object(found.path)
    except (OSError, ValueError, pa.ArrowException, Damaged, SourceError):
        return ()
    return ()


def text_of(names: Iterable[str]) -> str:
    """The column that most likely holds the text; "" where no name is a usual one."""
    present = set(names)
    return next((name for name in TEXT if name in present), "")


def _first_object(path: str) -> tuple[str, ...]:
    with BufferedReader(Input(path, Path(path).stat().st_size)) as handle:
        for number, line in enumerate(lines(decompressed(handle), LONGEST_LINE)):
            if number >= LINES_LOOKED_AT:
                break
            try:
                row = orjson.loads(line or b"")
            except orjson.JSONDecodeError:
                continue
            if isinstance(row, dict):
                return tuple(row)
    return ()
