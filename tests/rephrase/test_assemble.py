"""Sentences put together, the best of several answers, and which sentences are asked about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Completion
from retold.rephrase.assemble import Unit, assemble
from retold.rephrase.best import Candidate, best, likelihood
from retold.rephrase.units import units
from retold.styles.parse import Refusal

TEXT = "Bees visit flowers all day. They carry pollen home. Wasps eat fruit of many kinds. Ants walk in long lines."
SPANS = [(0, 27), (28, 51), (52, 82), (83, 107)]


def told(*answers: str) -> list[Unit]:
    return [Unit(first, last, answer) for (first, last), answer in zip(SPANS, answers, strict=True)]


def test_a_sentence_without_a_retelling_falls_back_to_itself():
    """Kills: the gap between sentences dropped, or a refused sentence left out."""
    found = assemble("passage", TEXT, told("All day bees visit flowers.", "", "", "In lines walk ants."), 9)
    assert (
        found
        == "All day bees visit flowers. They carry pollen home. Wasps eat fruit of many kinds. In lines walk ants."
    )


def test_a_list_holds_no_more_of_the_sources_sentences_than_were_retold():
    """Kills: `left` not counted down; items numbered by their place in the passage."""
    found = assemble("numbered", TEXT, told("", "Pollen is carried home.", "", ""), 9)
    assert found == "1. Bees visit flowers all day.\n2. Pollen is carried home."
    assert assemble("numbered", TEXT, told("One.", "Two.", "Three.", ""), 2) == "1. One.\n2. Two."


def test_questions_are_answered_by_their_sentences():
    found = assemble("pairs", TEXT, told("", "", "What do wasps eat?", ""), 9)
    assert found == "Q: What do wasps eat?\nA: Wasps eat fruit of many kinds."


def test_as_many_items_are_taken_as_the_contract_has_room_for():
    """Kills: all pairs of a short passage, which `verify` refuses as too long; a list that loses its first item."""
    asked = told("Who visits flowers?", "What do they carry?", "What do wasps eat?", "Who walks?")
    first = "Q: Who visits flowers?\nA: Bees visit flowers all day."
    second = "Q: What do they carry?\nA: They carry pollen home."
    assert assemble("pairs", TEXT, asked, 9, 1.0) == f"{first}\n\n{second}"
    assert assemble("pairs", TEXT, asked, 9, 0.01) == first
    assert assemble("pairs", TEXT, asked, 9, 9.0).count("A:") == 4
    assert assemble("numbered", TEXT, told("One of it.", "Two of it.", "Three of it.", ""), 9, 0.4).count("\n") == 1
    assert assemble("passage", TEXT, told("All day bees visit flowers.", "", "", ""), 9, 0.01).endswith("long lines.")


def test_without_a_retold_sentence_there_is_no_retelling():
    for assembly in ("passage", "numbered", "pairs"):
        assert assemble(assembly, TEXT, told("", "", "", ""), 9) == ""


@given(st.lists(st.sampled_from(["", "Told."]), min_size=4, max_size=4), st.integers(1, 4))
def test_items_are_bounded(answers, most):
    for assembly in ("numbered", "pairs"):
        found = assemble(assembly, TEXT, told(*answers), most)
        items = found.count("\nA: ") if assembly == "pairs" else len(found.split("\n")) if found else 0
        assert items <= most


def answer(*logprobs: float) -> Completion:
    return Completion("r", "text", "stop", "e", 1, len(logprobs), logprobs=logprobs)


def test_the_best_is_accepted_then_worth_most_then_most_probable_then_first():
    """Kills: any part of the key left out, `max` of equals taking the last."""
    refused = Candidate("no", Refusal("echo"), -0.1)
    low, high = Candidate("low", None, -0.9), Candidate("high", None, -0.3)
    twin = Candidate("twin", None, -0.3)
    assert best([refused, low], lambda _: 0.0) is low
    assert best([low, high, twin], lambda _: 0.0) is high
    assert best([low, high], lambda text: float(text == "low")) is low
    assert best([refused, Candidate("worse", Refusal("echo"), -2.0)], lambda _: 1 / 0) is refused


def test_likelihood_is_a_mean_and_none_is_least():
    """Kills: a sum, which would prefer short answers."""
    assert likelihood(answer(-1.0, -3.0)) == -2.0
    assert likelihood(answer()) == -float("inf")


def test_sentences_that_lean_on_others_are_not_asked_alone():
    """Kills: `stands_alone` left out of `_alone`."""
    text = "Bees visit the flowers of this hill all day long. They carry pollen home. However, wasps eat fruit there."
    alone = "The harbour at Lerwick was built in 1886 and holds forty boats. It is full."
    assert [alone[first:last] for first, last in units(alone, "pairs")] == [alone[:63]]
    assert len(units(text, "passage")) == 3
    assert len(units("It is so.", "numbered")) == 1


def test_rows_make_a_table_and_each_stands_in_it_once():
    """Kills: the header left out, or a sentence without a row in it."""
    found = assemble("rows", TEXT, told("Bees | visit flowers", "", "Wasps | eat fruit", "Bees | visit flowers"), 9)
    assert found == "| Subject | Fact |\n| --- | --- |\n| Bees | visit flowers |\n| Wasps | eat fruit |"
    assert assemble("rows", TEXT, told("", "", "", ""), 9) == ""
