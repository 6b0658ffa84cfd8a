"""Negation: a retelling denies, and sets apart, only where its source does.

In: a source and a retelling. Out: `negations` (words that deny: "not", "without", "isn't"), `unsupported_negations`
(those in a sentence whose aligned source sentences, see `aligned.py`, deny nothing), `unsupported_contrasts` (words
that set apart, "but", "only", "except", that the aligned sentences do not have), `lost_negations` (sentences that
deny nothing although the source sentence that is nearly all of them does), and a mark on each unsupported negation.
Trade-off: presence, not scope: a denial moved from one verb to another of the same sentence is not seen.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.opposites import denies, sets_apart
from retold.text.words import STOP_WORDS
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.source import Measured, SourceText, cut

NEARLY_ALL: Final = 0.8
"""Share of a sentence's content words that one source sentence must have before a lost denial is counted."""


def negation(source: SourceText, output: str) -> Measured:
    """Denials and contrasts without their like in the source, and denials lost; never raises."""
    text = cut(output)
    marks: list[Mark] = []
    denied = contrasts = lost = 0
    for first, last in text.sentence_words:
        words = text.folded[first:last]
        keys = frozenset(root(word) for word in words if word not in STOP_WORDS)
        near = source.index.near(keys, sure=NEARLY_ALL)
        places = [first + at for at, word in enumerate(words) if denies(word)]
        denied += len(places)
        if places and not near.denies:
            marks += [Mark(*text.spans[at], "negation_not_in_source") for at in places]
        contrasts += sum(sets_apart(word) and word not in near.words for word in words)
        if not places and near.sentences and source.index.denies(near.sentences[0]):
            shared = keys & source.index.roots[near.sentences[0]]
            lost += len(shared) >= NEARLY_ALL * len(keys)
    values = {
        "negations": float(denied),
        "unsupported_negations": float(len(marks)),
        "unsupported_contrasts": float(contrasts),
        "lost_negations": float(lost),
    }
    return values, marks


CHECK: Final = Check(
    name="negation",
    measure=negation,
    signals=("negations", "unsupported_negations", "unsupported_contrasts", "lost_negations"),
    reasons=("negation_not_in_source",),
    microseconds=45,
    gain=0.060,
    terms=(("unsupported_negations", "count"), ("unsupported_contrasts", "count")),
)
