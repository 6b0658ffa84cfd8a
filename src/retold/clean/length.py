"""How long a document is, in characters and in words (as `text/words.py` cuts them), and whether that is within bounds.

Measured on every document, whether bounds are set or not: reports need it, and new bounds then judge without the
text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from retold.text.words import words

if TYPE_CHECKING:
    from retold.clean.settings import Length


def measure(text: str) -> dict[str, float]:
    """`characters` and `words`."""
    return {"characters": float(len(text)), "words": float(len(words(text)))}


def judge(values: Mapping[str, float], limits: Length) -> str | None:
    """The reason to drop a document with these signals, or None. Bounds are inclusive."""
    for unit, low, high in (
        ("words", limits.min_words, limits.max_words),
        ("characters", limits.min_characters, limits.max_characters),
    ):
        if low is not None and values[unit] < low:
            return "too_short"
        if high is not None and values[unit] > high:
            return "too_long"
    return None


def detail(values: Mapping[str, float]) -> str:
    """The length in words for a person."""
    return f"{values['words']:,.0f} words, {values['characters']:,.0f} characters"
