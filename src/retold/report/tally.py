"""Counts over a whole store, one part at a time.

Rows of requests, answers, documents and verdicts meet by id within their part, as the runner wrote them. Resident:
the ids and verdicts of one part, counters by style and reason, the ids of a few sample candidates, and for the packed
mix one small entry (about 150 bytes) per document. No text is kept: it is measured as it streams by.

A retelling is accepted when a document of it exists, no stage drops it, and `verify` (where the recipe has it) keeps
it. What lies behind the place at which a target was met is not counted, except as overrun.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from retold.core.edit import EDITED
from retold.core.fingerprint import digest
from retold.rephrase.parse import cut_of
from retold.report.rows import Rows
from retold.text.tokens import count as count_tokens
from retold.text.words import words

RULES, ASK, PARSE, VERIFY = "rules", "complete", "parse", "verify"
FAILED = "failed"
CANDIDATES = 6
SOURCE, RETELLING = "source", "retelling"
VERDICT = ("stage", "subject", "kind", "keep", "reason", "detail")
PIECE = tuple[str, int, int]


@dataclass
class StyleTally:
    """Counters of one style. `words_in`, `words_out`: how many accepted retellings have so many words."""

    made_by: str = ""
    asked: int = 0
    accepted: int = 0
    failed: int = 0
    waiting: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    words_in: Counter[int] = field(default_factory=Counter)
    words_out: Counter[int] = field(default_factory=Counter)
    tokens: int = 0
    candidates: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def propose(self, verdict: tuple[str, str], retelling: str) -> None:
        """Remember a retelling as a sample for its verdict if the digest of its id is among the smallest."""
        chosen = self.candidates[verdict]
        insort(chosen, (digest("sample", retelling), retelling))
        del chosen[CANDIDATES:]


@dataclass
class Tally:
    """Everything counted. `kept` by stage and `drops` by (stage, reason) count records, with or through documents."""

    records: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    drops: Counter[tuple[str, str]] = field(default_factory=Counter)
    passages: int = 0
    cut: int | None = None
    overrun: int = 0
    requests: int = 0
    answered: int = 0
    cut_off: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    engines: set[str] = field(default_factory=set)
    styles: dict[str, StyleTally] = field(default_factory=lambda: defaultdict(StyleTally))
    labels: list[str] = field(default_factory=lambda: [SOURCE])
    label_of: dict[bytes, int] = field(default_factory=dict)
    fates: dict[str, tuple[str, str]] | None = None

    def note(self, retelling: str, verdict: str, reason: str = "") -> None:
        """Keep what became of one retelling, where somebody wants to know it of each (a sample's, not a corpus')."""
        if self.fates is not None:
            self.fates[retelling] = (verdict, reason)

    def remember(self, document: str, label: str) -> None:
        """Note what a document is (source or a style), for the packed mix."""
        if label not in self.labels:
            self.labels.append(label)
        self.label_of[key(document)] = self.labels.index(label)


def key(document: str) -> bytes:
    """A document's id in 16 bytes (any text in its own bytes, should it be no hexadecimal)."""
    try:
        return bytes.fromhex(document)
    except ValueError:
        return document.encode()


def fates_of(rows: Rows) -> dict[str, tuple[str, str]]:
    """What became of each retelling: accepted, refused, failed or waiting, and the reason. For samples that fit."""
    return tally(rows, {}).fates or {}


def tally(rows: Rows, fates: dict[str, tuple[str, str]] | None = None) -> Tally:
    """Count all parts of the view."""
    total = Tally(cut=cut_of(rows.view), fates=fates)
    for part in rows.view.parts():
        _Part(rows, part.name, total).count()
    return total


