"""Cloze questions: a sentence with one number, name or term left out, and four words of one kind to choose from.

In: a passage. Out: one text of up to four questions with their answers, or nothing. What is left out stands once in
its sentence; the three others are of the same kind (number with number, identifier with identifier, "-tion" with
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
from retold.styles.rules.material import Statement, said, shuffled, stands_alone, statements, vary
from retold.text.names import is_acronym, is_identifier, names
from retold.text.numbers import numbers
from retold.text.words import STOP_WORDS, fold, word_spans

BLANK: Final = "____"
MOST, OPTIONS = 4, 4
_ENDINGS: Final = ("tion", "sion", "ment", "ness", "ity", "ing", "ed", "ly", "able", "ible", "al", "ive", "ous")
_FALSE_ENDINGS: Final = ("eed", "string", "thing", "during", "spring")  # no participles
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
    """What can be left out of a text: where it is, its kind, its form within the kind, and what makes two the same."""

    start: int
    end: int
    text: str
    kind: str
    form: str
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
    found = [Gap(m.start, m.end, m.text, *_number(m.value), m.value) for m in numbers(text)]
    found += [Gap(m.start, m.end, m.text, *_name(m.text), fold(m.text)) for m in names(text)]
    found = [gap for gap in found if "\n" not in gap.text and len(gap.text) <= 40]
    taken = sorted((gap.start, gap.end) for gap in found)
    return [*found, *_terms(text, taken)]


def _terms(text: str, taken: list[tuple[int, int]]) -> Iterator[Gap]:
    """Ordinary words with a telling ending, outside names and numbers."""
    inside = {position for start, end in taken for position in range(start, end)}
    for start, end in word_spans(text):
        word = text[start:end]
        if len(word) < 6 or not word.endswith(_ENDINGS) or word.endswith(_FALSE_ENDINGS) or start in inside:
            continue
        whole = text[start - 1 : start] not in ("-", "_", ".") and text[end : end + 1] not in ("-", "_", "(")
        if whole and word.isalpha() and word.islower() and word not in STOP_WORDS:
            yield Gap(start, end, word, "-" + next(filter(word.endswith, _ENDINGS)), "", word)


def _number(value: str) -> tuple[str, str]:
    """Kind and form of a number."""
    if value.endswith("%"):
        return "percentage", ""
    if value.endswith(("st", "nd", "rd", "th")):
        return "ordinal", ""
    return "number", "whole" if value.lstrip("-").isdigit() else "other"


def _name(name: str) -> tuple[str, str]:
    """Kind and form of a name."""
    if name.startswith("-"):
        return "option", ""
    if name.startswith("__") and name.endswith("__"):
        return "identifier", "dunder"
    if name.endswith(("Error", "Exception", "Warning")):
        return "identifier", "exception"
    if is_identifier(name):
        return "identifier", "dotted" if "." in name else "plain"
    if is_acronym(name):
        return "acronym", ""
    if name in ("None", "True", "False"):
        return "constant", ""
    return ("proper name", "") if name[0].isupper() else ("identifier", "plain")


def _option(
    statement: Statement, gap: Gap, inside: list[Gap], pools: dict[str, dict[str, Gap]]
) -> tuple[Gap, list[Gap]] | None:
    """A gap with what the passage offers beside it, if it stands once in the sentence and three others do not."""
    line = said(statement).lower()
    before, _, after = line.partition(gap.text.lower())
    if before[-1:].isalnum() or after[:1].isalnum() or before.endswith("_") or after.startswith("_"):
        return None  # part of a longer word: "0" of "0x"
    if gap.text.lower() in after or sum(other.same == gap.same for other in inside) != 1:
        return None
    others = [other for other in pools[gap.kind].values() if other.same != gap.same and other.text.lower() not in line]
    return (gap, others) if len(others) >= OPTIONS - 1 else None


def _distractors(gap: Gap, others: list[Gap], *key: object) -> list[str]:
    """Three others, those of the same form first."""
    alike = [other.text for other in others if other.form == gap.form]
    unlike = [other.text for other in others if other.form != gap.form]
    return [*shuffled(alike, *key), *shuffled(unlike, *key)][: OPTIONS - 1]


def _written(statement: Statement, gap: Gap, others: list[Gap], choice: tuple[int, Passage]) -> str:
    """The sentence with its blank, four options in an order of their own, the answer."""
    seed, passage = choice
    line = said(statement)
    drawn = _distractors(gap, others, "others", seed, passage.passage_id, line)
    listed = shuffled([gap.text, *drawn], "options", seed, passage.passage_id, line)
    letters = _LETTERS[int(vary(("0", "1", "2"), seed, passage, "letters"))]
    lines = [f"{letter}{option}" for letter, option in zip(letters, listed, strict=True)]
    answer = lines[listed.index(gap.text)] if letters[0] != letters[1] else gap.text
    before, _, after = line.partition(gap.text)
    return "\n".join([before + BLANK + after, "", *lines, "", vary(_ANSWERS, seed, passage, "answer") + answer])
