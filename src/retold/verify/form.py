"""Form: how long the retelling is against its source, and whether it talks about itself.

In: a source and a retelling. Out: `words`, `length_ratio` (words of the retelling / words of the passage, headings
not counted), `meta_talk` (how many phrases), and a mark on each phrase. Trade-off: meta talk is a closed list of
English phrases, compared word by word, so it is exact, costs a few microseconds, and finds no phrase that is not
listed. A phrase that the source itself uses ("this article of the treaty") is the source's, not the model's, and is
let pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from retold.core.document import Mark
from retold.styles.parse import DECLINES, OPENINGS
from retold.verify.check import Check
from retold.verify.source import Measured, SourceText, cut

OPENERS: Final[tuple[str, ...]] = (*OPENINGS, *DECLINES)
"""Phrases that are preamble where a retelling begins with them; the parsers' own list, so that there is one."""

ANYWHERE: Final[tuple[str, ...]] = (
    "as an ai",
    "as a language model",
    "as an assistant",
    "i'm an ai",
    "i am an ai",
    "ai assistant",
    "ai language model",
    *(
        f"{which} {noun}{rest}"
        for which in ("the", "this", "the given", "the provided", "the above", "the original")
        for noun in ("text", "passage", "article", "excerpt", "document", "paragraph")
        for rest in (
            " says",
            " states",
            " mentions",
            " describes",
            " discusses",
            " explains",
            " provides",
            " is about",
            " does not mention",
            " does not say",
        )
    ),
    *(f"this {noun}" for noun in ("passage", "excerpt")),
    *(
        f"{lead} the {noun}"
        for lead in ("according to", "based on", "mentioned in", "stated in", "in")
        for noun in ("passage", "excerpt", "given text", "provided text", "text above")
    ),
    "according to the text",
    "based on the text",
    "mentioned in the text",
    "stated in the text",
    "in your own words",
    "in my own words",
    "rewritten version",
    "hope this helps",
    "let me know if",
    "would you like me to",
    "feel free to ask",
)
"""Phrases that are talk about the task or the model wherever they stand."""


Table = dict[tuple[str, ...], tuple[tuple[str, ...], ...]]


def _keys(phrases: tuple[str, ...], lead: int) -> Table:
    """Phrases as words, cut exactly as texts are cut, by their first `lead` words; the longest of a group first."""
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for phrase in phrases:
        folded = cut(phrase).folded
        found.setdefault(folded[:lead], []).append(folded)
    return {first: tuple(sorted(group, key=len, reverse=True)) for first, group in found.items()}


_OPENERS: Final = _keys(OPENERS, 1)
_ANYWHERE: Final = _keys(ANYWHERE, 2)


def _match(folded: tuple[str, ...], at: int, table: Table, lead: int) -> tuple[str, ...] | None:
    for phrase in table.get(folded[at : at + lead], ()):
        if folded[at : at + len(phrase)] == phrase:
            return phrase
    return None


def _phrases(source: SourceText, folded: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """First and last word of each phrase that the source does not use itself."""
    opener = _match(folded, 0, _OPENERS, 1)
    at = 0
    if opener and not source.begins(opener):
        yield 0, len(opener) - 1
        at = len(opener)
    while at < len(folded):
        phrase = _match(folded, at, _ANYWHERE, 2)
        if phrase and not source.says(phrase):
            yield at, at + len(phrase) - 1
        at += len(phrase) if phrase else 1


def form(source: SourceText, output: str) -> Measured:
    """Length against the source and talk about the task; never raises."""
    text = cut(output)
    marks = [
        Mark(text.spans[first][0], text.spans[last][1], "meta_talk") for first, last in _phrases(source, text.folded)
    ]
    values = {
        "words": float(len(text.folded)),
        "length_ratio": len(text.folded) / max(1, len(source.cut.folded)),
        "meta_talk": float(len(marks)),
    }
    return values, marks


CHECK: Final = Check(
    name="form",
    measure=form,
    signals=("words", "length_ratio", "meta_talk"),
    reasons=("short_for_source", "long_for_source", "meta_talk"),
    microseconds=10,
    gain=None,
)
