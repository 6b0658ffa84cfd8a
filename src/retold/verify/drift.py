"""Drift: how many of a retelling's words its source supports.

In: a source and a retelling. Out: `support` (share of content words found in passage, heading or title, endings
ignored), `weakest_sentence` (the smallest such share of a sentence with at least five content words; 1.0 without
one), and a mark on each word that is not found. Trade-off: a lexical measure. It is cheap and sees invented
sentences; it does not see the same words put in another order, and it counts a synonym as unsupported, so its limit
is a share and its marks are hints, unlike those of numbers and names.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.words import STOP_WORDS
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.source import Cut, Measured, SourceText, cut

SENTENCE_WORDS: Final = 5
"""Content words that a sentence needs before its own share is looked at: below, one synonym decides."""


def content(text: Cut) -> list[int]:
    """Positions of the words that carry content.

    Left out are function words, digits (numbers have their own check) and single letters (the Q: and A: of a form).
    """
    return [
        at
        for at, word in enumerate(text.folded)
        if word not in STOP_WORDS and not word[0].isdigit() and (len(word) > 1 or not word.isascii())
    ]


def _weakest(text: Cut, found: dict[int, bool]) -> float:
    weakest = 1.0
    for first, last in text.sentence_words:
        inside = [found[at] for at in range(first, last) if at in found]
        if len(inside) >= SENTENCE_WORDS:
            weakest = min(weakest, sum(inside) / len(inside))
    return weakest


def drift(source: SourceText, output: str) -> Measured:
    """Share of supported content words, over all and in the weakest sentence; never raises."""
    text = cut(output)
    found = {at: root(text.folded[at]) in source.roots for at in content(text)}
    values = {
        "support": sum(found.values()) / len(found) if found else 1.0,
        "weakest_sentence": _weakest(text, found),
    }
    return values, [Mark(*text.spans[at], "words_not_in_source") for at, is_found in found.items() if not is_found]


CHECK: Final = Check(
    name="drift",
    measure=drift,
    signals=("support", "weakest_sentence"),
    reasons=("sentence_not_in_source", "words_not_in_source"),
    microseconds=20,
    gain=None,
)
