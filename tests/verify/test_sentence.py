"""The judge of one reworded sentence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.verify import REASONS, sentence_judge

SOURCE = "Herodotus writes that the Egyptians moved 12 pebbles from right to left across the wooden tablet."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The Egyptians, writes Herodotus, moved twelve pebbles across the wooden tablet, right to left.", None),
        (SOURCE, "copied"),
        (SOURCE.upper(), "copied"),
        ("Herodotus writes that the Egyptians moved 12 pebbles from right to left.", "copied"),
        (
            "Thirteen wooden pebbles, Herodotus writes, moved left across 12 tablets of the Egyptians.",
            "number_not_in_source",
        ),
        ("Pebbles were moved across a wooden tablet, right to left, by Egyptians, writes Herodotus.", "number_lost"),
        (
            "The Romans, writes Herodotus, moved 12 pebbles across the wooden tablet, right to left.",
            "name_not_in_source",
        ),
        (
            "Herodotus claims 12 gigantic boulders travelled the desert, dragged onward by tired slaves.",
            "words_not_in_source",
        ),
        ("Egyptians moved 12 pebbles.", "short_for_source"),
        ("The text says the Egyptians moved 12 pebbles over a wooden tablet, right to left.", "meta_talk"),
        ("", "short_for_source"),
        (f"{SOURCE} It is so, and so it was, and always so it will be.", "long_for_source"),
    ],
)
def test_reasons(text: str, reason: str | None) -> None:
    assert sentence_judge(SOURCE, text) == reason


def test_a_short_sentence_copied_is_copied() -> None:
    assert sentence_judge("It costs 5 dollars.", "It costs 5 dollars") == "copied"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_any_text_has_an_answer(source: str, text: str) -> None:
    assert (answer := sentence_judge(source, text)) is None or answer in REASONS


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=st.characters(categories=("L", "N", "Z", "P")), max_size=120))
def test_a_copy_is_never_accepted(text: str) -> None:
    """Kills: a copy limit that texts of fewer than six words escape."""
    assert sentence_judge(text, text) is not None
