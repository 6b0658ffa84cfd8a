"""Copying: how much of a retelling is its source, word for word.

In: a source and a retelling. Out: `copied` (share of the retelling's word 8-grams that are in the passage; texts of
fewer words are one n-gram of their whole length), `longest_copy` (words of the longest run found in the passage),
`copied_sentences` (share of its sentences whose words are those of a source sentence). Headings are not counted: to
repeat a heading is no copy. No marks: copied words are true, there is nothing to point at as unsupported. Words are
compared folded, so changed commas and capitals do not hide a copy; one changed word in eight does, for the 8-grams
around it, which is the known weakness of containment and why the longest run is measured too.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

from retold.text.words import ngrams
from retold.verify.check import Check
from retold.verify.source import COPY_WORDS, Measured, SourceText, between, cut, folded_sentences


def longest_copy(folded: tuple[str, ...], source: SourceText) -> int:
    """Words of the longest run of `folded` that stands in the passage.

    The run that ends at a word is at most one longer than the best so far, so one window a word is looked up; where
    the window before it was found, only the new word is compared. A copied book costs as little as a short text.
    """
    own, passage = between(folded), source.joined
    edges = [0, *accumulate(len(word) + 1 for word in folded)]
    best, place = 0, -1
    for end in range(1, len(folded) + 1):
        window = slice(edges[end - best - 1], edges[end] + 1)
        if place >= 0:
            after = place + edges[end - 1] - window.start
            place = place if passage.startswith(own[edges[end - 1] : window.stop], after) else -1
        if place < 0:
            place = passage.find(own[window])
        best += place >= 0
    return best


def copied(folded: tuple[str, ...], source: SourceText) -> float:
    """Share of the 8-grams of `folded` that stand in the passage, from 0 to 1; 0 for no words."""
    if len(folded) < COPY_WORDS:
        return float(bool(folded) and between(folded) in source.joined)
    grams = ngrams(folded, COPY_WORDS)
    return sum(gram in source.grams for gram in grams) / len(grams)


def copying(source: SourceText, output: str) -> Measured:
    """Shares and the longest run of copied words; never raises."""
    text = cut(output)
    folded, own = text.folded, folded_sentences(text)
    return {
        "copied": copied(folded, source),
        "longest_copy": float(longest_copy(folded, source)),
        "copied_sentences": sum(sentence in source.sentences for sentence in own) / max(1, len(own)),
    }, []


CHECK: Final = Check(
    name="copying",
    measure=copying,
    signals=("copied", "longest_copy", "copied_sentences"),
    reasons=("copied", "sentences_copied"),
    microseconds=85,
    gain=None,
)
