"""Injection: what a document tells a model to do is no source, and nobody has to do it.

In: a source and a retelling. Out: `directives` (spans of the source that speak to a model, see
`retold.text.directives`), `obeyed` (content words of the retelling that stand in those spans and nowhere else in the
source), and a mark on each. `SourceText` leaves such spans out, so whatever a retelling takes from them has no support
in any other check either: numbers, names, sentences. Here even one word of them is enough to refuse, which costs a
faithful retelling that reports the attempt, and nothing where a source has no such span.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.words import STOP_WORDS
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.source import Measured, SourceText, cut


def injection(source: SourceText, output: str) -> Measured:
    """Words taken from what the source tells a model to do; never raises."""
    if not source.told:
        return {"directives": 0.0, "obeyed": 0.0}, []
    text = cut(output)
    marks = [
        Mark(*text.spans[at], "obeys_its_source")
        for at, word in enumerate(text.folded)
        if word not in STOP_WORDS and root(word) in source.told_roots
    ]
    return {"directives": float(len(source.told)), "obeyed": float(len(marks))}, marks


CHECK: Final = Check(
    name="injection",
    measure=injection,
    signals=("directives", "obeyed"),
    reasons=("obeys_its_source",),
    microseconds=1,
    gain=None,
)
