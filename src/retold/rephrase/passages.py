"""The step `passages`: source documents are cut into what is retold as one piece.

In: documents of kind `source` of the part. Out: one `passages` row for each passage, and for each document a `signals`
row with how many `passages` it gave and how many stretches were `skipped` (see `chunk.py`). A document without a
passage stays in the corpus as the real text that it is, so this step gives no verdict.

Memory: one batch of documents and at most `ROWS` passages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from retold.core.document import Passage, Signals
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.rephrase.chunk import chunk
from retold.rephrase.settings import RephraseSettings

ROWS: Final = 1024


def passage_id(document_id: str, start: int, end: int, heading: str, text: str) -> str:
    """The id of a passage: where it stands, what it says, and under which heading."""
    return digest("passage", document_id, start, end, heading, text)


def cut(document_id: str, text: str, title: str, settings: RephraseSettings) -> tuple[list[Passage], Signals]:
    """The passages of one document, and what was counted."""
    chunks = chunk(text, title, settings.passage.tokens, settings.passage.min_words)
    found = []
    for piece in chunks.pieces:
        words = text[piece.start : piece.end]
        name = passage_id(document_id, piece.start, piece.end, piece.heading, words)
        found.append(Passage(name, document_id, piece.start, piece.end, piece.heading, words, piece.tokens))
    return found, Signals(document_id, {"passages": float(len(found)), "skipped": float(chunks.skipped)})


class Passages:
    """Map step `passages`."""

    name = "passages"
    version = 1
    writes = ("passages", "signals")

    def __init__(self, settings: RephraseSettings) -> None:
        self.settings = settings

    def identity(self) -> Mapping[str, Any]:
        """The size of a passage; styles, engine and quotas decide nothing here."""
        return self.settings.passage.identity()

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All passages of the part, at most about `ROWS` at a time."""
        passages: list[Passage] = []
        signals: list[Signals] = []
        for rows in view.documents(["source"], part=part.name, columns=["document_id", "text", "title"]):
            for row in rows.to_pylist():
                found, counted = cut(row["document_id"], row["text"], row["title"], self.settings)
                passages += found
                signals.append(counted)
                if len(passages) >= ROWS or len(signals) >= ROWS:
                    yield {"passages": batch("passages", passages), "signals": batch("signals", signals)}
                    passages, signals = [], []
        if signals:
            yield {"passages": batch("passages", passages), "signals": batch("signals", signals)}
