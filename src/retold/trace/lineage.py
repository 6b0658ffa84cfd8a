"""What the store knows of the documents of a trace: kind, source, title, style, addresses, and what is behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from retold.runner.session import Session
from retold.trace.answer import Behind, Hit, Trace

COLUMNS = ("document_id", "kind", "source", "title", "style", "made_by", "parents")
MOST_STEPS = 16
"""Edits and retellings between a document and what was read: more than any recipe makes."""

Rows = Mapping[str, Mapping[str, Any]]


def looked_up(answer: Trace, session: Session) -> Trace:
    """The same answer with its documents described."""
    hits = [hit for one in answer.exact for hit in one.hits] + [hit for one in answer.near for _, _, hit in one.hits]
    rows = _documents({hit.document_id for hit in hits}, session)
    uris = _uris(rows, session)
    exact = tuple(replace(one, hits=tuple(_described(hit, rows, uris) for hit in one.hits)) for one in answer.exact)
    near = tuple(
        replace(one, hits=tuple((score, shared, _described(hit, rows, uris)) for score, shared, hit in one.hits))
        for one in answer.near
    )
    return replace(answer, exact=exact, near=near)


def _documents(names: set[str], session: Session) -> dict[str, Mapping[str, Any]]:
    """Rows of these documents and of all that they were made from, by id."""
    rows: dict[str, Mapping[str, Any]] = {}
    wanted = set(names)
    for _ in range(MOST_STEPS):
        if not wanted:
            break
        among = ("document_id", pa.array(sorted(wanted), pa.string()))
        for batch in session.view().read("documents", columns=COLUMNS, among=among):
            rows |= {row["document_id"]: row for row in batch.to_pylist()}
        wanted = {parent for name in wanted if name in rows for parent in rows[name]["parents"]} - set(rows)
    return rows


def _uris(rows: Rows, session: Session) -> dict[str, tuple[str, ...]]:
    """Addresses of documents that were read."""
    found: dict[str, set[str]] = {}
    if rows:
        among = ("document_id", pa.array(sorted(rows), pa.string()))
        for batch in session.view().read("origins", columns=("document_id", "uri"), among=among):
            for row in batch.to_pylist():
                found.setdefault(row["document_id"], set()).add(row["uri"])
    return {name: tuple(sorted(uris)) for name, uris in found.items()}


def _roots(name: str, rows: Rows) -> list[str]:
    """The documents without parents that this one goes back to, itself where it has none."""
    found, waiting, seen = [], [name], set[str]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        parents: Iterable[str] = rows[one]["parents"] if one in rows else ()
        waiting += parents
        if not parents:
            found.append(one)
    return sorted(found)


def _described(hit: Hit, rows: Rows, uris: Mapping[str, tuple[str, ...]]) -> Hit:
    row = rows.get(hit.document_id)
    if row is None:
        return hit
    roots = [root for root in _roots(hit.document_id, rows) if root in rows]
    addresses = tuple(sorted({uri for root in roots for uri in uris.get(root, ())}))
    behind = tuple(
        Behind(root, rows[root]["source"], rows[root]["title"], uris.get(root, ()))
        for root in roots
        if row["kind"] != "source"
    )
    return replace(
        hit,
        kind=row["kind"],
        source=row["source"],
        title=row["title"],
        style=row["style"],
        made_by=row["made_by"],
        uris=() if behind else addresses,
        behind=behind,
    )
