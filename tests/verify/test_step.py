"""The step: every retelling gets signals and a verdict, whatever the order, the grouping and the text."""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from memory_view import MemoryView, run_map
from retold.core.document import Document, Mark, Passage, Span
from retold.core.schema import batch
from retold.core.step import Map, Part
from retold.core.verdict import drop
from retold.styles.style import catalogue
from retold.verify import REASONS, Verify, VerifySettings, step
from retold.verify.checks import quote
from retold.verify.judge import judge, limits_for

STYLES = {style.name: style for style in catalogue()}
TEXT = (
    "The abacus is a calculating tool that merchants and traders used in Europe, China and Russia for ages.\n\n"
    "Herodotus wrote that Egyptians moved 12 pebbles from right to left. The frame of wood holds the beads."
)
CUT = TEXT.index("Herodotus")
SOURCES = [
    Document("s1", "source", TEXT, "docs", title="Counting in 1620"),
    Document("s2", "source", "Nothing but rain fell on the islands during all of the first week.", "docs"),
]
PASSAGES = [
    Passage("p1", "s1", 0, CUT, "Origins", TEXT[:CUT], 20),
    Passage("p2", "s1", CUT, len(TEXT), "Pliny's Egypt", TEXT[CUT:], 20),
]
FIRST, SECOND = Span("s1", 0, CUT), Span("s1", CUT, len(TEXT))


def _retelling(name: str, text: str, *spans: Span, style: str = "summary", made_by: str = "model") -> Document:
    return Document(name, "retelling", text, "docs", tuple(span.document_id for span in spans), spans, style, made_by)  # type: ignore[arg-type]


RETELLINGS = [
    _retelling("good", "Egyptians, Herodotus wrote, moved 12 pebbles.", SECOND),
    _retelling("heading", "In 1620 Pliny had the wood and the beads.", SECOND),
    _retelling("number", "Egyptians, Herodotus wrote, moved 13 pebbles.", SECOND),
    _retelling("other_passage", "The pebbles came from China to the Egyptians.", SECOND),
    _retelling("both", "Pebbles came from China; Egyptians moved them. Merchants used the tool.", FIRST, SECOND),
    _retelling("other_heading", "Merchants used the tool of Pliny.", FIRST),
    _retelling("rule", TEXT[CUT:], SECOND, style="lead", made_by="rule"),
    _retelling("copy", TEXT[CUT : CUT + 60], SECOND),
    _retelling("unknown_style", "Egyptians, Herodotus wrote, moved 12 pebbles.", SECOND, style="own"),
    _retelling("below", TEXT[CUT:] + "\n\nQ: What did Herodotus write of?\nA: 12 pebbles.", SECOND, style="qa_append"),
    _retelling("below_wrong", TEXT[CUT:] + "\n\nQ: How many moved?\nA: All 13 pebbles.", SECOND, style="qa_append"),
    _retelling("below_nothing", TEXT[CUT:] + "\n\n", SECOND, style="qa_append"),
    _retelling("orphan", "Egyptians moved pebbles.", Span("gone", 0, 5)),
    _retelling("spanless", "Egyptians moved pebbles."),
    _retelling("empty", "", SECOND),
    _retelling("rain", "Rain fell on islands for a week.", Span("s2", 0, 66)),
]
EXPECTED = {
    "good": "",
    "heading": "",
    "number": "number_not_in_source",
    "other_passage": "name_not_in_source",
    "both": "",
    "other_heading": "name_not_in_source",
    "rule": "",
    "copy": "copied",
    "unknown_style": "",
    "below": "",
    "below_wrong": "number_not_in_source",
    "below_nothing": "short_for_source",
    "orphan": "source_missing",
    "spanless": "source_missing",
    "empty": "short_for_source",
    "rain": "",
}


def _view(folder: Path, retellings: Sequence[Document] = RETELLINGS, rows: int = 5) -> MemoryView:
    view = MemoryView(folder, [Part("a", "docs"), Part("empty", "docs")])
    view.add("curate", "a", {"documents": batch("documents", SOURCES)})
    view.add("passages", "a", {"passages": batch("passages", PASSAGES)})
    for at in range(0, len(retellings), rows):
        view.add("parse", "a", {"documents": batch("documents", retellings[at : at + rows])})
    return view


def _rows(view: MemoryView, table: str) -> list[dict[str, object]]:
    name = "subject" if table == "verdicts" else "document_id"
    return sorted(view.table(table), key=lambda row: str(row[name]))


