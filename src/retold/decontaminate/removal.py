"""What happens to a contaminated document: dropped whole, or the hits cut out with a margin.

Cutting follows GPT-3 (2005.14165, appendix C): 200 characters on each side of a hit go with it, pieces of fewer than
200 characters are thrown away, and a document that would be left in more than ten pieces is dropped. So is one with
MOST_ROWS hits, since what it holds beyond them is not known. Each piece is a document of its own, with a way back to
its parent (`core/edit.py`) and its parent's origins. A retelling is always dropped: what is left of a short text around
a recited item is worth less than a new answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.document import Contamination, Document, Origin
from retold.core.edit import edit
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import Subject, drop
from retold.decontaminate.settings import Removal

MARGIN = 200
SHORTEST = 200
MOST_PIECES = 10
MOST_ROWS = 1_000
"""Rows of `contaminations` for one document: one that holds a whole set needs no more to be recognised."""
ROWS = 1_000
CHARACTERS = 8_000_000
TABLES = ("contaminations", "verdicts", "documents", "span_maps", "origins")
COLUMNS = ("document_id", "kind", "text", "source", "parents", "style", "made_by", "title", "licence")
"""What is read of a document."""


def pieces(text: str, hits: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges that are left when each hit is cut out with its margin, without space at their ends."""
    left, last = [], 0
    for start, end in [*sorted(hits), (len(text) + MARGIN, len(text) + MARGIN)]:
        begin, stop = last, max(last, start - MARGIN)
        stop -= len(text[begin:stop]) - len(text[begin:stop].rstrip())
        begin += len(text[begin:stop]) - len(text[begin:stop].lstrip())
        if stop - begin >= SHORTEST:
            left.append((begin, stop))
        last = max(last, min(len(text), end + MARGIN))
    return left


class Rows:
    """The rows of one part, handed out in bounded pieces; cut documents get their origins at the end of the part."""

    def __init__(self, removal: Removal) -> None:
        self._removal = removal
        self._rows: dict[str, list[object]] = {}
        self._count = self._characters = 0
        self._cut: dict[str, list[str]] = {}

    def add(self, document: Document, found: Sequence[Contamination], *, all_found: bool = True) -> None:
        """What was found in a document, and what follows from it. `all_found`: it holds nothing else."""
        self._put("contaminations", *found)
        removing = [item for item in found if item.removes]
        if not removing:
            return
        first = removing[0]
        kind: Subject = "retelling" if document.kind == "retelling" else "document"
        detail = f"{first.set}, {first.item}, {first.field}: {document.text[first.start : first.end]}"
        if kind == "retelling" or self._removal == "document":
            self._put("verdicts", drop(document.document_id, kind, "contaminated", detail))
            return
        left = pieces(document.text, [(item.start, item.end) for item in removing])
        often = len(left) > MOST_PIECES or len(found) >= MOST_ROWS or not all_found
        if not left or often:
            reason = "contaminated_often" if often else "contaminated"
            self._put("verdicts", drop(document.document_id, kind, reason, detail))
            return
        edits = {made.document.document_id: made for piece in left if (made := edit(document, [piece])) is not None}
        self._put("verdicts", next(iter(edits.values())).verdict)
        self._put("documents", *(made.document for made in edits.values()))
        self._put("span_maps", *(made.span_map for made in edits.values()))
        self._cut[document.document_id] = list(edits)
        self._characters += len(document.text)

    def _put(self, table: str, *rows: object) -> None:
        self._rows.setdefault(table, []).extend(rows)
        self._count += len(rows)

    def full(self) -> Iterator[Output]:
        """The rows so far where there are many of them."""
        if self._count >= ROWS or self._characters >= CHARACTERS:
            yield from self._out()

    def rest(self, part: Part, view: View) -> Iterator[Output]:
        """What is left, and the origins of every piece: those of its parent."""
        yield from self._out()
        if self._cut:
            names = pa.array(sorted(self._cut), pa.string())
            for rows in view.read("origins", part=part.name, columns=["document_id", "record_id", "uri"]):
                for row in rows.filter(pc.is_in(rows["document_id"], names)).to_pylist():
                    made = [Origin(name, row["record_id"], row["uri"]) for name in self._cut[row["document_id"]]]
                    self._put("origins", *made)
                yield from self._out()
        self._cut = {}

    def _out(self) -> Iterator[Output]:
        if self._count:
            yield {table: batch(table, rows) for table, rows in self._rows.items() if rows}
        self._rows, self._count, self._characters = {}, 0, 0


def document(row: dict[str, object]) -> Document:
    """A document from the columns that are read of it; spans are not needed here and stay empty."""
    parents = row["parents"]
    fields: dict[str, Any] = {name: row[name] or "" for name in COLUMNS if name != "parents"}
    return Document(parents=tuple(parents) if isinstance(parents, list) else (), **fields)
