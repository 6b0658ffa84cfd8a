"""Repair: what is not supported is taken out of a retelling, if the contract of its style survives.

In: a style, a passage with the title of its document, a text that keeps the contract. Out: the text without the
sentences, items, pairs and rows in which the checks mark a number, a name, a denial, an exchange, an answer or (for
small models) a statement that its source does not have; items are numbered again. The text itself where nothing is
marked, where a form cannot be cut (JSON, dialogues, worked problems), and where what is left breaks the contract: then
the verdict on all of it is `verify`'s. What was taken out stays in the table of completions.

Trade-off: it mends what the checks see, so it raises the share accepted and cannot raise the share true among what is
accepted without marks. Off unless a recipe says `repair: true`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from retold.core.document import Passage
from retold.styles.parse import Refusal, parse
from retold.styles.style import Style, begins
from retold.text.sentences import sentences
from retold.verify.checks import measure
from retold.verify.combination import load
from retold.verify.judge import VerifySettings
from retold.verify.source import SourceText
from retold.verify.statements import REASON

POINTED: Final = frozenset(
    (
        "number_not_in_source",
        "name_not_in_source",
        "negation_not_in_source",
        "exchanged_in_source",
        "answer_not_in_source",
    )
)
Span = tuple[int, int]


class Repaired:
    """Repairs by the settings of a recipe; can be pickled."""

    def __init__(self, settings: VerifySettings, base: Path = Path()) -> None:
        """`base` is the folder from which a calibration file of the user's is named. Raises RetoldError without it."""
        self.settings = settings
        self.combination = load(settings.calibration, base)

    @property
    def decided_by(self) -> list[str | bool]:
        """What decides, beside the checks themselves."""
        return ["repair", self.settings.strict is True, self.combination.digest]

    def __call__(self, style: Style, passage: Passage, title: str, text: str) -> str:
        """The text without what is not supported, or as it is."""
        above = begins(style, text, passage.text)
        said = text[above:]
        _, marks = measure(SourceText(passage.text, (title, passage.heading)), said, self.combination)
        wrong = POINTED | ({REASON} if self.settings.strict else frozenset())
        places = [(mark.start, mark.end) for mark in marks if mark.reason in wrong]
        pieces = _pieces(style.contract.parser, said)
        kept = [piece for piece in pieces if not any(piece[0] <= start < piece[1] for start, _ in places)]
        if len(kept) == len(pieces):
            return text
        mended = _joined(style.contract.parser, said, kept)
        if isinstance(parse(replace(style, prefill=""), mended, passage.text), Refusal):
            return text
        return text[:above] + mended


def _pieces(parser: str, text: str) -> list[Span]:
    """The parts that can be taken out, in order; none where the form has no such parts."""
    if parser == "prose":
        return sentences(text)
    if parser in ("numbered", "bullets"):
        return _items(text)
    if parser == "table":
        return _lines(text)[2:]
    if parser == "qa":
        starts = [start for start, _ in _lines(text) if text.startswith("Q:", start)]
        return list(pairwise([*starts, len(text)]))
    return []


def _items(text: str) -> list[Span]:
    """Items of a list with the indented lines that go on with them."""
    found: list[Span] = []
    for start, end in _lines(text):
        if found and text[start].isspace():
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _lines(text: str) -> list[Span]:
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            found.append((at, at + len(line.rstrip())))
        at += len(line)
    return found


def _joined(parser: str, text: str, kept: list[Span]) -> str:
    said = [text[start:end].strip() for start, end in kept]
    if parser == "prose":
        return "".join(
            f"{_gap(text, above, span)}{sentence}"
            for above, span, sentence in zip([None, *kept], kept, said, strict=False)
        )
    if parser == "numbered":
        said = [f"{number}. {item.partition(' ')[2]}" for number, item in enumerate(said, 1)]
    if parser == "table":
        head = _lines(text)[:2]
        said = [*(text[start:end] for start, end in head), *said]
    return ("\n\n" if parser == "qa" else "\n").join(said)


def _gap(text: str, above: Span | None, below: Span) -> str:
    """What stands between two sentences that are left: the end of a paragraph, where there was one, or a space."""
    if above is None:
        return ""
    return "\n\n" if "\n\n" in text[above[1] : below[0]] else " "