def _settings(**changes: float) -> VerifySettings:
    return VerifySettings(support=0.6, **changes)


def test_every_retelling_has_signals_and_a_verdict(tmp_path: Path) -> None:
    view = _view(tmp_path)
    run_map(Verify(_settings(), STYLES), view)
    verdicts = {row["subject"]: row for row in view.table("verdicts")}
    assert {name: row["reason"] for name, row in verdicts.items()} == EXPECTED
    assert all(row["kind"] == "retelling" and row["keep"] == (row["reason"] == "") for row in verdicts.values())
    assert {row["document_id"] for row in view.table("signals")} == set(EXPECTED)
    assert verdicts["number"]["detail"] == "13"
    assert verdicts["other_passage"]["detail"] == "China"
    assert set(EXPECTED.values()) - {""} <= set(REASONS)


def test_order_and_grouping_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills: a source kept from the retelling before, or rows that depend on the group they came in."""
    plain = _view(tmp_path)
    run_map(Verify(_settings(), STYLES), plain)
    for group, rows, seed in ((1, 1, 1), (3, 2, 2), (100, 12, 3)):
        monkeypatch.setattr(step, "GROUP", group)
        monkeypatch.setattr(step, "ROWS", rows)
        shuffled = random.Random(seed).sample(RETELLINGS, len(RETELLINGS))
        view = _view(tmp_path, shuffled, rows)
        run_map(Verify(_settings(), STYLES), view)
        for table in ("signals", "verdicts"):
            assert _rows(view, table) == _rows(plain, table)


def test_stored_signals_judge_again_to_the_same_verdicts(tmp_path: Path) -> None:
    """Kills: a verdict that depends on anything but stored signals and limits."""
    view = _view(tmp_path)
    run_map(Verify(_settings(), STYLES), view)
    made = {document.document_id: document for document in RETELLINGS}
    verdicts = {row["subject"]: row for row in view.table("verdicts")}
    for row in view.table("signals"):
        document = made[row["document_id"]]
        limits = limits_for(_settings(), document.made_by, STYLES.get(document.style))
        verdict = verdicts[document.document_id]
        assert judge(dict(row["values"]), limits) == verdict["reason"]
        marks = tuple(Mark(**mark) for mark in row["marks"])
        if verdict["reason"] not in ("", "source_missing"):
            assert quote(document.text, marks, verdict["reason"])[:200] == verdict["detail"]


def test_what_an_earlier_stage_dropped_is_not_checked(tmp_path: Path) -> None:
    view = _view(tmp_path)
    view.add("parse", "a", {"verdicts": batch("verdicts", [drop("good", "retelling", "not_in_form")])})
    step_output = [
        row
        for output in Verify(_settings(), STYLES).process(Part("a", "docs"), view)
        for row in output["verdicts"].to_pylist()
    ]
    assert {row["subject"] for row in step_output} == set(EXPECTED) - {"good"}


def test_the_identity_follows_limits_and_contracts_only() -> None:
    plain = Verify(VerifySettings(), STYLES).identity()
    assert plain == Verify(VerifySettings(preset="default@2"), dict(reversed(STYLES.items()))).identity()
    assert plain != Verify(VerifySettings(support=0.5), STYLES).identity()
    assert plain != Verify(VerifySettings(), {"summary": STYLES["summary"]}).identity()


def test_the_step_is_a_picklable_map(tmp_path: Path) -> None:
    checker = pickle.loads(pickle.dumps(Verify(_settings(), STYLES)))
    assert isinstance(checker, Map)
    view = _view(tmp_path)
    run_map(checker, view)
    assert len(view.table("verdicts")) == len(EXPECTED)


def test_marks_below_a_source_point_into_the_whole_retelling(tmp_path):
    """Kills: marks counted from where the answer begins."""
    text = TEXT[CUT:] + "\n\nQ: How many moved?\nA: All 13 pebbles."
    view = _view(tmp_path, [_retelling("below", text, SECOND, style="qa_append")])
    run_map(Verify(VerifySettings(), STYLES), view)
    (row,) = view.table("signals")
    assert "13" in [text[mark["start"] : mark["end"]] for mark in row["marks"]]


def test_a_style_that_adds_is_held_to_names_and_not_to_words():
    """Kills: `or contract.adds` left out of `limits_for`."""
    settings, added = VerifySettings(), limits_for(VerifySettings(), "model", STYLES["recontextualise"])
    assert (added.support, added.names, added.numbers) == (0.0, True, True)
    assert limits_for(settings, "model", STYLES["plain"]).support == settings.support
