"""From a text to the training documents that hold its words: exact spans first, then what is near.

    with open_for(session) as index: answer = search(text, index)      in the index alone
    trace(text, store)                                                 with the documents looked up in the store

Two tiers, and the answer says which one spoke: spans that stand in the corpus word for word (`spans.py`), then BM25
(`near.py`) for sentences that no span of EXACT_WORDS words touches. Each place has its document, its characters there,
the text around it and, for what was made from a source, that source with its addresses.
"""

from __future__ import annotations

import time
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retold.clean.settings import Normalize
from retold.runner.session import Session
from retold.store import Place
from retold.text.sentences import sentences
from retold.text.words import words
from retold.trace.alphabet import Encoded
from retold.trace.answer import Exact, Hit, Lexical, Trace
from retold.trace.index import Index, Told, alone, alphabet_of, open_index, sources_of, update
from retold.trace.limits import DOCUMENTS, MOST_CHARACTERS, too_long
from retold.trace.lineage import looked_up
from retold.trace.near import Near, near
from retold.trace.segment import Segment
from retold.trace.spans import Borders, Span, maximal, rarest
from retold.workers import open_workers

NEAR = 3
CONTEXT = 40
"""Tokens shown on each side."""
LOOKED_AT = 200
"""Places of a span, evenly through all of them, from which its documents are taken."""
EXACT_WORDS = 6
SHORTEST_SENTENCE = 5
SAID = 50_000
"""Characters from which on it is said beforehand that it takes a while."""


def silent(line: str) -> None:
    """Says nothing of how building goes."""
    del line


def trace(
    text: str,
    store: Place | Path | str | None = None,
    *,
    documents: int = DOCUMENTS,
    workers: int = 1,
    told: Told = silent,
    longest: int = MOST_CHARACTERS,
) -> Trace:
    """Which training documents hold this text. Brings the index of the store up to date first.

    `documents`: at most so many for each span. `longest`: characters that a text may have. Raises RetoldError for a
    longer one, and where nothing was made yet.
    """
    if len(text) > longest:
        raise too_long(f"the text has more than {longest:,} characters")
    session = Session.open(store)
    if any(isinstance(entry, Normalize) for entry in session.recipe.curate):
        text = unicodedata.normalize("NFC", text)  # as the corpus is
    with open_for(session, workers=workers, told=told) as index:
        if len(text) > SAID:
            told(f"trace     {len(text):,} characters: this takes a while, a minute or more in a large corpus")
        return looked_up(search(text, index, documents), session)


def open_for(session: Session, *, workers: int = 1, told: Told = silent) -> Index:
    """The index of what a recipe made, up to date."""
    settings = session.recipe.settings.pack
    alphabet = alphabet_of(session.store.beside, settings.end_of_text if settings else None)
    folder = session.store.beside
    with alone(folder, told):
        sources = sources_of(session.view(), packed=settings is not None)
        with open_workers(workers) as pool:
            found = update(folder, sources, alphabet, pool, told)
        return open_index(folder, found, alphabet)


def search(text: str, index: Index, documents: int = DOCUMENTS) -> Trace:
    """Spans and near documents, with ids and places but without what the store knows of them."""
    begin = time.perf_counter()
    text = text.encode("utf-8", "replace").decode("utf-8")  # halves of surrogate pairs are no text
    encoded = index.alphabet.encode(text)
    borders = Borders.of(encoded)
    spans: list[Span] = maximal(borders, index.longest(encoded, borders.reach())) if len(encoded) else []
    kept = sorted(rarest(encoded, spans, index.counts), key=lambda one: one.start)
    exact = tuple(_exact(one, encoded, index, documents) for one in kept)
    exact = tuple(sorted(exact, key=lambda one: (one.likelihood, one.start)))
    lexical = _near(encoded, exact, index)
    seconds = time.perf_counter() - begin
    return Trace(text, index.tokens, len(index.segments), len(spans), round(seconds, 6), exact, lexical)


def _exact(span: Span, encoded: Encoded, index: Index, most: int) -> Exact:
    ids = encoded.ids[span.start : span.end]
    ranges = index.found(ids)
    count = sum(high - low for _, low, high in ranges)
    piece = encoded.of(span.start, span.end)
    shown = piece.strip()
    start = int(encoded.starts[span.start]) + len(piece) - len(piece.lstrip())
    hits: dict[str, Hit] = {}
    for segment, place in _places(ranges, count):
        if len(hits) == most:
            break
        where = segment.at(place)
        if where.document_id not in hits:
            hits[where.document_id] = _hit(segment, place, len(ids), index)
    chosen = tuple(hits.values())
    return Exact(start, start + len(shown), shown, len(ids), count, round(span.likelihood, 3), chosen)


def _places(ranges: Sequence[tuple[Segment, int, int]], count: int) -> list[tuple[Segment, int]]:
    """At most LOOKED_AT places, evenly through all, in the order of the corpus."""
    step = max(1, -(-count // LOOKED_AT))
    found = []
    for segment, low, high in ranges:
        found += [(segment, int(place)) for place in np.sort(np.asarray(segment.order[low:high:step]))]
    return found


def _hit(segment: Segment, place: int, width: int, index: Index) -> Hit:
    """The document at a place, with the text around `width` tokens there."""
    where = segment.at(place)
    first, last = where.piece
    end = min(place + width, last)
    decode = index.alphabet.decode

    def text(start: int, stop: int) -> str:
        return decode(segment.tokens[max(start, first) : min(stop, last)])

    match = text(place, end)
    shown = match.strip()
    before = text(place - CONTEXT, place) + match[: len(match) - len(match.lstrip())]
    after = match[len(match.rstrip()) :] + text(end, end + CONTEXT)
    start = where.character + index.alphabet.characters(segment.tokens[first:place]) + len(match) - len(match.lstrip())
    return Hit(where.document_id, start, start + len(shown), where.row, where.offset, before, shown, after)


def _near(encoded: Encoded, exact: Sequence[Exact], index: Index) -> tuple[Lexical, ...]:
    """For each sentence that no long exact span touches, the documents that share its words."""
    text, found = encoded.text, []
    spoken = sorted((one.start, one.end) for one in exact if len(words(one.text)) >= EXACT_WORDS)
    for start, end in sentences(text):
        sentence = text[start:end]
        before = bisect_left(spoken, (end, 0))  # none holds another, so of those that begin before, the last ends last
        if (before and spoken[before - 1][1] > start) or len(words(sentence)) < SHORTEST_SENTENCE:
            continue
        hits = tuple((round(one.score, 3), one.shared, _around(one, index)) for one in near(sentence, index, NEAR))
        if hits:
            found.append(Lexical(start, end, sentence, hits))
    return tuple(found)


def _around(one: Near, index: Index) -> Hit:
    return _hit(one.segment, one.place, one.width, index)
