"""Repair: what the checks mark is taken out where the form survives, and nothing else is touched."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from retold.core.document import Passage
from retold.styles.style import load, of_unit, sized
from retold.verify import Repaired, VerifySettings

TEXT = (
    "The keeper opens the gate at 7 o'clock. The old gate is made of oak. The harbour has two lamps, which are green. "
    "The lamps are lit before the evening. Every storm is written down in a book."
)
PASSAGE = Passage("p", "d", 0, len(TEXT), "Harbour", TEXT, 50)
KEY_FACTS, SUMMARY, TABLE = (sized(load(name), "large") for name in ("key_facts", "summary", "table"))
MILD, STRICT = (Repaired(VerifySettings().made_by(small=small)) for small in (False, True))


def test_items_are_taken_out_and_numbered_again() -> None:
    """Kills: leaving the marked item, or the numbers of those behind it."""
    said = "1. The keeper opens the gate at 7 o'clock.\n2. The keeper opens it at 9.\n3. The old gate is made of oak."
    mended = "1. The keeper opens the gate at 7 o'clock.\n2. The old gate is made of oak."
    assert MILD(KEY_FACTS, PASSAGE, "", said) == mended


def test_items_of_several_lines_stay_whole() -> None:
    """Kills: an indented line taken for an item of its own, which loses its first word to a number."""
    first, wrong = "1. The keeper opens the gate\n   at 7 o'clock.\n", "2. The keeper opens\n   it at 9.\n"
    said = f"{first}{wrong}3. The old gate is made of oak."
    assert MILD(KEY_FACTS, PASSAGE, "", said) == f"{first}2. The old gate is made of oak."


def test_paragraphs_stay_apart() -> None:
    """Kills: sentences joined by spaces, which makes one paragraph of two."""
    plain = replace(SUMMARY, contract=replace(SUMMARY.contract, items=(1, 3)))
    said = "The old gate is made of oak. It has 19 nails.\n\nThe lamps are lit before the evening."
    mended = "The old gate is made of oak.\n\nThe lamps are lit before the evening."
    assert MILD(plain, PASSAGE, "", said) == mended


def test_a_statement_of_its_own_goes_only_where_the_model_is_small() -> None:
    """Kills: holding large models to single sentences, or small ones not."""
    said = "The old gate is made of oak. The gate of oak has lamps. The lamps are lit before the evening."
    assert MILD(SUMMARY, PASSAGE, "", said) == said
    assert STRICT(SUMMARY, PASSAGE, "", said) == "The old gate is made of oak. The lamps are lit before the evening."


def test_rows_are_taken_out_and_the_header_stays() -> None:
    said = "| Thing | Fact |\n| --- | --- |\n| old gate | is made of oak |\n| lamps | 12 |\n| harbour | has two lamps |"
    assert MILD(TABLE, PASSAGE, "", said) == said.replace("| lamps | 12 |\n", "")


@pytest.mark.parametrize(
    "said", ["1. The gate was opened in 1812.\n2. The old gate is made of oak.", "1. Oak.\n2. A gate."]
)
def test_what_would_break_the_form_stays_for_the_verdict(said: str) -> None:
    """Kills: a list that repair leaves with fewer items than its style asks for."""
    assert MILD(KEY_FACTS, PASSAGE, "", said) == said


def test_repair_can_be_pickled_and_says_what_decides() -> None:
    assert pickle.loads(pickle.dumps(STRICT)).decided_by == STRICT.decided_by != MILD.decided_by
    assert of_unit(TABLE) == TABLE
