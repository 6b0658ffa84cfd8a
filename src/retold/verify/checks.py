"""All checks of one retelling, in one call.

In: a source and a retelling. Out: every signal by name and every mark in order of place. Signals depend on the two
texts and on nothing else: neither style nor limits, which come in `judge.py`, so new limits need no new measuring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from retold.core.document import Mark
from retold.verify.copying import copying
from retold.verify.drift import drift
from retold.verify.form import form
from retold.verify.language import language
from retold.verify.names import names
from retold.verify.numbers import numbers
from retold.verify.repetition import repetition
from retold.verify.source import Measured, SourceText

CHECKS: Final[tuple[Callable[[SourceText, str], Measured], ...]] = (
    form,
    repetition,
    language,
    copying,
    numbers,
    names,
    drift,
)


def measure(source: SourceText, output: str) -> tuple[dict[str, float], tuple[Mark, ...]]:
    """Signals and marks of `output` against `source`, from every check."""
    values: dict[str, float] = {}
    marks: list[Mark] = []
    for check in CHECKS:
        signals, found = check(source, output)
        values |= signals
        marks += found
    return values, tuple(sorted(marks, key=lambda mark: (mark.start, mark.end, mark.reason)))


def quote(text: str, marks: tuple[Mark, ...], reason: str) -> str:
    """The words that a reason points at, in order and each once, as a person should see them; may be empty."""
    pointed = "words_not_in_source" if reason == "sentence_not_in_source" else reason
    words = (" ".join(text[mark.start : mark.end].split()) for mark in marks if mark.reason == pointed)
    return ", ".join(dict.fromkeys(words))
