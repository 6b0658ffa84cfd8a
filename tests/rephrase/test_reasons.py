"""The reasons of this room fit with those of the rooms around it."""

from __future__ import annotations

from retold.core.verdict import merge_reasons
from retold.rephrase import REASONS
from retold.styles import reasons as of_styles
from retold.verify import reasons as of_verify


def test_no_code_means_two_things():
    """Kills: another explanation for a code that `styles` or `verify` has."""
    assert set(REASONS) < set(merge_reasons(REASONS, of_styles.REASONS, of_verify.REASONS))


def test_every_reason_is_a_sentence_for_a_person():
    assert all(text[0].isupper() and text.endswith(".") for text in REASONS.values())
