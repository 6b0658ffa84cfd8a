"""Cloze questions: a sentence with one number, name or term left out, and four words of one kind to choose from.

In: a passage. Out: one text of up to four questions with their answers, or nothing. What is left out stands once in
its sentence; the three others are of the same kind (whole number with whole number, dunder with dunder, "-tion" with
"-tion"), come from the same passage, and are not in the sentence. Putting the answer into the blank gives a source
sentence verbatim.

Trade-off: an option that the passage does not give may still make a true sentence; the answer is the one the passage
gives. Passages with fewer than four words of a kind give nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from retold.core.document import Passage
from retold.core.fingerprint import uniform
from retold.styles.rules.material import Statement, said, stands_alone, statements, vary
from retold.text.names import is_acronym, is_identifier, names
from retold.text.numbers import numbers
from retold.text.words import STOP_WORDS, fold, word_spans

BLANK: Final = "____"
MOST, OPTIONS = 4, 4
_ENDINGS: Final = ("tion", "sion", "ment", "ness", "ity", "ing", "ed", "ly", "able", "ible", "al", "ive", "ous")
_FRAMES: Final = (
    "Fill in the blank.",
    "Which option completes the sentence?",
    "Choose the missing word.",
    "Complete the sentence as in the text.",
    "What belongs in the gap?",
)
_ANSWERS: Final = ("Answer: ", "Correct: ", "Solution: ")
_LETTERS: Final = (("A) ", "B) ", "C) ", "D) "), ("(a) ", "(b) ", "(c) ", "(d) "), ("- ", "- ", "- ", "- "))


@dataclass(frozen=True, slots=True)
class Gap:
    """What can be left out of a text: its characters, its kind, and the form that makes two of them the same."""

    start: int
    end: int
    text: str
    kind: str
    same: str


def program(passage: Passage, seed: int) -> list[str]:
    """One text of questions, each with options and answer, or nothing."""
    found = gaps(passage.text)
    pools: dict[str, dict[str, Gap]] = {}
    for gap in found:
        pools.setdefault(gap.kind, {}).setdefault(gap.same, gap)
    rich = {kind for kind, pool in pools.items() if len(pool) >= OPTIONS}
    questions: list[str] = []
    used: set[str] = set()
    for statement in statements(passage.text):
        inside = [gap for gap in found if statement.start <= gap.start and gap.end <= statement.end]
        if len(questions) == MOST or not any(gap.kind in rich for gap in inside) or not stands_alone(statement):
            continue
        options = [
            option for gap in inside if (option := _option(statement, gap, inside, pools)) and gap.same not in used
        ]
        if options:
            best = [option for option in options if not option[0].kind.startswith("-")] or options
            gap, others = best[int(uniform("gap", seed, passage.passage_id, statement.text) * len(best))]
            used.add(gap.same)
            questions.append(_written(statement, gap, others, (seed, passage)))
    return ["\n\n".join([vary(_FRAMES, seed, passage, "cloze"), *questions])] if questions else []


def gaps(text: str) -> list[Gap]:
    """Everything in `text` that can be left out, in order; names and numbers before ordinary words."""
    found = [Gap(m.start, m.end, m.text, _number_kind(m.value), m.value) for m in numbers(text)]
    found += [Gap(m.start, m.end, m.text, _name_kind(m.text), fold(m.text)) for m in names(text)]
    found = [gap for gap in found if "\n" not in gap.text and len(gap.text) <= 40]
    taken = sorted((gap.start, gap.end) for gap in found)
    return [*found, *_terms(text, taken)]


def _terms(text: str, taken: list[tuple[int, int]]) -> Iterator[Gap]:
    """Ordinary words with a telling ending, outside names and numbers."""
    at = 0
    for start, end in word_spans(text):
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        word = text[start:end]
        free = at == len(taken) or taken[at][0] >= end
        whole = text[start - 1 : start] not in "-_." and text[end : end + 1] not in "-_("
        if (
            free
            and len(word) >= 6
            and word.isalpha()
            and word.islower()
            and word not in STOP_WORDS
            and whole
            and not word.endswith("eed")
        ):
            ending = next((ending for ending in _ENDINGS if word.endswith(ending)), "")
            if ending:
                yield Gap(start, end, word, f"-{ending}", word)


def _number_kind(value: str) -> str:
    if value.endswith("%"):
        return "percentage"
    if value.endswith(("st", "nd", "rd", "th")):
        return "ordinal"
    return "whole number" if value.lstrip("-").isdigit() else "decimal" if value[0].isdigit() else "number"


def _name_kind(name: str) -> str:
    if name.startswith("__") and name.endswith("__"):
        return "dunder"
    if name.startswith("-"):
        return "option"
    if "." in name:
        return "dotted name"
    if name.endswith(("Error", "Exception", "Warning")):
        return "exception"
    if is_acronym(name):
        return "acronym"
    if is_identifier(name):
        return "identifier"
    if name in ("None", "True", "False"):
        return "constant"
    return "proper name" if name[0].isupper() else "word of code"


def _option(
    statement: Statement, gap: Gap, inside: list[Gap], pools: dict[str, dict[str, Gap]]
) -> tuple[Gap, list[str]] | None:
    """A gap with what the passage offers beside it, if it stands once in the sentence and three others do not."""
    line = said(statement).lower()
    if line.count(gap.text.lower()) != 1 or sum(other.same == gap.same for other in inside) != 1:
        return None
    others = [other for other in pools[gap.kind].values() if other.same != gap.same]
    absent = [other.text for other in others if other.text.lower() not in line]
    return (gap, absent) if len(absent) >= OPTIONS - 1 else None


def _written(statement: Statement, gap: Gap, others: list[str], choice: tuple[int, Passage]) -> str:
    """The sentence with its blank, four options in an order of their own, the answer."""
    seed, passage = choice
    line = said(statement)
    drawn = sorted(others, key=lambda other: uniform("other", seed, passage.passage_id, line, other))[: OPTIONS - 1]
    listed = sorted([gap.text, *drawn], key=lambda option: uniform("order", seed, passage.passage_id, line, option))
    letters = _LETTERS[int(vary(("0", "1", "2"), seed, passage, "letters"))]
    lines = [f"{letter}{option}" for letter, option in zip(letters, listed, strict=True)]
    answer = lines[listed.index(gap.text)] if letters[0] != letters[1] else gap.text
    before, _, after = line.partition(gap.text)
    return "\n".join([before + BLANK + after, "", *lines, "", vary(_ANSWERS, seed, passage, "answer") + answer])
