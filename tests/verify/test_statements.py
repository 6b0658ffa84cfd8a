"""Statements of one source sentence: nothing added, lost, turned round or asked that the sentence does not answer."""

# ruff: noqa: E501  (a case a line)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.styles.style import load
from retold.verify import (
    REASONS,
    VerifySettings,
    row_judge,
    strict_question_judge,
    strict_sentence_judge,
)
from retold.verify.checks import measure
from retold.verify.combination import SMALL
from retold.verify.combination import load as calibration
from retold.verify.judge import judge, limits_for
from retold.verify.restated import ALIKE, departs
from retold.verify.source import SourceText
from retold.verify.statements import statements

GATE = "If the wind turns north, the keeper of the harbour closes the old gate (made of oak) before the evening."
FILTER = "The filter may drop some rows of the table, which is slow."
SOURCE = f"{GATE} {FILTER} The gate was not opened in 1907."


@pytest.mark.parametrize(
    ("told", "said", "reason"),
    [
        (GATE, GATE, ""),
        (GATE, "If the wind turns north, the keeper of the harbour closes the old gate before the evening.", ""),
        (GATE, "The keeper of the harbour closes the old gate before the evening if the wind turns north.", ""),
        (GATE, "The keeper of the harbour closes the old gate before the evening.", "words_lost"),
        (GATE, "If the wind turns north, the keeper closes the old gate of the harbour before the evening.", "exchanged_in_source"),
        (GATE, "If the wind turns north, the keeper of the harbour closes the old gate after the evening.", "qualified_otherwise"),
        (GATE, "If the wind turns north, the keeper of the harbour locks the old gate before the evening.", "words_not_in_source"),
        (FILTER, "The filter may drop some rows of the table.", ""),
        (FILTER, "The filter drops some rows of the table.", "qualified_otherwise"),
        (FILTER, "The filter may drop rows of the table.", "qualified_otherwise"),
        (FILTER, "The table may drop some rows of the filter.", "exchanged_in_source"),
        ("The gate was not opened in 1907.", "The gate was opened in 1907.", "opposite_of_source"),
        ("The gate was not opened in 1907.", "The gate is not opened in 1907.", "qualified_otherwise"),
        ("The gate was not opened in 1907.", "The gate wasn't opened in 1907.", ""),
        ('The "in" operator tests keys.', 'The "on" operator tests keys.', "words_not_in_source"),
        ("No argument is given to it.", "No argument is provided to it.", ""),
        ("A change of a particular setting is logged.", "A change of a setting is logged.", "words_lost"),
        ("The change is actually logged.", "The change is logged.", ""),
        ("We use the hammer and utilize the saw.", "We use the hammer and use the saw.", ""),
        ("We use the hammer and utilize the saw.", "We use the saw and use the hammer.", "exchanged_in_source"),
        ("They employ the hammer and utilize the saw.", "They use the hammer and use the saw.", ""),
        ("They utilize the old saw.", "They use, use the old saw.", "words_not_in_source"),
    ],
)  # fmt: skip
def test_what_a_restated_sentence_may_and_may_not(told: str, said: str, reason: str) -> None:
    """Kills: any of the comparisons of `departs` left out."""
    assert departs(told, said) == reason


def test_statements_of_every_form_are_found_and_marked() -> None:
    """Kills: reading rows, items, questions or headers of tables as prose."""
    source = SourceText(SOURCE)
    pair = "Q: What was not opened in 1907?\nA: The gate was not opened in 1907."
    text = f"1. {FILTER}\n2. The filter drops all rows.\n\n{pair}"
    values, marks = statements(source, text)
    assert values == {"statements": 4.0, "unsupported_statements": 1.0}
    assert [text[mark.start : mark.end] for mark in marks] == ["The filter drops all rows."]
    table = "| Subject | Fact |\n| --- | --- |\n| Gate | was not opened in 1907 |\n| Filter | was not opened in 1907 |"
    values, marks = statements(source, table)
    assert (values["statements"], [table[mark.start : mark.end] for mark in marks]) == (
        2.0,
        ["| Filter | was not opened in 1907 |"],
    )


