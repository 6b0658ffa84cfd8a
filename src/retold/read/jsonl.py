"""JSON lines, plain or compressed: one object a line.

A line that is no JSON, no object, too long or without text costs itself; the reader goes on with the next. A byte order
mark before the first is taken off. A file whose compression breaks gives every line before the break and one verdict.
Memory: one line, bounded by four times `max_bytes` (JSON may write one byte of text as several).
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

import orjson

from retold.core.verdict import Verdict
from retold.read import limits
from retold.read.files import Damaged, Input, decompressed, lines
from retold.read.raw import File, Raw, unreadable
from retold.read.rows import from_row
from retold.read.settings import Source


def read(file: File, name: str, source: Source) -> Iterator[Raw | Verdict]:
    """The records of a file of JSON lines. Raises SourceError when the file itself cannot be read."""
    number = 0
    with BufferedReader(Input(file.path, file.bytes)) as handle:
        try:
            for line in lines(decompressed(handle), source.max_bytes * limits.ESCAPED + limits.HEADERS):
                number += 1
                if line is None:
                    yield unreadable(name, file, f"line {number}", "too_big")
                elif line.strip():
                    content = line.removeprefix(BOM_UTF8) if number == 1 else line
                    yield _parse(content, name, source, file, f"line {number}")
        except Damaged as error:
            yield unreadable(name, file, f"after line {number}", error.reason, error.detail)


def _parse(line: bytes, name: str, source: Source, file: File, place: str) -> Raw | Verdict:
    try:
        row: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return unreadable(name, file, place, *_why(line, str(error)))
    if not isinstance(row, dict):
        return unreadable(name, file, place, "not_object", f"a {type(row).__name__}")
    return from_row(row, name, source, file, place)


def _why(line: bytes, message: str) -> tuple[str, str]:
    """Which of the ways to be no JSON: not UTF-8, half a surrogate pair in an escape, or simply not JSON."""
    try:
        decoded = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return "not_utf8", f"byte {error.start}"
    if "\\u" in decoded:
        try:
            json.dumps(json.loads(decoded), ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            return "lone_surrogate", ""
        except (ValueError, RecursionError):
            pass
    return "invalid_json", message
