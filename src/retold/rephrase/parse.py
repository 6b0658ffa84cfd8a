"""The step `parse`: answers become retellings, or a verdict that says why not.

In: the requests of the part, what came back for them, their passages. Out: documents (kind `retelling`, made by
`model`), parented to the source document and the span of the passage, and a dropping verdict for each that is none.
What an answer said is kept as a document even where the verdict drops it, so that it can be looked at; a request that
failed has no text and only a verdict; one that nobody has answered yet has neither, and so have those that lie behind
the place at which a target was met: answered or not, they are not of this recipe.

A style that works by sentences is put together here (`assemble.py`): a sentence has its rewording where the contract
and the judge accept that, and stays as it was in the source otherwise. Without a single one the retelling is dropped;
the detail counts why each answer was refused. Of several attempts at one answer the best is taken (`best.py`).

Memory: ids and positions of the part's requests (about 100 bytes each), and `BLOCK` requests with their passages and
answers (30 MB).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from retold.clean.language import not_english
from retold.core.document import Completion, Document, Passage, Request, Span
from retold.core.licence import joined
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import Verdict, drop
from retold.rephrase.assemble import Unit, assemble
from retold.rephrase.best import Candidate, best, likelihood
from retold.rephrase.lookup import BLOCK, Inherited, by_key, find, inherited
from retold.styles.parse import Refusal, parse
from retold.styles.sentence_grammar import NOTHING
from retold.styles.style import Style, of_unit, written
from retold.styles.style_file import Assembly
from retold.text.sentences import flat

Judge = Callable[[str, str], str | None]
"""(source sentence, rewording) to None, or the reason why not. A function of a module, since steps are pickled."""

Rate = Callable[[Style, Passage, str, str], float]
"""(style, passage, title of its document, text) to the worth of a retelling. It chooses among attempts, no more."""


Repair = Callable[[Style, Passage, str, str], str]
"""(style, passage, title of its document, text) to the text without what its source does not support."""


def unrepaired(style: Style, passage: Passage, title: str, text: str) -> str:  # noqa: ARG001
    """All of it stays."""
    return text


def unrated(style: Style, passage: Passage, title: str, text: str) -> float:  # noqa: ARG001
    """All texts are worth the same: the more probable one is taken."""
    return 0.0


NOT_ENGLISH = 0.5
"""A passage that is more probably in another language is said to be."""
UNFINISHED = {"length": "cut_off", "filtered": "filtered"}
"""Finish reasons with a text that is no data."""


@dataclass(slots=True)
class _Answers:
    """The rows that a block of requests is about, by id."""

    passages: dict[str, Passage]
    origins: dict[str, Inherited]
    completions: dict[str, Completion]
    dead: dict[str, str]

    def failure(self, request_id: str) -> str | None:
        """Why the engine gave no answer, or None."""
        found = self.completions.get(request_id)
        if found is None:
            return self.dead.get(request_id, "")
        return found.error if found.finish == "error" else None

    def given(self, requests: list[Request]) -> list[str]:
        """The ids of those that have an answer, in order of attempts."""
        asked = sorted(requests, key=lambda item: (item.start, item.end, item.attempt))
        return [item.request_id for item in asked if self.failure(item.request_id) is None]

    def complete(self, requests: list[Request]) -> bool:
        """Whether every request was answered or given up, and its source is still there."""
        about = self.passages.get(requests[0].passage_id)
        return (
            about is not None
            and about.document_id in self.origins
            and all(item.request_id in self.completions or item.request_id in self.dead for item in requests)
        )


@dataclass(slots=True)
class Retold:
    """What answers became: documents, refused ones among them, and the verdicts that refuse."""

    documents: list[Document] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


class Parse:
    """Map step `parse`. `judge` says whether one reworded sentence is accepted, `judges` whether a question about one
    ("pairs") and a row of a table ("rows") are; `rate` ranks several attempts at a passage, `repair` takes
    out of the chosen one what is not supported (styles by sentences fall back to the source's own instead)."""

    name = "parse"
    version = 2
    writes = ("documents", "verdicts")

    def __init__(
        self,
        styles: Mapping[str, Style],
        judge: Judge,
        judges: Mapping[Assembly, Judge] = MappingProxyType({}),
        rate: Rate = unrated,
        licence: str = "",
        repair: Repair = unrepaired,
    ) -> None:
        """`licence`: the terms of the model, which what it makes has beside those of its source."""
        self.styles = {style.name: style for style in styles.values()}
        self.judge = judge
        self.judges: dict[Assembly, Judge] = {"pairs": judge, "rows": judge, **judges}
        self.rate = rate
        self.licence = licence
        self.repair = repair

    def identity(self) -> Mapping[str, Any]:
        """Contracts of the styles, and which functions judge sentences."""
        found: dict[str, Any] = {
            "styles": {name: style.digest for name, style in self.styles.items()}, "judge": _named(self.judge)
        }  # fmt: skip
        for assembly, judge in sorted(self.judges.items()):
            if any(style.assemble == assembly for style in self.styles.values()):
                found[f"judge of {assembly}"] = _named(judge)
        if self.licence:
            found["licence"] = self.licence
        if self.repair is not unrepaired:
            found["repair"] = getattr(self.repair, "decided_by", _named(self.repair))
        return found

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """All retellings of the part that are fully answered, about `BLOCK` requests at a time."""
        for ids in _blocks(view, part, cut_of(view)):
            found = by_key(view, "requests", part.name, "request_id", ids)
            made = self.retell([Request(**found[name]) for name in ids], part, view)
            yield {"documents": batch("documents", made.documents), "verdicts": batch("verdicts", made.verdicts)}

    def retell(self, requests: list[Request], part: Part, view: View) -> Retold:
        """What became of requests of one part, in planned order; those that nobody has answered yet become nothing."""
        answers = _answers(view, part, requests)
        made = Retold()
        for retelling in _grouped(requests):
            if retelling[0].style in self.styles and answers.complete(retelling):
                self._retelling(retelling, answers, made)
        return made

    def _retelling(self, requests: list[Request], answers: _Answers, made: Retold) -> None:
        style = self.styles[requests[0].style]
        passage = answers.passages[requests[0].passage_id]
        errors = [answers.failure(item.request_id) for item in requests]
        subject = requests[0].retelling_id
        if all(error is not None for error in errors):
            made.verdicts.append(drop(subject, "retelling", "failed", errors[0] or ""))
            return
        if style.unit == "sentence":
            text, refusal = self._by_sentence(style, passage, requests, answers)
        else:
            found = self._best(style, passage, requests, answers)
            text, refusal = found.text, found.refusal
            if refusal is None:
                text = self.repair(style, passage, answers.origins[passage.document_id].title, text)
        if refusal is not None:
            made.verdicts.append(drop(subject, "retelling", refusal.reason, refusal.detail))
        origin = answers.origins[passage.document_id]
        made.documents.append(
            Document(
                document_id=subject,
                kind="retelling",
                text=text,
                source=origin.source,
                parents=(passage.document_id,),
                spans=(Span(passage.document_id, passage.start, passage.end),),
                style=style.name,
                made_by="model",
                title=origin.title,
                licence=joined(origin.licence, self.licence),
            )
        )

    def _best(self, style: Style, passage: Passage, requests: list[Request], answers: _Answers) -> Candidate:
        """What the best answer about a whole passage became."""
        title = answers.origins[passage.document_id].title
        made = [self._whole(style, passage, answers.completions[name]) for name in answers.given(requests)]
        return best(made, lambda text: self.rate(style, passage, title, text))

    def _whole(self, style: Style, passage: Passage, answer: Completion) -> Candidate:
        """The text of a retelling made by one request, or what was written instead and why that is none."""
        found = _parsed(style, answer, passage.text)
        if found.refusal is not None:
            return found
        return replace(found, text=written(style, found.text, passage.text))

    def _by_sentence(
        self, style: Style, passage: Passage, requests: list[Request], answers: _Answers
    ) -> tuple[str, Refusal | None]:
        """What is made of the accepted rewordings; without one, what would have been made of the answers as written."""
        refused: Counter[str] = Counter()
        units: list[Unit] = []
        as_written: list[Unit] = []
        for (first, last), asked in _spans(requests).items():
            start, end = first - passage.start, last - passage.start
            found = self._sentence(style, passage.text[start:end], asked, answers)
            if found.refusal is not None:
                refused[found.refusal.reason] += 1
            units.append(Unit(start, end, "" if found.refusal else found.text))
            as_written.append(Unit(start, end, found.text if any(map(str.isalnum, found.text)) else ""))
        room = (style.contract.items[1], style.contract.length[1])
        text = assemble(style.assemble, passage.text, units, *room)
        if not text:
            said = assemble(style.assemble, passage.text, as_written, *room)
            counted = ", ".join(f"{reason} {times}" for reason, times in sorted(refused.items()))
            return written(style, said, passage.text), Refusal(_why_none(style, passage, refused), counted)
        if style.assemble != "passage":
            parsed = parse(replace(style, prefill=""), text, passage.text)
            return written(style, text, passage.text), parsed if isinstance(parsed, Refusal) else None
        return text, None

    def _sentence(self, style: Style, source: str, asked: list[Request], answers: _Answers) -> Candidate:
        """The best answer about one sentence, judged."""
        source = flat(source)
        judge = self.judges.get(style.assemble, self.judge)
        made = []
        for name in answers.given(asked):
            found = _parsed(of_unit(style), answers.completions[name], source)
            reason = judge(source, found.text) if found.refusal is None else None
            made.append(replace(found, refusal=Refusal(reason)) if reason else found)
        return best(made, lambda _: 0.0) if made else Candidate("", Refusal("failed"), 0.0)


def _parsed(style: Style, answer: Completion, source: str) -> Candidate:
    """An answer held to the contract, and to what the model itself held for probable."""
    said, likely = style.prefill + answer.text, likelihood(answer)
    if answer.finish in UNFINISHED:
        return Candidate(said, Refusal(UNFINISHED[answer.finish], f"{answer.completion_tokens} tokens"), likely)
    if style.decoding == "ordered" and answer.text.strip() == NOTHING:
        return Candidate(said, Refusal("no_plain_clause"), likely)
    parsed = parse(style, said, source)
    if isinstance(parsed, Refusal):
        return Candidate(said, parsed, likely)
    if style.contract.likely is not None and likely < style.contract.likely:
        return Candidate(said, Refusal("unlikely", f"{likely:.2f}"), likely)
    return Candidate(parsed.text, None, likely)


def _why_none(style: Style, passage: Passage, refused: Collection[str]) -> str:
    """Why no sentence was retold: what is made of a sentence's own words (`styles/frames.py`) is made in English, and
    only where its main clause is plain."""
    if style.decoding == "ordered" and not_english(passage.text) > NOT_ENGLISH:
        return "not_english"
    return "no_plain_clause" if set(refused) == {"no_plain_clause"} else "no_sentence_retold"


def _spans(requests: list[Request]) -> dict[tuple[int, int], list[Request]]:
    """Requests by the span that they are about, in its order, attempts in theirs."""
    found: dict[tuple[int, int], list[Request]] = {}
    for request in sorted(requests, key=lambda item: (item.start, item.end, item.attempt)):
        found.setdefault((request.start, request.end), []).append(request)
    return found


def _named(function: Callable[..., object]) -> str:
    return f"{function.__module__}.{getattr(function, '__qualname__', type(function).__qualname__)}"


def cut_of(view: View) -> int | None:
    """The position before which retellings are data, where a target ended the asking there; None: all of them."""
    ends = [end for found in view.read("cuts", columns=["end"]) for end in found["end"].to_pylist()]
    return min(ends, default=None)


def _blocks(view: View, part: Part, cut: int | None) -> Iterator[list[str]]:
    """Ids of the part's requests in planned order, `BLOCK` at a time; a retelling is never cut in two."""
    order: list[tuple[int, str, str]] = []
    for found in view.read("requests", part=part.name, columns=["position", "request_id", "retelling_id"]):
        columns = (found[name].to_pylist() for name in ("position", "request_id", "retelling_id"))
        order += (row for row in zip(*columns, strict=True) if cut is None or row[0] < cut)
    order.sort()
    block: list[str] = []
    above = ""
    for _, request_id, retelling_id in order:
        if len(block) >= BLOCK and retelling_id != above:
            yield block
            block = []
        block.append(request_id)
        above = retelling_id
    if block:
        yield block


def _grouped(requests: list[Request]) -> list[list[Request]]:
    """Requests by retelling, in planned order."""
    groups: dict[str, list[Request]] = {}
    for request in requests:
        groups.setdefault(request.retelling_id, []).append(request)
    return list(groups.values())


def _answers(view: View, part: Part, requests: list[Request]) -> _Answers:
    ids = {request.request_id for request in requests}
    passages = by_key(view, "passages", part.name, "passage_id", {request.passage_id for request in requests})
    completions = by_key(view, "completions", part.name, "request_id", ids)
    letters = find(view, "dead_letters", part.name, "request_id", ids, ["request_id", "round", "error"])
    dead = sorted(letters, key=lambda row: row["round"])
    return _Answers(
        {name: Passage(**row) for name, row in passages.items()},
        inherited(view, part.name, {request.document_id for request in requests}),
        {name: Completion(**row) for name, row in completions.items()},
        {row["request_id"]: row["error"] for row in dead},  # of several rounds, the last
    )
