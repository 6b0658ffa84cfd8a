"""Labelled pairs: a source, a text about it, and whether the source supports all of the text.

In: a JSON or JSON-lines file, plain or gzip-compressed. Out: `Pair` rows. A row has `source`, `text` and `supported`
(true or 1: all of it is supported); SummEdits' own names (`doc`, `summary`, `label`) are read too. An optional
`document` names the source; without it, pairs with equal sources belong together.

`halves` parts pairs by document, so that no document is on both sides: documents are put in the order of the BLAKE2b
digest of their source, the first half (the larger one of an odd number) is for tuning, the second is held out. It
depends on nothing but the sources, so nobody can choose it, and a file that grows moves some documents.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from retold.core.errors import RetoldError, plainly

SOURCE: Final = ("source", "doc", "knowledge")
TEXT: Final = ("text", "summary", "retelling")
SUPPORTED: Final = ("supported", "label", "consistent")


@dataclass(frozen=True, slots=True)
class Pair:
    """A text, what it is about, whether all of it is supported, and the name of its document."""

    source: str
    text: str
    supported: bool
    document: str


def read(path: Path) -> list[Pair]:
    """The pairs of a file, in order. Raises RetoldError that names the row which cannot be read."""
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise RetoldError(f"{path} cannot be read: {plainly(error)}", "give a .json, .jsonl or .gz file") from None
    return [_pair(row, f"{path}, row {number}") for number, row in enumerate(_rows(data, path), 1)]


def _rows(data: bytes, path: Path) -> Iterator[Any]:
    try:
        if data.lstrip()[:1] == b"[":
            yield from orjson.loads(data)
            return
        for line in data.splitlines():
            if line.strip():
                yield orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise RetoldError(f"{path} is no JSON: {error}", "one object on each line, or one list of objects") from None


def _pair(row: Any, where: str) -> Pair:
    if not isinstance(row, Mapping):
        raise RetoldError(f"{where} is no object", 'a row is {"source": "...", "text": "...", "supported": true}')
    source, text = _text(row, SOURCE, where), _text(row, TEXT, where)
    label = next((row[name] for name in SUPPORTED if name in row), None)
    if label not in (True, False):  # 1 and 0 are equal to them
        raise RetoldError(f"{where}: `supported` is {label!r}", "it is true or false, 1 or 0")
    document = row.get("document")
    return Pair(source, text, bool(label), document if isinstance(document, str) else _digest(source))


def _text(row: Mapping[str, Any], names: Sequence[str], where: str) -> str:
    value = next((row[name] for name in names if name in row), None)
    if not isinstance(value, str):
        raise RetoldError(f"{where} has no text called `{names[0]}`", f"add a field `{names[0]}`")
    return value


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def halves(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """(to tune on, held out), no document in both; pairs keep their order."""
    first = {pair.document: _digest(pair.source) for pair in reversed(pairs)}
    documents = sorted(first, key=lambda name: (first[name], name))
    tune = set(documents[: (len(documents) + 1) // 2])
    return (
        [pair for pair in pairs if pair.document in tune],
        [pair for pair in pairs if pair.document not in tune],
    )
