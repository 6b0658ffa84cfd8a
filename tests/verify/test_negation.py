"""Denials, contrasts and opposite words against the source sentences that they speak about."""

from __future__ import annotations

import pytest

from retold.verify.negation import negation
from retold.verify.opposites import contraries, opposites
from retold.verify.source import SourceText

SOURCE = SourceText(
    "The shuttle landed in Florida after twelve days. The crew did not repair the antenna. "
    "Sales of the vaccine increased during the first quarter. The pool has unlimited connections for every user."
)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("The shuttle landed in Florida.", []),
        ("The shuttle did not land in Florida.", ["not"]),
        ("The shuttle landed without its crew in Florida.", []),  # the aligned sentence about the crew denies
        ("The antenna was never repaired by the crew.", []),
        ("Sales of the vaccine never increased during the first quarter.", ["never"]),
        ("Sales of the vaccine didn't increase.", ["didn't"]),
    ],
)
def test_denials_that_the_source_does_not_have(text: str, marked: list[str]) -> None:
    """Kills: looking for a denial in the whole source instead of in the sentences that speak of the same."""
    few = SourceText("The shuttle landed in Florida. Sales of the vaccine increased during the first quarter.")
    source = SOURCE if "antenna" in text or "crew" in text else few
    values, marks = negation(source, text)
    assert [text[mark.start : mark.end] for mark in marks] == marked
    assert values["unsupported_negations"] == len(marked)


def test_a_denial_far_away_supports_nothing() -> None:
    """Kills: counting a denial anywhere in a long source as support."""
    filler = " ".join(f"Report {name} covers regional harvests and weather." for name in ("north", "south", "east"))
    source = SourceText(f"The crew did not repair the antenna. {filler} The shuttle landed in Florida on Monday.")
    assert negation(source, "The shuttle has not landed in Florida on Monday.")[0]["unsupported_negations"] == 1
    assert negation(source, "The antenna was not repaired by the crew.")[0]["unsupported_negations"] == 0


def test_rows_of_a_table_are_compared_one_by_one() -> None:
    """Kills: a table taken for one sentence, which is aligned to three of the source's, of which none may deny."""
    facts = {
        "The bridge": "has three arches of grey stone",
        "The museum": "shows four thousand maps of the coast",
        "The old gate": "is made of oak from the hills",
        "The tower": "holds nine bells from the abbey",
        "The harbour": "is not open in winter",
    }
    source = SourceText(" ".join(f"{name} {fact}." for name, fact in facts.items()))
    head = "| Subject | Fact |\n| --- | --- |"
    table = "\n".join([head, *(f"| {name} | {fact} |" for name, fact in facts.items())])
    assert negation(source, table)[0]["unsupported_negations"] == 0
    values, marks = negation(source, table.replace("holds nine", "never holds nine"))
    assert (values["unsupported_negations"], marks[0].reason) == (1, "negation_not_in_source")
    assert negation(source, "It is so.\n" + table)[0]["unsupported_negations"] == 0


def test_contrasts_and_lost_denials() -> None:
    values, _ = negation(SOURCE, "Only the shuttle landed in Florida, but after twelve days.")
    assert values["unsupported_contrasts"] == 2
    assert negation(SOURCE, "The crew did repair the antenna.")[0]["lost_negations"] == 1
    assert negation(SOURCE, "The crew did not repair the antenna.")[0]["lost_negations"] == 0


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Sales of the vaccine decreased during the first quarter.", ["decreased"]),
        ("Sales of the vaccine increased during the last quarter.", ["last"]),
        ("The pool has limited connections for every user.", ["limited"]),
        ("The shuttle landed before twelve days in Florida.", ["before"]),
        ("Sales of the vaccine increased.", []),
        ("Sales increased and nothing decreased.", []),  # both sides are said: no flip
    ],
)
def test_opposites_of_what_the_source_says(text: str, marked: list[str]) -> None:
    """Kills: comparing words with their endings, or marking a word whose contrary the retelling says too."""
    values, marks = opposites(SOURCE, text)
    assert [text[mark.start : mark.end] for mark in marks] == marked
    assert values["opposites"] == len(marked)


def test_contraries_are_mutual() -> None:
    for one, other in (("increas", "decreas"), ("limit", "unlimit"), ("useful", "useless"), ("first", "last")):
        assert other in contraries(one) and one in contraries(other)
