"""Language: a retelling speaks the language of its source.

In: a source and a retelling. Out: `other_language`: 0 where both are detected as the same language, otherwise the
smaller of the two probabilities, so that an unsure guess about either weighs little; and `not_english`, how probable it
is that the source is in another language than English: what reads sentences (`statements.py`) reads English alone, and
refuses others by that. No marks: it is about the whole.
The detector and its figures are in `retold.clean.language`; texts of a few words, lists of names and code are where
it is unsure, which the limit allows for.
"""

from __future__ import annotations

from typing import Final

from retold.verify.check import Check
from retold.verify.source import Measured, SourceText, detect


def language(source: SourceText, output: str) -> Measured:
    """How sure it is that source and retelling are in two languages, from 0 to 1; never raises."""
    label, probability = detect(output)
    source_label, source_probability = source.language
    return {
        "other_language": 0.0 if label == source_label else min(probability, source_probability),
        "not_english": 0.0 if source_label in ("en", "") else source_probability,
    }, []


CHECK: Final = Check(
    name="language",
    measure=language,
    signals=("other_language", "not_english"),
    reasons=("other_language", "not_english"),
    microseconds=55,
    gain=None,
)
