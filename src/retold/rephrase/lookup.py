"""Rows by id, a block at a time: how requests, passages and answers of a part come together without holding the part.

A step that takes blocks of `BLOCK` requests holds about 2 kB for each of them (16 MB). A block's rows lie close
together, as they were planned, so each look-up reads the keys of a part, and of the rest about what it gives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

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


def find(
    view: View, table: str, part: str, key: str, wanted: Collection[str], columns: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of one part whose `key` is wanted, as dicts, in no particular order."""
    ids = pa.array(sorted(wanted), pa.string())
    for rows in view.read(table, part=part, columns=columns, among=(key, ids)):
        yield from rows.to_pylist()


def by_key(view: View, table: str, part: str, key: str, wanted: Collection[str]) -> dict[str, dict[str, Any]]:
    """Rows of one part by their key."""
    return {row[key]: row for row in find(view, table, part, key, wanted)}


def inherited(view: View, part: str, wanted: Collection[str]) -> dict[str, Inherited]:
    """Source, title and licence of these source documents, as far as they are (still) there."""
    ids = pa.array(sorted(wanted), pa.string())
    found = view.documents(["source"], part=part, columns=INHERITED, among=("document_id", ids))
    return {
        row["document_id"]: Inherited(row["source"], row["title"], row["licence"])
        for rows in found
        for row in rows.to_pylist()
    }
