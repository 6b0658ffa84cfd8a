"""What goes with what is named: from documents, addresses, domains or words to everything that was made of them.

In: a store and what a person named. Out: `Doomed`, ids by kind. A source goes with its records and addresses, with what
it was before an edit and after, with its passages, the requests about them, and every document that has it as a parent,
however far; a retelling that is named goes alone, its source stays. A text that was also read elsewhere stays when one
of its addresses is named, and only that origin goes. Near duplicates (`twins`) go when they are asked for.

Rows of all stages that the store holds are looked at, not only those of the recipe as it is now. Resident: the ids that
go, and the twins; tables are streamed, the documents once for each generation of children.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest_bytes
from retold.store import Store
from retold.store.erase import Forgotten, address, host, hosts_of

SHORTEST_NEEDLE = 20
MOST_ROUNDS = 32
BATCH = 4096
WHERE = "look for ids with retold trace or retold show"


@dataclass(frozen=True)
class Asked:
    """What a person named: first characters of ids of documents, addresses, domains, and lines of text."""

    documents: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    needles: tuple[str, ...] = ()
    twins: bool = False

    def __bool__(self) -> bool:
        return bool(self.documents or self.urls or self.domains or self.needles)


@dataclass
class Doomed:
    """Ids of what goes, by kind; `documents` with their kind (source, retelling, reflection)."""

    records: set[str] = field(default_factory=set)
    documents: dict[str, str] = field(default_factory=dict)
    passages: set[str] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    twins: set[str] = field(default_factory=set)
    """Near duplicates of what goes that stay, since they were not asked for."""
    titles: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Addresses, domains and lines that nothing in the store is named by."""
    padding: int = 0
    """Tokens in packed rows that become padding, of `places` in all."""
    places: int = 0

    @property
    def ids(self) -> set[str]:
        """All of them."""
        return self.records | set(self.documents) | self.passages | self.requests

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        kinds = Counter(self.documents.values())
        return {
            "records": len(self.records),
            **{f"documents_{kind}": count for kind, count in sorted(kinds.items())},
            "passages": len(self.passages),
            "requests": len(self.requests),
        }


def doomed(store: Store, asked: Asked) -> Doomed:
    """Everything that goes. Raises RetoldError where nothing fits, or a needle is so short that too much would."""
    found = Doomed()
    found.documents |= dict.fromkeys(_named(store, asked, found), "source")
    _families(store, found)
    while asked.twins and (more := _twins(store, set(found.documents)) - set(found.documents)):
        found.documents |= dict.fromkeys(more, "source")
        _families(store, found)
    _present(store, found)
    if not found.documents and not found.records:
        raise RetoldError("nothing in the store is named so", WHERE)
    found.twins = _twins(store, set(found.documents)) - set(found.documents)
    _padding(store, found)
    return found


def forgotten(found: Doomed, asked: Asked) -> Forgotten:
    """What is remembered of it."""
    return Forgotten(
        frozenset(found.ids),
        frozenset(address(one) for one in asked.urls),
        frozenset(host(one) for one in asked.domains),
    )