def test_a_question_is_answered_by_the_sentence_of_its_answer() -> None:
    """Kills: taking a question whose words all stand in the sentence for one that it answers."""
    source = SourceText(SOURCE)
    for question, wrong in (("What was not opened in 1907?", 0.0), ("What is the gate?", 1.0)):
        said = f"Q: {question}\nA: The gate was not opened in 1907."
        assert statements(source, said)[0]["unsupported_statements"] == wrong


def test_two_neighbouring_sentences_may_be_one_statement() -> None:
    source = SourceText("The gate is old. The keeper is young.")
    assert statements(source, "The gate is old, the keeper is young.")[0]["unsupported_statements"] == 0


def test_strict_judges() -> None:
    """Kills: a strict judge that is the mild one, or that takes a moved clause for a copy."""
    said = "A given row of the table may be dropped by the filter, at some cost."
    row = "The filter of the table may, at some cost, drop any given row of it."
    assert strict_sentence_judge(row, said) is not None
    moved = "The row of the table is sent to the reader if the filter gives a null."
    told = "If the filter gives a null, the row of the table is sent to the reader."
    assert strict_sentence_judge(told, moved) is None
    assert strict_question_judge(told, "What happens if the filter gives a null?") is None
    assert strict_question_judge(told, "Why is the row of the table sent to the reader?") == "not_of_one_sentence"
    assert row_judge(GATE.replace(" (made of oak)", ""), "Harbour | closes old gate") == "not_of_one_sentence"
    assert row_judge("The gate of the harbour is old.", "Gate of harbour | is old") is None


def test_small_models_are_held_to_it_and_others_are_not() -> None:
    """Kills: a default that is strict for every model, or for none."""
    summary = load("summary")
    mild, small = (VerifySettings().made_by(small=small) for small in (False, True))
    assert (limits_for(mild, "model", summary).statements > 0, limits_for(small, "model", summary).statements) == (
        True,
        0,
    )
    assert (small.calibration, small.risk) == (SMALL, calibration(SMALL).threshold)
    assert VerifySettings.model_validate({"risk": 0.5}).made_by(small=True).risk == 0.5
    assert VerifySettings.model_validate({"strict": False}).made_by(small=True) == VerifySettings(strict=False)
    assert limits_for(small, "rule", None).statements > 0


OTHERS = {
    "de": "Die Stadt liegt am Ufer des Flusses und ist die größte Stadt des Landes. Der Hafen ist im Winter zu.",
    "nl": "De stad is groot en heel oud en ligt aan de rivier. De brug was een geschenk van de koning aan de stad.",
    "zh": "这座城市位于河边，是全国最大的城市。冬天的时候港口不开放。许多人在城边的工厂里工作。",
}


@pytest.mark.parametrize("language", sorted(OTHERS))
def test_what_reads_english_alone_says_so_of_other_languages(language: str) -> None:
    """Kills: `not_english` left out of strict limits; strict limits for everybody."""
    source = SourceText(OTHERS[language])
    values, _ = measure(source, f"Q: What is groot en heel oud?\nA: {OTHERS[language]}")
    mild, small = (limits_for(VerifySettings().made_by(small=small), "model", load("faq")) for small in (False, True))
    assert (judge(values, small), judge(values, mild) == "not_english") == ("not_english", False)
    assert judge(measure(SourceText(SOURCE), SOURCE)[0], small) != "not_english"


SYNONYMS = st.lists(st.sampled_from([word for group in ALIKE[:4] for word in group]), max_size=6).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | SYNONYMS, st.text(max_size=80) | SYNONYMS)
def test_any_texts_have_an_answer(told: str, said: str) -> None:
    """Kills: looking for a word that stands for another one under its own key, where the sentence has both."""
    assert departs(told, said) in {"", *REASONS}
    assert statements(SourceText(told), said)[0]["unsupported_statements"] >= 0
    for asked in (strict_sentence_judge, strict_question_judge, row_judge):
        assert asked(told, said) is None or asked(told, said) in REASONS
