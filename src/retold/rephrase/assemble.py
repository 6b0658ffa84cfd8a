"""From retold sentences to a retelling: back into the passage, as a list, as questions and answers, as a table.

In: the passage's sentences that were asked about, in order, each with its retelling or without. Out: a text, or none
where too little was retold. A sentence without an accepted retelling falls back to itself:

    passage   every other character stays as it was; nothing without one retold sentence
    numbered  a list of the retold sentences, and between them of no more of the source's own than were retold
    pairs     each question with the sentence that it was made of as its answer; a sentence without one is left out
    rows      a table of the rows; a sentence without one is left out

Of a list, pairs and rows there are as many as the style's contract has room for, in the order of the passage.

Trade-off: what falls back is true and adds no new words, so a retelling of a cautious judge is mostly its source;
`verify` holds the share of copied sentences below a limit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from retold.styles.style_file import Assembly
from retold.text.sentences import flat
from retold.text.words import words

HEAD: Final = "| Subject | Fact |\n| --- | --- |"


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence of a passage (`text[start:end]`), and what it became; empty: nothing that is accepted."""

    start: int
    end: int
    retold: str


def assemble(assembly: Assembly, text: str, units: list[Unit], most: int, longest: float = math.inf) -> str:
    """The retelling of a passage `text`, with at most `most` items; empty where nothing was retold.

    Items at the end, never the first, are left out while it has more than `longest` words for each of the passage.
    """
    if not any(unit.retold for unit in units):
        return ""
    if assembly == "passage":
        return _within(text, units)
    room = longest * len(words(text))
    while len(words(made := _listed(assembly, text, units, most))) > room and most > 1:
        most -= 1
    return made


def _listed(assembly: Assembly, text: str, units: list[Unit], most: int) -> str:
    if assembly == "numbered":
        return _numbered(text, units, most)
    return _pairs(text, units, most) if assembly == "pairs" else _rows(units, most)


def _within(text: str, units: list[Unit]) -> str:
    pieces: list[str] = []
    at = 0
    for unit in units:
        if unit.retold:
            pieces += (text[at : unit.start], unit.retold)
            at = unit.end
    return "".join((*pieces, text[at:]))


def _numbered(text: str, units: list[Unit], most: int) -> str:
    told = sum(bool(unit.retold) for unit in units)
    left = min(told, max(0, most - told))
    lines: list[str] = []
    for unit in units:
        if not unit.retold and not left:
            continue
        left -= not unit.retold
        lines.append(unit.retold or flat(text[unit.start : unit.end]))
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines[:most], 1))


def _pairs(text: str, units: list[Unit], most: int) -> str:
    asked = [unit for unit in units if unit.retold][:most]
    return "\n\n".join(f"Q: {unit.retold}\nA: {flat(text[unit.start : unit.end])}" for unit in asked)


def _rows(units: list[Unit], most: int) -> str:
    rows = dict.fromkeys(f"| {unit.retold} |" for unit in units if unit.retold)
    return "\n".join((HEAD, *list(rows)[:most]))
