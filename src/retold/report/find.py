"""From the first characters of an id to the one thing that it names.

Looks at ids of records, source documents, passages and retellings of this recipe's stages; where nothing matches,
also at what earlier recipes left in the store, to say so. Streams ids alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.errors import RetoldError
from retold.report.rows import Rows

SHORTEST = 4
CANDIDATES_SHOWN = 8
PLACES = (
    ("documents", "document_id"),
    ("requests", "retelling_id"),
    ("passages", "passage_id"),
    ("records", "record_id"),
    ("requests", "request_id"),
    ("verdicts", "subject"),
)


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """What an id names: `kind` is source, retelling, passage or record."""

    identity: str
    kind: str


def find(rows: Rows, prefix: str) -> Thing:
    """The one thing whose id begins with `prefix`.

    Raises RetoldError for a prefix that is too short or no id, that fits several ids (they are listed) or none.
    """
    prefix = prefix.strip().lower()
    if len(prefix) < SHORTEST or not set(prefix) <= set("0123456789abcdef"):
        raise RetoldError(
            f"{prefix!r} is not the beginning of an id: {SHORTEST} or more of the characters 0-9 and a-f are needed",
            "retold show without an id lists some to begin with",
        )
    found: dict[str, str] = {}
    for thing in _things(rows, prefix):
        found.setdefault(thing.identity, thing.kind)
    if not found:
        raise _nothing(rows, prefix)
    if len(found) > 1:
        listed = [f"{name[: len(prefix) + 8]}… ({kind})" for name, kind in sorted(found.items())]
        more = f" and {len(listed) - CANDIDATES_SHOWN:,} more" if len(listed) > CANDIDATES_SHOWN else ""
        raise RetoldError(
            f"{len(found):,} ids begin with {prefix}: {', '.join(listed[:CANDIDATES_SHOWN])}{more}",
            "type more characters of the one you mean",
        )
    return Thing(*next(iter(found.items())))


def _things(rows: Rows, prefix: str) -> Iterator[Thing]:
    for table, column in PLACES:
        extra = ["kind"] if table in ("documents", "verdicts") else []
        for batch in rows.view.read(table, columns=[column, *extra]):
            names = batch[column]
            kept = batch.filter(pc.starts_with(names, prefix))
            kinds = kept["kind"].to_pylist() if extra else [_kind(column)] * kept.num_rows
            for name, kind in zip(kept[column].to_pylist(), kinds, strict=True):
                yield Thing(name, "source" if kind == "document" else kind)


def _kind(column: str) -> str:
    return "retelling" if column in ("retelling_id", "request_id") else column.removesuffix("_id")


def _nothing(rows: Rows, prefix: str) -> RetoldError:
    mine = pa.array(list(rows.view.stages.values()), pa.string())
    for table, column in PLACES:
        for batch in rows.store.dataset(table).to_batches(columns=["stage", column]):
            older = batch.filter(pc.invert(pc.is_in(batch["stage"], mine)))
            if pc.any(pc.starts_with(older[column], prefix)).as_py():
                return RetoldError(
                    f"{prefix} belongs to an earlier state of this recipe: what it names was made anew since",
                    "retold show without an id lists what there is now",
                )
    return RetoldError(
        f"nothing in this store has an id that begins with {prefix}",
        f"the store is {rows.store.place}; name another with --store, or list some ids: retold show",
    )


def retellings_of(rows: Rows, document: str) -> list[str]:
    """Ids of all retellings of a source document, made or only asked for, in order of their ids."""
    return sorted(_asked_of(rows, document) | set(children_of(rows, document, ("retelling",))))


def _asked_of(rows: Rows, document: str) -> set[str]:
    return {row["retelling_id"] for row in rows.named("requests", "document_id", [document])}


def children_of(rows: Rows, document: str, kinds: Collection[str]) -> dict[str, str]:
    """Documents of these kinds that were made from a document: their kinds by their ids."""
    stages = list(rows.view.stages.values())
    wanted = ds.field("stage").isin(stages) & ds.field("kind").isin(sorted(kinds))
    found: dict[str, str] = {}
    data = rows.store.dataset("documents")
    for batch in data.to_batches(columns=["document_id", "kind", "parents"], filter=wanted):
        parents = pc.list_flatten(batch["parents"])
        owners = pc.list_parent_indices(batch["parents"])
        mine = batch.take(owners.filter(pc.equal(parents, document)))
        found.update(zip(mine["document_id"].to_pylist(), mine["kind"].to_pylist(), strict=True))
    return found
