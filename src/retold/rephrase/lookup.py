"""Rows by id, a block at a time: how requests, passages and answers of a part come together without holding the part.

Each look-up streams the part's table once and keeps the wanted rows, so a step that takes blocks of `BLOCK` requests
holds about 2 kB for each of them (16 MB), and a part is streamed once per block: parts are files, of some thousands of
documents, so that is once or a few times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.step import View

BLOCK: Final = 8192
"""Requests that are taken together."""
INHERITED: Final = ("document_id", "source", "title", "licence")


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a retelling takes over from the document that it retells."""

    source: str
    title: str
    licence: str


def find(batches: Iterable[pa.RecordBatch], key: str, wanted: Collection[str]) -> Iterator[dict[str, Any]]:
    """The rows whose `key` is wanted, as dicts, in the order in which they come."""
    ids = pa.array(sorted(wanted), pa.string())
    for rows in batches:
        yield from rows.filter(pc.is_in(rows[key], ids)).to_pylist()


def rows(
    view: View, table: str, part: str, key: str, wanted: Collection[str], columns: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Rows of one part by their key. `columns` must include `key`."""
    found = find(view.read(table, part=part, columns=columns), key, wanted)
    return {row[key]: row for row in found}


def inherited(view: View, part: str, wanted: Collection[str]) -> dict[str, Inherited]:
    """Source, title and licence of these source documents, as far as they are (still) there."""
    found = find(view.documents(["source"], part=part, columns=INHERITED), "document_id", wanted)
    return {row["document_id"]: Inherited(row["source"], row["title"], row["licence"]) for row in found}
