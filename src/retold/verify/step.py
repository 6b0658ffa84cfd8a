"""The step `verify`: every retelling of a part gets its signals and a verdict.

In: documents of kind `retelling` of the part, the source documents that their spans name, and the passages' headings.
Out: one `signals` row and one `verdicts` row (kind "retelling") for each retelling, kept or not.

Memory: retellings are taken in groups of at most `GROUP` (4,096); resident are the group's texts, the source
documents that the group names, and one `SourceText` (about 180 kB for 270 words). The part's sources are streamed
once per group, so a part with few retellings pays one pass. Inside a group retellings are taken by source, so that a
passage is cut up once however many retellings share it. Order and grouping of what comes in do not change any row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from retold.clean.language import model_digest
from retold.core.document import Signals
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import Verdict, drop, keep
from retold.styles.style import Style, begins
from retold.verify.checks import measure, quote
from retold.verify.combination import load
from retold.verify.judge import Limits, VerifySettings, judge, limits_for
from retold.verify.source import SourceText

GROUP: Final = 4096
ROWS: Final = 512

SpanKey = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Retelling:
    document_id: str
    text: str
    spans: SpanKey
    style: str
    made_by: Any


class Verify:
    """Map step `verify`. `styles` maps names to model-made styles (rule-made ones have no contract)."""

    name = "verify"
    version = 3
    writes = ("signals", "verdicts")

    def __init__(self, settings: VerifySettings, styles: Mapping[str, Style], base: Path = Path()) -> None:
        """`base` is the folder from which a calibration file of the user's is named. Raises RetoldError without it."""
        self.settings = settings
        self.styles = dict(styles)
        self.combination = load(settings.calibration, base)

    def identity(self) -> Mapping[str, Any]:
        """Limits, what each style's contract adds, and the language model. Prompts decide retellings, not verdicts."""
        made = {name: limits_for(self.settings, "model", style).identity() for name, style in self.styles.items()}
        return {
            "settings": self.settings.model_copy(update={"diversity": None}).identity(),
            "styles": made,
            "language_model": model_digest(),
            "combination": self.combination.digest,
        }

    def process(self, part: Part, view: View) -> Iterator[Output]:
        """Signals and verdicts of all retellings of the part, at most `ROWS` at a time."""
        for group in _groups(view, part):
            sources = _Sources(view, part, {span[0] for retelling in group for span in retelling.spans})
            yield from self._outputs(group, sources)

    def _outputs(self, group: list[_Retelling], sources: _Sources) -> Iterator[Output]:
        signals: list[Signals] = []
        verdicts: list[Verdict] = []
        spans: SpanKey | None = None
        source: SourceText | None = None
        for retelling in sorted(group, key=lambda item: (item.spans, item.document_id)):
            if retelling.spans != spans:
                spans, source = retelling.spans, sources.find(retelling.spans)
            measured, verdict = self._check(retelling, source)
            signals.append(measured)
            verdicts.append(verdict)
            if len(signals) == ROWS:
                yield {"signals": batch("signals", signals), "verdicts": batch("verdicts", verdicts)}
                signals, verdicts = [], []
        if signals:
            yield {"signals": batch("signals", signals), "verdicts": batch("verdicts", verdicts)}

    def _check(self, retelling: _Retelling, source: SourceText | None) -> tuple[Signals, Verdict]:
        name = retelling.document_id
        if source is None:
            return Signals(name, {"source_missing": 1.0}), drop(name, "retelling", "source_missing", retelling.style)
        style = self.styles.get(retelling.style)
        above = begins(style, retelling.text, source.text)
        values, marks = measure(source, retelling.text[above:], self.combination)
        marks = tuple(replace(mark, start=mark.start + above, end=mark.end + above) for mark in marks)
        reason = judge(values, self._limits(retelling))
        if reason:
            return Signals(name, values, marks), drop(name, "retelling", reason, quote(retelling.text, marks, reason))
        return Signals(name, values, marks), keep(name, "retelling")

    def _limits(self, retelling: _Retelling) -> Limits:
        return limits_for(self.settings, retelling.made_by, self.styles.get(retelling.style))


def _groups(view: View, part: Part) -> Iterator[list[_Retelling]]:
    columns = ["document_id", "text", "spans", "style", "made_by"]
    group: list[_Retelling] = []
    for rows in view.documents(["retelling"], part=part.name, columns=columns):
        for row in rows.to_pylist():
            spans = tuple((span["document_id"], span["start"], span["end"]) for span in row["spans"])
            group.append(_Retelling(row["document_id"], row["text"], spans, row["style"], row["made_by"]))
            if len(group) == GROUP:
                yield group
                group = []
    if group:
        yield group


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    for rows in batches:
        yield from rows.to_pylist()


class _Sources:
    """The source documents that a group names: texts, titles, and headings by the range that they stand over."""

    def __init__(self, view: View, part: Part, wanted: Iterable[str]) -> None:
        names = pa.array(sorted(wanted), pa.string())
        self._documents: dict[str, tuple[str, str]] = {}
        self._headings: dict[str, list[tuple[int, int, str]]] = {}
        among = "document_id", names
        columns = ["document_id", "text", "title"]
        for row in _rows(view.documents(["source"], part=part.name, columns=columns, among=among)):
            self._documents[row["document_id"]] = (row["text"], row["title"])
        columns = ["document_id", "start", "end", "heading"]
        for row in _rows(view.read("passages", part=part.name, columns=columns, among=among)):
            self._headings.setdefault(row["document_id"], []).append((row["start"], row["end"], row["heading"]))

    def find(self, spans: SpanKey) -> SourceText | None:
        """The text of the spans with headings and titles, or None where a document is not there."""
        if not spans or any(name not in self._documents for name, _, _ in spans):
            return None
        pieces, context = [], []
        for name, start, end in spans:
            text, title = self._documents[name]
            pieces.append(text[start:end])
            context.append(title)
            context += [
                heading for first, last, heading in self._headings.get(name, []) if first < end and start < last
            ]
        return SourceText("\n\n".join(pieces), tuple(dict.fromkeys(context)))
