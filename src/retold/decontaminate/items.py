"""Reading evaluation sets: files of JSON lines, pinned by their content, as items.

In: what the recipe names under `against`. Out: the digests of the files (for the step's identity) and their items, in
an order that depends on content only. A row that is no item is left out, and a file without a single item is an error
with its place: silently looking for nothing would be worse than stopping. Sets are small (a few MB); each file is
held whole, up to 256 MB.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from retold.core.errors import RecipeError, SourceError
from retold.decontaminate.layouts import Item, item
from retold.decontaminate.settings import Against, Fields
from retold.read import Source, pin
from retold.read.files import Damaged, Input, decompressed, read_whole
from retold.read.raw import File
from retold.read.reader import files

LIMIT = 256_000_000
ENDINGS = (".gz", ".zst", ".lz4", ".jsonl", ".ndjson", ".json")
SPLITS = {"test", "train", "valid", "validation", "dev", "data", "main"}


def pinned(against: Sequence[Against], base: Path) -> list[tuple[File, Fields]]:
    """Every evaluation file with the fields of its rows, by digest. Raises SourceError for a path without any."""
    found: dict[str, tuple[File, Fields]] = {}
    for entry in against:
        source = Source.model_validate({"paths": entry.paths, "read": "jsonl"})
        for part in pin("against", source, base):
            for file in files(part):
                found.setdefault(file.digest, (file, entry.fields))
    return [found[key] for key in sorted(found)]


def set_name(file: File) -> str:
    """The name of a set: its file's, without what says how it is packed; a mere split is named after its folder too."""
    path = PurePosixPath(file.uris[0])
    name = path.name
    while any(name.endswith(ending) for ending in ENDINGS):
        name = name.removesuffix(next(ending for ending in ENDINGS if name.endswith(ending)))
    return f"{path.parent.name}/{name}" if name in SPLITS and path.parent.name else name


def read_items(chosen: Sequence[tuple[File, Fields]]) -> list[Item]:
    """All items. Raises RecipeError for a file in which no row has a question, an answer or a passage."""
    items: list[Item] = []
    for file, fields in chosen:
        rows = _rows(file)
        found = [
            one for number, row in rows if (one := item(row, fields, set_name(file), f"line {number}")) is not None
        ]
        if not found:
            keys = ", ".join(sorted(rows[0][1])[:12]) if rows else "none"
            raise RecipeError(
                f"{file.uris[0]} holds no evaluation items (keys of its first row: {keys})",
                "Name its fields: against: [{paths: ..., fields: {question: KEY, answer: KEY}}]",
            )
        items += found
    return items


def _rows(file: File) -> list[tuple[int, dict[str, Any]]]:
    with BufferedReader(Input(file.path, file.bytes)) as handle:
        try:
            content = read_whole(decompressed(handle), LIMIT)
        except Damaged as error:
            raise SourceError(f"{file.uris[0]} is damaged: {error.detail}", "Fetch it again.") from error
    if content is None:
        raise SourceError(f"{file.uris[0]} is larger than {LIMIT:,} bytes", "An evaluation set is small: split it.")
    rows = []
    for number, line in enumerate(content.removeprefix(BOM_UTF8).split(b"\n"), 1):
        if line.strip():
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(row, dict):
                rows.append((number, row))
    return rows
