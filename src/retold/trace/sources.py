"""What a segment is made from: rows of a packed shard, or documents of a store.

In: a folder with shards, or a view. Out: `Source`, which says how many tokens there are and by which digest it is known
again, and its rows. A shard is known by its name, size and time until one of these changes, and then by its bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest, uniform
from retold.core.step import View
from retold.pack.export import SHARDS
from retold.pack.files import write_whole
from retold.trace.alphabet import Alphabet
from retold.trace.segment import MOST_TOKENS, Row

KINDS = ("source", "retelling", "reflection")
SEEN = "shards.json"
BATCH = 256
"""Rows read at a time: 1 MB of ids of rows of 1,024 tokens."""


@dataclass(frozen=True)
class Source:
    """Some rows: of a file, or a share of a part's documents. `identity` is what they are known by."""

    label: str
    identity: str
    tokens: int
    path: Path | None = None
    row_groups: tuple[int, ...] = ()
    first_row: int = 0
    view: View | None = None
    share: tuple[str, int, int] = ("", 0, 1)


def shards_of(folder: Path) -> list[Source]:
    """The packed shards, in order; a large one in several pieces. Raises RetoldError where there are none."""
    paths = sorted((folder / SHARDS).glob("[0-9]*.parquet"))
    if not paths:
        raise RetoldError(f"no packed shards are in {folder / SHARDS}", "run the recipe first: retold run RECIPE")
    digests = _digests(folder, paths)
    sources: list[Source] = []
    row = 0
    for path in paths:
        metadata = pq.read_metadata(path)
        length = _row_length(path) + 1
        groups: list[int] = []
        rows = first = 0

        for group in range(metadata.num_row_groups):
            count = metadata.row_group(group).num_rows
            if groups and (rows + count) * length > MOST_TOKENS:
                sources.append(_piece(path, digests[path.name], groups, row + first, rows * length))
                groups, first, rows = [], first + rows, 0
            groups.append(group)
            rows += count
        sources.append(_piece(path, digests[path.name], groups, row + first, rows * length))
        row += metadata.num_rows
    return sources


def _piece(path: Path, content: str, groups: list[int], first_row: int, tokens: int) -> Source:
    return Source(path.name, digest("shard", content, groups, first_row), tokens, path, tuple(groups), first_row)


def documents_of(view: View) -> list[Source]:
    """Documents that no verdict drops, as UTF-8; a large part in several sources, by the digests of its documents."""
    sources: list[Source] = []
    for part in view.parts():
        sizes = [(name, _bytes(text) + 1) for name, text in _texts(view, part.name)]
        pieces = -(-sum(size for _, size in sizes) // (MOST_TOKENS // 2))
        for piece in range(pieces):
            mine = sorted((name, size) for name, size in sizes if int(uniform(name) * pieces) == piece)
            identity = digest("texts", [name for name, _ in mine])
            total = sum(size for _, size in mine)
            sources.append(Source(part.name, identity, total, view=view, share=(part.name, piece, pieces)))
    if not sources:
        raise RetoldError("nothing that was kept is in the store", "run the recipe first: retold run RECIPE")
    return sources


def _texts(view: View, part: str) -> Iterator[tuple[str, str]]:
    """(id, text) of each kept document of a part, those without text left out."""
    for rows in view.documents(KINDS, part=part, columns=["document_id", "text"]):
        for name, text in zip(rows["document_id"].to_pylist(), rows["text"].to_pylist(), strict=True):
            if text:
                yield name, text


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def rows_of(source: Source, alphabet: Alphabet) -> Iterator[Row]:
    """The rows of a source, a few at a time."""
    if source.view is not None:
        part, piece, pieces = source.share
        number = 0
        for name, text in _texts(source.view, part):
            if int(uniform(name) * pieces) == piece:
                ids = alphabet.encode(text).ids
                yield Row(number, ids, ((0, len(ids), name, 0),))
                number += 1
        return
    assert source.path is not None, "a source is a view or a file"
    number = source.first_row
    shard = pq.ParquetFile(source.path)
    columns = ["input_ids", "documents"]
    for batch in shard.iter_batches(batch_size=BATCH, row_groups=list(source.row_groups), columns=columns):
        lists = batch["input_ids"]
        ids, bounds = lists.values.to_numpy(), lists.offsets.to_numpy()
        for place, ranges in enumerate(batch["documents"].to_pylist()):
            mine = [(one["token_start"], one["token_end"], one["document_id"], one["char_start"]) for one in ranges]
            yield Row(number, ids[bounds[place] : bounds[place + 1]], mine)
            number += 1


def _row_length(path: Path) -> int:
    first = next(pq.ParquetFile(path).iter_batches(batch_size=1, columns=["input_ids"]))
    return len(first["input_ids"][0])


def _digests(folder: Path, paths: list[Path]) -> dict[str, str]:
    """The digest of each shard; read again only where size or time have changed since it was read last."""
    seen = folder / "trace" / SEEN
    try:
        known = json.loads(seen.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    now: dict[str, list[object]] = {}
    for path in paths:
        status = path.stat()
        mark = [status.st_size, status.st_mtime_ns]
        row = known.get(path.name)
        if isinstance(row, list) and row[:2] == mark:
            now[path.name] = row
        else:
            with path.open("rb") as file:
                now[path.name] = [*mark, hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()]
    if now != known:
        write_whole(seen, json.dumps(now).encode())
    return {name: str(row[2]) for name, row in now.items()}
