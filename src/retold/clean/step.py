"""The step "curate": from the files of a part to documents, their signals, and verdicts on what is not wanted.

In: a part pinned by `read/pin.py`. Out, in pieces of at most 1,000 records or 8 million characters: `records`,
`origins`, `documents` (kind source), `signals`, `verdicts`. Read, extract, change the text (in the order of the
recipe), measure, judge: the first entry that objects gives the reason, and judging sees the signals only. A dropped
document keeps its row, so that every drop can be looked at; what never became a document is a verdict on its record.

The same text from two records of a part is one document with two origins. Memory: one piece, and about 90 bytes for
each record and each document of the part.
"""

from __future__ import annotations

import importlib.metadata
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from retold.clean import language, length
from retold.clean.extract import Refused, extract
from retold.clean.normalize import normalize
from retold.clean.settings import Language, Length, Normalize
from retold.core.document import Document, Origin, Signals, document_id
from retold.core.errors import RecipeError
from retold.core.schema import batch
from retold.core.settings import Settings
from retold.core.step import Output, Part, View
from retold.core.verdict import Verdict, drop
from retold.read import Raw, Source, read

TABLES = ("records", "origins", "documents", "signals", "verdicts")
PIECE_RECORDS = 1_000
PIECE_CHARACTERS = 8_000_000


@dataclass
class Curate:
    """Read, extract, normalise, measure and judge the documents of the recipe's sources."""

    sources: Mapping[str, Source]
    entries: tuple[Settings, ...]
    name: str = field(default="curate", init=False)
    version: int = field(default=1, init=False)
    writes: tuple[str, ...] = field(default=TABLES, init=False)

    def identity(self) -> Mapping[str, Any]:
        """Sources, entries, and the versions of what extracts, normalises and tells languages."""
        identity: dict[str, Any] = {
            "sources": {name: source.identity() for name, source in self.sources.items()},
            "entries": [[type(entry).__name__, entry.identity()] for entry in self.entries],
            "resiliparse": importlib.metadata.version("resiliparse"),
        }
        if any(isinstance(entry, Normalize) for entry in self.entries):
            identity["unicode"] = unicodedata.unidata_version
        if any(isinstance(entry, Language) for entry in self.entries):
            identity["language_model"] = language.model_digest()
        return identity

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All rows of one part. Raises SourceError when its files cannot be read, RecipeError for an unknown source."""
        source = self.sources.get(part.source)
        if source is None:
            raise RecipeError(f"a part belongs to the source {part.source!r}, which the recipe does not name")
        piece = _Piece()
        seen: set[bytes] = set()
        for item in read(part, source):
            if isinstance(item, Verdict):
                piece.add("verdicts", item)
            else:
                self._document(item, piece, seen)
            if piece.is_full:
                yield piece.output()
                piece = _Piece()
        if piece.rows:
            yield piece.output()

    def _document(self, raw: Raw, piece: _Piece, seen: set[bytes]) -> None:
        record = raw.record
        try:
            found = extract(raw)
        except Refused as refusal:
            piece.add("records", record)
            piece.add("verdicts", drop(record.record_id, "record", refusal.reason, refusal.detail or record.uri))
            return
        text = found.text
        for entry in self.entries:
            if isinstance(entry, Normalize):
                text = normalize(text)
        piece.add("records", replace(record, title=found.title))
        if not text or text.isspace():
            piece.add("verdicts", drop(record.record_id, "record", "empty", record.uri))
            return
        key = document_id("source", (), text)
        for uri in dict.fromkeys(raw.uris):
            piece.add("origins", Origin(key, record.record_id, uri))
        token = bytes.fromhex(key)
        if token in seen:
            return
        seen.add(token)
        piece.add(
            "documents",
            Document(key, "source", text, record.source, title=found.title, licence=record.licence),
            len(text),
        )
        values, details = measure(text, self.entries)
        piece.add("signals", Signals(key, values))
        reason = judge(values, self.entries)
        if reason:
            code, entry = reason
            piece.add("verdicts", drop(key, "document", code, details.get(type(entry), "")))


def measure(text: str, entries: tuple[Settings, ...]) -> tuple[dict[str, float], dict[type[Settings], str]]:
    """The signals of a text, and for each kind of entry the words that a drop by it will quote."""
    values = length.measure(text)
    details: dict[type[Settings], str] = {Length: length.detail(values)}
    for entry in entries:
        if isinstance(entry, Language):
            measured, details[Language] = language.measure(text, entry)
            values.update(measured)
    return values, details


_Judge = Callable[[Mapping[str, float], Any], str | None]
JUDGES: dict[type[Settings], _Judge] = {Language: cast(_Judge, language.judge), Length: cast(_Judge, length.judge)}
"""What judges from signals alone; an entry that only changes the text has no judge."""


def judge(values: Mapping[str, float], entries: tuple[Settings, ...]) -> tuple[str, Settings] | None:
    """The first entry that objects to a document with these signals, with its reason, or None. Never sees the text."""
    for entry in entries:
        judging = JUDGES.get(type(entry))
        reason = judging(values, entry) if judging else None
        if reason:
            return reason, entry
    return None


class _Piece:
    """Rows by table until there are enough of them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[object]] = {}
        self._count = self._characters = 0

    def add(self, table: str, row: object, characters: int = 0) -> None:
        self.rows.setdefault(table, []).append(row)
        self._count += table in ("records", "verdicts")
        self._characters += characters

    @property
    def is_full(self) -> bool:
        return self._count >= PIECE_RECORDS or self._characters >= PIECE_CHARACTERS

    def output(self) -> Output:
        return {table: batch(table, rows) for table, rows in self.rows.items()}
