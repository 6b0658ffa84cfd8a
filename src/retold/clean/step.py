"""The step "curate": from the files of a part to documents and their signals.

In: a part pinned by `read/pin.py`. Out, in pieces of at most 1,000 records or 4 million characters: `records`,
`origins`, `documents` (kind source), `signals`, `span_maps`, and `verdicts` on records that became no document and on
documents that an edit replaced. Read, extract, normalise; then each entry of the recipe, in its order, measures the
text as the entries before it left it, and may edit it. "judge" then drops by the signals. What is dropped keeps its
row, so that every drop can be looked at; signals belong to the document as it is after the last edit.

The same text from two records of a part is one document with two origins. Memory: one piece, and about 300 bytes for
each record and each document of the part.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from retold.clean import hosts
from retold.clean import signals as signal_table
from retold.clean.entry import Entry, Measured, NewText, Numbers, suffixes
from retold.clean.extract import Refused, described, extract
from retold.clean.normalize import normalize
from retold.clean.settings import Length, Normalize
from retold.core.document import Document, Origin, Record, document_id
from retold.core.edit import chain, edited
from retold.core.errors import RecipeError
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import Verdict, drop
from retold.read import Raw, Source, read

if TYPE_CHECKING:
    from retold.text.scan import Ints, Texts

TABLES = ("records", "origins", "documents", "span_maps", "signals", "verdicts")
PIECE_RECORDS = 1_000
PIECE_CHARACTERS = 4_000_000


@dataclass
class Curate:
    """Read, extract, normalise, edit and measure the documents of the recipe's sources."""

    sources: Mapping[str, Source]
    entries: tuple[Entry, ...]
    name: str = field(default="curate", init=False)
    version: int = field(default=4, init=False)
    writes: tuple[str, ...] = field(default=TABLES, init=False)

    def identity(self) -> Mapping[str, Any]:
        """Sources, what entries measure and edit (no thresholds), and the versions of what they use."""
        return {
            "sources": {name: source.identity() for name, source in self.sources.items()},
            "entries": [[type(entry).__name__, entry.measuring(), entry.versions()] for entry in self.entries],
            "extractors": {name: importlib.metadata.version(name) for name in ("resiliparse", "trafilatura", "lxml")},
        }

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All rows of one part. Raises SourceError when its files cannot be read, RecipeError for an unknown source."""
        source = self.sources.get(part.source)
        if source is None:
            raise RecipeError(f"a part belongs to the source {part.source!r}, which the recipe does not name")
        known = _Known()
        piece = _Piece(source, self.entries, known)
        for item in read(part, source):
            piece.take(item)
            if piece.is_full:
                yield piece.output()
                piece = _Piece(source, self.entries, known)
        if not piece.is_empty:
            yield piece.output()


def admitted(uris: Sequence[str], entries: Sequence[Entry]) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    """The addresses of a record that no entry refuses; and (reason, detail) where none of the web is left of some."""
    kept, refusals = [], []
    for uri in dict.fromkeys(uris):
        why = next((found for entry in entries if (found := entry.refuses(uri))), None)
        if why is None:
            kept.append(uri)
        else:
            refusals.append((why[0], f"{why[1]}: {uri}"))
    if refusals and not any(hosts.split(uri)[0] for uri in kept):
        return (), refusals[0]
    return tuple(kept), None


def barred(licence: str, entries: Sequence[Entry]) -> tuple[str, str] | None:
    """(reason, detail) of the first entry that does not take text under this licence."""
    return next((found for entry in entries if (found := entry.bars(licence))), None)


def misplaced(entries: Sequence[Entry]) -> int | None:
    """The place of a `normalize` that comes after another entry; None where all is well."""
    others = False
    for place, entry in enumerate(entries):
        if isinstance(entry, Normalize) and others:
            return place
        others = others or (not isinstance(entry, Normalize) and type(entry).measure is not Entry.measure)
    return None


def measure(strings: Sequence[str], entries: Sequence[Entry]) -> tuple[dict[str, Numbers], list[NewText | None]]:
    """The signals of all entries by name, and for each text what editing made of it (None: it stays).

    A text of which an entry leaves nothing stays as it was before that entry. First each wide entry looks at all texts,
    as far as nothing before it may edit them; then all others at a megabyte at a time, so that it stays in the cache.
    """
    from retold.text.scan import Texts  # compiled code is loaded when there is something to measure

    if not strings:
        return {}, []
    texts = Texts(strings)
    named = [
        pair for pair in zip(entries, suffixes(entries), strict=True) if type(pair[0]).measure is not Entry.measure
    ]
    wide = list(takewhile(lambda pair: pair[0].WIDE, named))
    lengths = not any(isinstance(entry, Length) for entry in entries)
    found, _ = _measure(texts, wide)
    edits: list[NewText | None] = []
    pieces: dict[str, list[Numbers]] = {}
    for chunk in texts.chunks():
        signals, made = _measure(chunk, named[len(wide) :], lengths=lengths)
        edits += made
        for name, values in signals.items():
            pieces.setdefault(name, []).append(values)
    return found | {name: np.concatenate(values) for name, values in pieces.items()}, edits


def _measure(
    texts: Texts, entries: Sequence[tuple[Entry, str]], *, lengths: bool = False
) -> tuple[dict[str, Numbers], list[NewText | None]]:
    """Signals and edits by these entries in turn, and the lengths of what is left."""
    from retold.clean import length
    from retold.text.scan import Texts

    edits: list[NewText | None] = [None] * len(texts)
    signals: dict[str, Numbers] = {}
    for entry, suffix in entries:
        measured = entry.measure(texts)
        signals.update({name + suffix: values for name, values in measured.signals.items()})
        changed = [place for place, made in enumerate(measured.edits) if made and made[0] and not made[0].isspace()]
        if changed:
            strings = list(texts.strings)
            for place in changed:
                made, before = measured.edits[place], edits[place]
                assert made is not None
                edits[place] = made if before is None else (made[0], chain(before[1], made[1]))
                strings[place] = made[0]
            texts = Texts(strings, _counts(measured, texts, changed))
    if lengths:
        signals.update(length.measure(texts))
    return signals, edits


def _counts(measured: Measured, before: Texts, changed: Sequence[int]) -> tuple[Ints, Ints] | None:
    """What is known of the tokens and words of texts of which these were changed and the others are as before."""
    if measured.counts is None:
        return None
    tokens, words = before.token_counts.copy(), before.words.copy()
    for known, counts in zip((tokens, words), measured.counts, strict=True):
        known[changed] = counts[changed]
    return tokens, words


@dataclass
class _Known:
    """What a part has had so far: what became of each text, and the documents that have a row, and signals."""

    last: dict[bytes, str] = field(default_factory=dict)
    written: set[bytes] = field(default_factory=set)
    measured: set[bytes] = field(default_factory=set)


@dataclass
class _Piece:
    """Records until there are enough of them, then their rows."""

    source: Source
    entries: tuple[Entry, ...]
    known: _Known
    rows: dict[str, list[object]] = field(default_factory=dict)
    texts: dict[str, Document] = field(default_factory=dict)
    addresses: list[tuple[str, str, str]] = field(default_factory=list)
    _count: int = 0
    _characters: int = 0

    @property
    def is_full(self) -> bool:
        """Enough records or characters."""
        return self._count >= PIECE_RECORDS or self._characters >= PIECE_CHARACTERS

    @property
    def is_empty(self) -> bool:
        """Nothing was read."""
        return not self._count

    def take(self, item: Raw | Verdict) -> None:
        """Extract and normalise what was read."""
        self._count += 1
        if isinstance(item, Verdict):
            self._add("verdicts", item)
            return
        record = item.record
        _, refused = admitted(item.uris, self.entries)
        if refused is None and record.licence:  # what a page states itself is known when it was read
            refused = barred(record.licence, self.entries)
        if refused is not None:
            self._add("records", record)
            self._add("verdicts", drop(record.record_id, "record", *refused))
            return
        try:
            found = extract(item, self.source.extract, self.source.page_seconds)
        except Refused as refusal:
            self._add("records", record)
            self._add("verdicts", drop(record.record_id, "record", refusal.reason, refusal.detail or record.uri))
            return
        normal = any(isinstance(entry, Normalize) for entry in self.entries)
        text = normalize(found.text) if normal else found.text
        record, uris = described(item, found)
        uris, refused = admitted(uris, self.entries)  # again: a page from a file tells its address itself
        self._add("records", record)
        refused = refused or barred(record.licence, self.entries)
        if refused is not None:
            self._add("verdicts", drop(record.record_id, "record", *refused))
            return
        if not text or text.isspace():
            self._add("verdicts", drop(record.record_id, "record", "empty", record.uri))
            return
        self._document(record, text, uris)

    def _document(self, record: Record, text: str, uris: tuple[str, ...]) -> None:
        name = document_id("source", (), text)
        self.addresses += [(name, record.record_id, uri) for uri in uris]
        if bytes.fromhex(name) not in self.known.last and name not in self.texts:
            self.texts[name] = Document(name, "source", text, record.source, title=record.title, licence=record.licence)
            self._characters += len(text)

    def output(self) -> Output:
        """The rows of this piece."""
        documents = list(self.texts.values())
        signals, edits = measure([document.text for document in documents], self.entries)
        fresh = [self._made(document, made) for document, made in zip(documents, edits, strict=True)]
        for name, record, uri in self.addresses:
            last = self.known.last[bytes.fromhex(name)]
            for document in dict.fromkeys((name, last)):
                self._add("origins", Origin(document, record, uri))
        output = {table: batch(table, rows) for table, rows in self.rows.items()}
        chosen = [place for place, name in enumerate(fresh) if name]
        if chosen:
            columns = {name: values[chosen] for name, values in signals.items()}
            output["signals"] = signal_table.rows([fresh[place] for place in chosen], columns)
        return output

    def _made(self, document: Document, made: NewText | None) -> str:
        """Rows of a document and of its edit. Returns the id of what goes on, or "" where that has its signals."""
        self._write(document)
        last = document
        if made is not None and made[0] != document.text:
            edit = edited(document, *made)
            self._add("span_maps", edit.span_map)
            self._add("verdicts", edit.verdict)
            last = edit.document
            self._write(last)
        self.known.last[bytes.fromhex(document.document_id)] = last.document_id
        token = bytes.fromhex(last.document_id)
        if token in self.known.measured:
            return ""
        self.known.measured.add(token)
        return last.document_id

    def _write(self, document: Document) -> None:
        """Add the row of a document unless it has one."""
        token = bytes.fromhex(document.document_id)
        if token not in self.known.written:
            self.known.written.add(token)
            self._add("documents", document)

    def _add(self, table: str, row: object) -> None:
        self.rows.setdefault(table, []).append(row)
