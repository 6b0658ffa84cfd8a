"""All checks of one retelling, in one call.

In: a source and a retelling. Out: every signal by name and every mark in order of place. Signals depend on the two
texts and on nothing else: neither style nor limits, which come in `judge.py`, so new limits need no new measuring.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.verify import (
    answers,
    copying,
    drift,
    form,
    injection,
    language,
    names,
    negation,
    numbers,
    opposites,
    relations,
    repetition,
    statements,
)
from retold.verify.check import Check
from retold.verify.combination import NEWEST, Combination, load
from retold.verify.source import SourceText

CHECKS: Final[tuple[Check, ...]] = (
    form.CHECK,
    injection.CHECK,
    repetition.CHECK,
    language.CHECK,
    copying.CHECK,
    numbers.CHECK,
    names.CHECK,
    drift.CHECK,
    negation.CHECK,
    opposites.CHECK,
    relations.CHECK,
    answers.CHECK,
    statements.CHECK,
)
"""The default cascade, cheap to dear; all of it costs under 2 ms of one core (`make bench NAME=checks`)."""


def measure(
    source: SourceText, output: str, combination: Combination | None = None
) -> tuple[dict[str, float], tuple[Mark, ...]]:
    """Signals and marks of `output` against `source`, from every check, and the `risk` that they come to."""
    values: dict[str, float] = {}
    marks: list[Mark] = []
    for check in CHECKS:
        signals, found = check.measure(source, output)
        values |= signals
        marks += found
    values["risk"] = (combination or load(NEWEST)).risk(values)
    return values, tuple(sorted(marks, key=lambda mark: (mark.start, mark.end, mark.reason)))


def quote(text: str, marks: tuple[Mark, ...], reason: str) -> str:
    """The words that a reason points at, in order and each once, as a person should see them; may be empty."""
    pointed = "words_not_in_source" if reason == "sentence_not_in_source" else reason
    words = (" ".join(text[mark.start : mark.end].split()) for mark in marks if mark.reason == pointed)
    return ", ".join(dict.fromkeys(words))