def rows(store: Store, table: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of all stages, streamed."""
    for batch in store.dataset(table).to_batches(columns=list(columns), batch_size=BATCH):
        yield from batch.to_pylist()


def _named(store: Store, asked: Asked, found: Doomed) -> set[str]:
    """The documents that are named, and (in `found`) the records of named addresses."""
    named: set[str] = set()
    for prefix in asked.documents:
        fits = {
            row["document_id"]
            for row in rows(store, "documents", ["document_id"])
            if row["document_id"].startswith(prefix.lower())
        }
        if not fits:
            raise RetoldError(f"no document has an id that begins with {prefix}", WHERE)
        if len(fits) > 1:
            raise RetoldError(f"{len(fits):,} documents have ids that begin with {prefix}", "write more of the one id")
        named |= fits
    if asked.urls or asked.domains:
        named |= _read_at(store, asked, found)
    for needle in asked.needles:
        if len(needle) < SHORTEST_NEEDLE:
            raise RetoldError(
                f"{needle!r} is too short to forget by: {SHORTEST_NEEDLE} characters are needed", "name documents"
            )
    held = {needle: _holding(store, needle) for needle in asked.needles}
    found.missing += [needle for needle, names in held.items() if not names]
    return named.union(*held.values())


def _holding(store: Store, needle: str) -> set[str]:
    """Documents that hold a line, whichever of the two forms of Unicode it and they are written in."""
    named: set[str] = set()
    forms = {needle, *(unicodedata.normalize(form, needle) for form in ("NFC", "NFD"))}
    for batch in store.dataset("documents").to_batches(columns=["document_id", "text"], batch_size=BATCH):
        for form in forms:
            named |= set(batch.filter(pc.match_substring(batch["text"], form))["document_id"].to_pylist())
    return named


def _read_at(store: Store, asked: Asked, found: Doomed) -> set[str]:
    """Documents that were read at these addresses and nowhere else."""
    urls, hosts = set(asked.urls), {host(one): one for one in asked.domains}
    met: set[str] = set()

    def fits(uri: str) -> bool:
        mine = {uri} & urls | {hosts[one] for one in (hosts_of(uri) if hosts else ()) if one in hosts}
        met.update(mine)
        return bool(mine)

    found.records |= {row["record_id"] for row in rows(store, "records", ["record_id", "uri"]) if fits(row["uri"])}
    elsewhere: dict[str, bool] = {}
    for row in rows(store, "origins", ["document_id", "record_id", "uri"]):
        gone = row["record_id"] in found.records or fits(row["uri"])
        if gone:
            found.records.add(row["record_id"])
        elsewhere[row["document_id"]] = elsewhere.get(row["document_id"], False) or not gone
    found.missing += [one for one in (*asked.urls, *asked.domains) if one not in met]
    return {name for name, other in elsewhere.items() if not other}


def _twins(store: Store, named: set[str]) -> set[str]:
    """All documents of the clusters that these are in."""
    clusters = {
        (row["stage"], row["cluster"])
        for row in rows(store, "clusters", ["stage", "document_id", "cluster"])
        if row["document_id"] in named
    }
    return {
        row["document_id"]
        for row in rows(store, "clusters", ["stage", "document_id", "cluster"])
        if (row["stage"], row["cluster"]) in clusters
    }


def _families(store: Store, found: Doomed) -> None:
    """Records, what was before edits, and all that was made of it, until nothing is new."""
    for _ in range(MOST_ROUNDS):
        before = len(found.ids)
        for row in rows(store, "span_maps", ["document_id", "parent_id"]):
            if row["document_id"] in found.documents:
                found.documents.setdefault(row["parent_id"], "source")
        for row in rows(store, "documents", ["document_id", "kind", "parents"]):
            name = row["document_id"]
            if name in found.documents or any(parent in found.documents for parent in row["parents"]):
                found.documents[name] = row["kind"]
        for row in rows(store, "passages", ["passage_id", "document_id"]):
            if row["document_id"] in found.documents:
                found.passages.add(row["passage_id"])
        for row in rows(store, "requests", ["request_id", "retelling_id", "passage_id", "document_id"]):
            ours = row["document_id"] in found.documents or row["passage_id"] in found.passages
            if ours or row["retelling_id"] in found.documents:
                found.requests.add(row["request_id"])
                found.documents.setdefault(row["retelling_id"], "retelling")
        if len(found.ids) == before:
            break


def _present(store: Store, found: Doomed) -> None:
    """Records of all that goes; the documents that are there, and what is remembered of them."""
    for row in rows(store, "origins", ["document_id", "record_id"]):
        if row["document_id"] in found.documents:
            found.records.add(row["record_id"])
    present: dict[str, str] = {}
    for row in rows(store, "documents", ["document_id", "kind", "text", "title"]):
        if row["document_id"] in found.documents:
            present[row["document_id"]] = row["kind"]
            found.contents.add(digest_bytes(row["text"].encode("utf-8", "replace")))
            found.titles[row["document_id"]] = row["title"]
    found.requests |= set(found.documents) - set(present)
    found.documents = present


def _padding(store: Store, found: Doomed) -> None:
    """What forgetting costs: places of packed rows that nothing will stand in."""
    names = pa.array(sorted(found.documents), pa.string())
    for batch in store.dataset("packed").to_batches(columns=["input_ids", "documents"], batch_size=BATCH):
        found.places += len(batch["input_ids"].flatten())
        ranges = batch["documents"].flatten()
        mine = ranges.filter(pc.is_in(ranges.field("document_id"), value_set=names))
        found.padding += pc.sum(pc.subtract(mine.field("token_end"), mine.field("token_start"))).as_py() or 0
