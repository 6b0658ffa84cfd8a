"""The kept retellings of a part with their passages, as `passage_review` reads them, and what it takes from others.

What a planted claim takes from another document makes that one a parent too: who forgets it forgets the claim.

At most `POOL` retellings of a part are used, those with the smallest digests of seed and id, so the choice depends on
no order and memory is bounded: the texts and passages of so many, and a batch of documents.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from retold.core.document import Span
from retold.core.fingerprint import digest
from retold.core.step import View
from retold.reflect import passage_review
from retold.reflect.item import Item, Wording
from retold.reflect.passage_review import Told
from retold.text.names import names
from retold.verify.corrupt import Foreign

POOL: Final = 1024
COLUMNS: Final = ("document_id", "text", "spans", "source", "title", "licence")


def told(view: View, part: str, seed: int) -> list[Told]:
    """The chosen retellings of a part, in the order of their digests; those whose source is gone are left out."""
    waiting = (
        (digest(passage_review.NAME, seed, row["document_id"]), row["document_id"], row)
        for rows in view.documents(["retelling"], part=part, columns=COLUMNS)
        for row in rows.to_pylist()
        if row["spans"]
    )
    chosen = [row for _, _, row in heapq.nsmallest(POOL, waiting)]
    spans = {Span(span["document_id"], span["start"], span["end"]) for row in chosen for span in row["spans"]}
    passages = _passages(view, part, spans)
    found = (_told(row, passages) for row in chosen)
    return [one for one in found if one is not None]


def _passages(view: View, part: str, spans: set[Span]) -> dict[Span, str]:
    """The text of each span whose document is kept."""
    by_document: dict[str, list[Span]] = {}
    for span in spans:
        by_document.setdefault(span.document_id, []).append(span)
    among = "document_id", pa.array(sorted(by_document), pa.string())
    return {
        span: row["text"][span.start : span.end]
        for rows in view.documents(["source"], part=part, columns=("document_id", "text"), among=among)
        for row in rows.to_pylist()
        for span in by_document[row["document_id"]]
    }


def _told(row: dict[str, Any], passages: dict[Span, str]) -> Told | None:
    spans = tuple(Span(span["document_id"], span["start"], span["end"]) for span in row["spans"])
    if any(span not in passages for span in spans):
        return None
    passage = "\n\n".join(passages[span] for span in spans)
    return Told(row["document_id"], row["text"], passage, spans, row["source"], row["title"], row["licence"])


def reviews(pool: list[Told], seed: int, wording: Wording) -> Iterator[tuple[tuple[Told, ...], Item]]:
    """An item of each retelling that can be reviewed, in their order, with what it was made of: the retelling itself,
    then those that lent the words of its planted claim. What is foreign comes from the pool."""
    pieces = [(one, claim) for one in pool for claim in passage_review.claims(one.text)]
    called = [(one, found.text) for one in pool for found in names(one.text) if _plain(found.text)]
    for one in pool:
        lent, said = _others(one, called), _others(one, pieces)
        item = passage_review.make(one, Foreign(tuple(lent), tuple(said)), seed, wording)
        if item is not None:
            yield (one, *_lenders(one, item, lent, said)), item


def _others(one: Told, said: list[tuple[Told, str]]) -> dict[str, Told]:
    """What is said of other documents, and who says it first."""
    ours = one.documents
    found: dict[str, Told] = {}
    for owner, text in said:
        if owner.spans[0].document_id not in ours:
            found.setdefault(text, owner)
    return found


def _lenders(one: Told, item: Item, called: dict[str, Told], said: dict[str, Told]) -> tuple[Told, ...]:
    """The retellings of other documents whose words the planted claim has: it goes when they go."""
    if item.slip == "added":
        return (said[item.answer],)
    if item.slip != "name":
        return ()
    new = [owner for name, owner in called.items() if name in item.answer and name not in one.passage]
    return tuple({owner.retelling_id: owner for owner in new}.values())


def _plain(name: str) -> bool:
    """Whether a name is words with capital letters and nothing else: no identifier, no acronym."""
    return name.istitle() and name.replace(" ", "").isalpha()