@dataclass
class _Part:
    """One part while it is counted."""

    rows: Rows
    name: str
    total: Tally
    dropped: dict[str, tuple[str, str]] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    silent: dict[str, str] = field(default_factory=dict)
    judged: list[tuple[str, str, str, str]] = field(default_factory=list)
    records: set[str] = field(default_factory=set)
    records_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words_of: dict[PIECE, int] = field(default_factory=dict)
    style_of: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def count(self) -> None:
        """Verdicts first: everything after asks for them."""
        self._verdicts()
        self.records.update(name for (name,) in self._read("records", "record_id"))
        for document, record in self._read("origins", "document_id", "record_id"):
            self.records_of[document].add(record)
        for document, start, end, text in self._read("passages", "document_id", "start", "end", "text"):
            self.total.passages += 1
            self.words_of[document, start, end] = len(words(text))
        self._requests()
        self._documents()
        self._without_document()

    def _read(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        return self.rows.part(table, self.name, columns)

    def _verdicts(self) -> None:
        """The first stage that drops a retelling gives the reason, in whatever order the rows come."""
        names, order = self.rows.name_of, {name: index for index, name in enumerate(self.rows.stages)}
        found = [(names[row[0]], *row[1:]) for row in self._read("verdicts", *VERDICT)]
        for stage, subject, kind, keeps, reason, detail in sorted(found, key=lambda row: order[row[0]]):
            if kind != RETELLING:
                if not keeps:
                    self.judged.append((stage, kind, subject, reason))
            elif not keeps:
                self.dropped.setdefault(subject, (stage, reason))
                if stage == RULES:
                    self.silent[subject] = detail  # a rule that says nothing makes no document; its name is here
            elif stage == VERIFY:
                self.kept.add(subject)

    def _requests(self) -> None:
        ids: dict[str, str] = {}
        behind: dict[str, str] = {}
        columns = ("request_id", "retelling_id", "style", "engine", "position")
        for request, retelling, style, engine, position in self._read("requests", *columns):
            if self.total.cut is not None and position >= self.total.cut:
                behind[request] = retelling
                continue
            ids[request] = retelling
            self.style_of[retelling] = style
            self.total.engines.add(engine)
        self.total.requests += len(ids)
        answered = self._answers(ids)
        if behind:
            answers = self.rows.part("completions", self.name, ["request_id"], ASK)
            self.total.overrun += sum(request in behind for (request,) in answers)
        for (request,) in self.rows.part("dead_letters", self.name, ["request_id"], ASK):
            if request in ids and request not in answered:
                answered.add(request)  # it may have failed in several rounds
                self.total.failed += 1
                self.failed.add(ids[request])

    def _answers(self, ids: dict[str, str]) -> set[str]:
        """Count the answers to these requests; returns which there are."""
        answered: set[str] = set()
        columns = ["request_id", "finish", "prompt_tokens", "cached_tokens", "completion_tokens"]
        for request, finish, prompt, cached, completion in self.rows.part("completions", self.name, columns, ASK):
            if request in ids:
                answered.add(request)
                self.total.cut_off += finish == "length"
                self.total.prompt_tokens += prompt
                self.total.cached_tokens += cached
                self.total.completion_tokens += completion
        self.total.answered += len(answered)
        return answered

    def _documents(self) -> None:
        sources: dict[str, str] = {}
        retold = False
        for label, document, kind in self._read("documents", "stage", "document_id", "kind"):
            retold |= kind == RETELLING
            if kind == SOURCE:
                sources[document] = self.rows.name_of[label]
                self.total.remember(document, SOURCE)
        if retold:  # only these are counted in words: texts of a corpus that nobody retells are not read
            self._retellings()
        self._sources(sources)

    def _retellings(self) -> None:
        columns = ("document_id", "kind", "text", "spans", "style", "made_by")
        for document, kind, text, spans, style, made_by in self._read("documents", *columns):
            if kind == RETELLING:
                self.style_of.pop(document, None)
                self.silent.pop(document, None)
                self.total.remember(document, style)
                self.total.styles[style].made_by = made_by
                if self._judge(document, style):
                    self._measure(self.total.styles[style], text, spans)

    def _judge(self, retelling: str, style: str) -> bool:
        """Count one retelling; True when it is accepted."""
        counts = self.total.styles[style]
        counts.asked += 1
        if retelling in self.dropped:
            verdict = self.dropped[retelling]
            counts.refused[verdict] += 1
            counts.propose(verdict, retelling)
            self.total.note(retelling, "refused", verdict[1])
            return False
        if VERIFY in self.rows.stages and retelling not in self.kept:
            counts.waiting += 1
            self.total.note(retelling, "waiting")
            return False
        counts.accepted += 1
        self.total.note(retelling, "accepted")
        counts.propose(("", ""), retelling)
        return True

    def _measure(self, counts: StyleTally, text: str, spans: list[dict[str, Any]]) -> None:
        counts.tokens += count_tokens(text)
        counts.words_out[len(words(text))] += 1
        pieces = [(span["document_id"], span["start"], span["end"]) for span in spans]
        if all(piece in self.words_of for piece in pieces):
            counts.words_in[sum(self.words_of[piece] for piece in pieces)] += 1

    def _sources(self, maker_of: dict[str, str]) -> None:
        """How many records are left, with a document, after each stage; a document that drops takes its records along.

        Counted in records, since two records with one text are one document: so every step of the funnel adds up. An
        edited document is no drop: its records go on with what was made of it.
        """
        old = {subject for _, _, subject, reason in self.judged if reason == EDITED}
        judged = [subject for _, kind, subject, _ in self.judged if kind == "record"]
        self.total.records += len(self.records.union(judged))
        document_of = {record: name for name in maker_of if name not in old for record in self.records_of[name]}
        alive: dict[str, set[str]] = {}
        for stage in self.rows.stages:
            alive |= {name: self.records_of[name] or {name} for name, maker in maker_of.items() if maker == stage}
            for _, kind, subject, reason in (row for row in self.judged if row[0] == stage):
                gone = 1
                if kind == "record":
                    alive.get(document_of.get(subject, ""), set()).discard(subject)
                else:
                    gone = len(alive.pop(subject, {subject})) * (reason != EDITED)
                self.total.drops[stage, reason] += gone
            self.total.kept[stage] += sum(len(records) for records in alive.values())

    def _without_document(self) -> None:
        """Retellings asked for of which no document was made: failed, refused, or not there yet."""
        for retelling, style in self.style_of.items():
            self._count_missing(retelling, style, "model")
        for retelling, style in self.silent.items():
            self._count_missing(retelling, style, "rule")

    def _count_missing(self, retelling: str, style: str, made_by: str) -> None:
        counts = self.total.styles[style]
        counts.made_by = counts.made_by or made_by
        counts.asked += 1
        verdict = self.dropped.get(retelling)
        if retelling in self.failed and (verdict is None or verdict[1] == FAILED):
            counts.failed += 1
            self.total.note(retelling, "failed")
        elif verdict is not None:
            counts.refused[verdict] += 1
            counts.propose(verdict, retelling)
            self.total.note(retelling, "refused", verdict[1])
        else:
            counts.waiting += 1
            self.total.note(retelling, "waiting")
