"""Repeated spans: runs of 50 words or more that stand elsewhere too are cut out of all documents but the first.

Sketch: id and length of each kept document. Merge: documents in order of their ids, in groups of at most `characters`;
`repeats.py` finds what is repeated within a group, and each document loses its repeated spans (an Edit, with a way
back). Where more than `drop_above` of its words would go, the document is dropped, and what stood in it first is looked
for once more among those that stay, so that it is not cut out of all of them; with `action: report` nothing goes, and
the signals `repeated_words` and `repeated_share` say what would.

Limits, plainly: a corpus larger than `characters` is compared group by group, so that with n groups one in n of the
repetitions between two documents is found; and what stays is decided by ids alone, so adding documents can move it. Put
`minhash` first: it takes the whole copies, and keeps what was kept.

Memory: one group, about 6 bytes a character (1.5 GB at the default of 256 million), and 24 bytes a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from retold.core.document import Document, Origin, Signals
from retold.core.edit import edit
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import drop
from retold.dedup.repeats import repeated
from retold.text.words import word_spans

REASON = "repeated_span"
Action = Literal["cut", "drop", "report"]
Marks = npt.NDArray[np.bool_]
SKETCH = pa.schema([("id", pa.binary(16)), ("characters", pa.int64())])
ROWS = 1_000
COLUMNS = ("document_id", "kind", "text", "source", "parents", "style", "made_by", "title", "licence")


@dataclass(frozen=True)
class SubstringsStep:
    """Keep each long run of words once."""

    tokens: int
    action: Action
    drop_above: float
    characters: int
    name: str = field(default="substrings", init=False)
    version: int = field(default=2, init=False)
    writes: tuple[str, ...] = field(default=("signals", "verdicts", "documents", "span_maps", "origins"), init=False)

    def identity(self) -> Mapping[str, Any]:
        """All settings."""
        return {"tokens": self.tokens, "action": self.action, "drop_above": self.drop_above, "of": self.characters}

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Id and length of each kept document."""
        for rows in view.documents(["source"], part=part.name, columns=["document_id", "text"]):
            ids = [bytes.fromhex(name) for name in rows.column("document_id").to_pylist()]
            lengths = pc.cast(pc.utf8_length(rows.column("text")), pa.int64())
            yield pa.RecordBatch.from_arrays([pa.array(ids, SKETCH.types[0]), lengths], schema=SKETCH)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Signals, edits and verdicts by part, one group after the other."""
        parts, found = [], []
        for part, batches in sketches:
            parts.append(part)
            found += list(batches)
        whole = pa.Table.from_batches(found, schema=SKETCH).group_by("id").aggregate([("characters", "max")])
        whole = whole.sort_by("id")
        ends = np.cumsum(whole["characters_max"].to_numpy())
        start = 0
        while start < len(ends):
            before = int(ends[start - 1]) if start else 0
            end = max(int(np.searchsorted(ends, before + self.characters, side="right")), start + 1)
            ids = pa.array([name.hex() for name in whole["id"][start:end].to_pylist()], pa.string())
            yield from self._group(sorted(parts, key=lambda part: part.name), ids, view)
            start = end

    def _group(self, parts: list[Part], ids: pa.Array, view: View) -> Iterator[tuple[str, Output]]:
        documents: dict[str, Document] = {}
        holders: dict[str, list[str]] = {part.name: [] for part in parts}
        for part in parts:
            for rows in view.documents(["source"], part=part.name, columns=COLUMNS):
                for row in rows.filter(pc.is_in(rows.column("document_id"), ids)).to_pylist():
                    holders[part.name].append(row["document_id"])
                    documents.setdefault(row["document_id"], _document(row))
        marks = _marked(documents, self.tokens)
        gone = {name for name, mark in marks.items() if self.action == "cut" and _share(mark) > self.drop_above}
        stays = {name: document for name, document in documents.items() if name not in gone}
        cutting = _marked(stays, self.tokens) if gone else marks
        for part in parts:
            made = _Made()
            for name in sorted(holders[part.name]):
                if marks[name].any():
                    self._judge(documents[name], (marks[name], cutting.get(name)), made, stays)
                if made.count >= ROWS:
                    yield part.name, made.output()
            made.origins(part, view)
            if made.count:
                yield part.name, made.output()

    def _judge(
        self, document: Document, marks: tuple[Marks, Marks | None], made: _Made, stays: Mapping[str, Document]
    ) -> None:
        """`marks`: what stands before it in any document, and what does in one that stays."""
        found, cutting = marks
        share = _share(found)
        values = {"repeated_words": float(found.sum()), "repeated_share": share}
        made.put("signals", Signals(document.document_id, values))
        if self.action == "report" or (share <= self.drop_above and (self.action == "drop" or not np.any(cutting))):
            return
        changed = edit(document, left(document.text, cutting)) if cutting is not None and self.action == "cut" else None
        if changed is None or changed.document.document_id in stays:  # what is left of it stands elsewhere as a whole
            detail = f"{share:.0%} of its words stand elsewhere"
            made.put("verdicts", drop(document.document_id, "document", REASON, detail))
            return
        made.put("documents", changed.document)
        made.put("span_maps", changed.span_map)
        made.put("verdicts", changed.verdict)
        made.cut[document.document_id] = changed.document.document_id


def _marked(documents: Mapping[str, Document], length: int) -> dict[str, Marks]:
    """Of each document the words that stand in one before it, in order of ids."""
    order = sorted(documents)
    return dict(zip(order, repeated([documents[name].text for name in order], length), strict=True))


def _share(marks: Marks) -> float:
    return float(marks.mean()) if len(marks) else 0.0


def left(text: str, marks: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The ranges of `text` without its marked words; what stands between two marked words goes with them."""
    pieces, last = [], 0
    spans = word_spans(text)
    place = 0
    while place < len(spans):
        if not marks[place]:
            place += 1
            continue
        end = place
        while end + 1 < len(spans) and marks[end + 1]:
            end += 1
        following = spans[end + 1][0] if end + 1 < len(spans) else len(text)
        pieces.append((last, spans[place][0]))
        last = following
        place = end + 1
    return [*pieces, (last, len(text))]


class _Made:
    """Rows by table until they are handed out."""

    def __init__(self) -> None:
        self.rows: dict[str, list[object]] = {}
        self.cut: dict[str, str] = {}
        self.count = 0

    def put(self, table: str, row: object) -> None:
        self.rows.setdefault(table, []).append(row)
        self.count += 1

    def origins(self, part: Part, view: View) -> None:
        """Edited documents have the origins of their parents."""
        if not self.cut:
            return
        names = pa.array(sorted(self.cut), pa.string())
        for rows in view.read("origins", part=part.name, columns=["document_id", "record_id", "uri"]):
            for row in rows.filter(pc.is_in(rows.column("document_id"), names)).to_pylist():
                self.put("origins", Origin(self.cut[row["document_id"]], row["record_id"], row["uri"]))

    def output(self) -> Output:
        output = {table: batch(table, rows) for table, rows in self.rows.items()}
        self.rows, self.count = {}, 0
        return output


def _document(row: dict[str, Any]) -> Document:
    fields: dict[str, Any] = {name: row[name] or "" for name in COLUMNS if name != "parents"}
    return Document(parents=tuple(row["parents"] or ()), **fields)
