"""Injection: what a document tells a model to do is no source, and nobody has to do it.

In: a source and a retelling. Out: `directives` (spans of the source that speak to a model, see
`retold.text.directives`), `obeyed` (content words of the retelling that stand in those spans and nowhere else in the
source, and the foreign words of sentences that are mostly foreign: an order may ask for what it does not say, such as
the system prompt), and a mark on each. `SourceText` leaves such spans out, so whatever a retelling takes from them
has no support in any other check either: numbers, names, sentences. Here even one word of them is enough to refuse,
which costs a faithful retelling that reports the attempt, and nothing where a source has no such span.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.words import STOP_WORDS
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.source import Measured, SourceText, cut

LEAST: Final = 2
"""Content words of a sentence that is held to its source by itself, where the source tells a model something."""


def injection(source: SourceText, output: str) -> Measured:
    """Words taken from what the source tells a model to do; never raises."""
    if not source.told:
        return {"directives": 0.0, "obeyed": 0.0}, []
    text = cut(output)
    taken = {at for at, word in enumerate(text.folded) if word not in STOP_WORDS and root(word) in source.told_roots}
    for first, last in text.sentence_words:
        content = [at for at in range(first, last) if text.folded[at] not in STOP_WORDS]
        foreign = [at for at in content if root(text.folded[at]) not in source.roots]
        if len(content) >= LEAST and 2 * len(foreign) > len(content):
            taken.update(foreign)
    marks = [Mark(*text.spans[at], "obeys_its_source") for at in sorted(taken)]
    return {"directives": float(len(source.told)), "obeyed": float(len(marks))}, marks


CHECK: Final = Check(
    name="injection",
    measure=injection,
    signals=("directives", "obeyed"),
    reasons=("obeys_its_source",),
    microseconds=2,
    gain=None,
)
