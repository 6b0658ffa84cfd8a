"""Mistakes that models made: wrong solutions of word problems, their first wrong step found by recomputation.

In: JSON lines as in OpenAI's grade-school-math `example_model_solutions.jsonl` (a question, a reference solution, and
models' solutions with calculations in `<<16-3=13>>`). Out: items of three kinds, each ended by the reference solution,
whose calculations are all worked out again first:

    miscalculated   the first line whose calculation does not give what it says                     (recomputed: sure)
    misstated         the first line whose calculation is right and is not the one written beside it  (recomputed: sure)
    departs         every calculation is right; the first line with a value that no right solution of this question has
                    (likely where it went wrong; the step may be harmless). Only with `unsure=True`

A line before the wrong one stays as the model wrote it, the wrong one is marked. **These are questions of GSM8K's test
set**: whoever trains on them may not score on it. For that reason no recipe here names them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from retold.core.document import Stretch
from retold.reflect.calculate import calculate
from retold.reflect.item import Item
from retold.reflect.trace import randomness
from retold.reflect.wording import Grammar, say

NAME: Final = "real_mistakes"
ROUNDING: Final = Fraction(1, 100)
LONGEST_LINE: Final = 1_000_000

NOTICE: Final[Grammar] = {
    "notice": ("{fault} {again}", "{doubt} {fault} {again}", "{look} {again}"),
    "doubt": ("Wait.", "Hold on.", "No.", "Careful.", "Something is off."),
    "fault": (
        "That step is wrong.",
        "The last line does not hold.",
        "This is where it goes wrong.",
        "The last step has an error.",
        "That does not follow.",
        "The line above is mistaken.",
    ),
    "look": (
        "Checking that line shows an error.",
        "Going over the last step, I find a mistake.",
        "Reading the problem again, that cannot be.",
        "A second look at this step says no.",
    ),
    "again": ("Starting over:", "From the beginning:", "Again:", "The right way:", "Once more, in order:"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its marks, and its calculations as (what stands before, expression, value, what stands after)."""

    text: str
    calculations: tuple[tuple[str, str, str, str], ...]


def lines_of(solution: str) -> list[Line]:
    """The lines of a solution with their calculations taken out of the text."""
    found: list[Line] = []
    for raw in solution.split("\n"):
        text, rest = "", raw
        calculations: list[tuple[str, str, str, str]] = []
        while "<<" in rest:
            before, _, marked = rest.partition("<<")
            inside, closed, rest = marked.partition(">>")
            if not closed:
                rest = marked
                break
            expression, _, value = inside.rpartition("=")
            text += before
            calculations.append((_written(text), expression, value, _shown(rest)))
        found.append(Line(text + rest, tuple(calculations)))
    return found


def _written(before: str) -> str:
    """The calculation that ends a text before its equals sign: "so it is 16 - 3 = " gives "16 - 3"."""
    stripped = before.rstrip(" $")
    if not stripped.endswith("="):
        return ""
    end = len(stripped) - 1
    start = end
    while start and (stripped[start - 1].isdecimal() or stripped[start - 1] in " .,+-*/()$%x×÷"):
        start -= 1
    written = stripped[start:end].strip(" ,$")
    while written.startswith(".") and not written[1:2].isdecimal():  # the end of a sentence, and not of a number
        written = written[1:].strip(" ,$")
    return "" if written[:1] in "+-*/x×÷)" else written  # what it begins with stands in words before it


def _shown(after: str) -> str:
    """The number that a text begins with, also with spaces between its thousands."""
    end = 0
    while end < len(after) and (
        after[end].isdecimal()
        or after[end] in ".,"
        or (
            end
            and after[end] == " "
            and after[end + 1 : end + 4].isdecimal()
            and not after[end + 4 : end + 5].isdecimal()
        )
    ):
        end += 1
    return after[:end].rstrip(".,")


def same(left: Fraction, right: Fraction) -> bool:
    """Equal, or so near that one is the other rounded."""
    return abs(left - right) <= ROUNDING * max(Fraction(1), abs(left))


def fault(line: Line) -> str:
    """What recomputing a line finds: "miscalculated", "misstated" or ""."""
    for written, expression, value, shown in line.calculations:
        real, said = calculate(expression), calculate(value)
        if real is None or said is None:
            continue
        if not same(real, said):
            return "miscalculated"
        beside = calculate(written)
        if beside is not None and any(sign in written.strip("-") for sign in "+-*/x×÷") and not same(beside, real):
            return "misstated"
        seen = calculate(shown)
        if seen is not None and not _rounded(seen, said):
            return "misstated"
    return ""


def _rounded(seen: Fraction, said: Fraction) -> bool:
    """Whether a number shown is the value, however it was rounded, cut, or freed of its sign."""
    return same(abs(said), seen) or abs(abs(said) - seen) < 1


def values(solution: str) -> set[Fraction]:
    """The values of all calculations of a solution."""
    found = (calculate(value) for line in lines_of(solution) for _, _, value, _ in line.calculations)
    return {round(value, 4) for value in found if value is not None}


def first_wrong(solution: str, right: set[Fraction]) -> tuple[int, str] | None:
    """(line, kind) of the first wrong step; None where none is found. `right`: values of right solutions."""
    lines = lines_of(solution)
    for at, line in enumerate(lines):
        if kind := fault(line):
            return at, kind
        said = [calculate(value) for _, _, value, _ in line.calculations]
        if any(value is not None and round(value, 4) not in right for value in said):
            return at, "departs"
    return None


def real_mistakes(path: Path, seed: int = 7, *, unsure: bool = False) -> Iterator[Item]:
    """Items from a file, in its order. Lines that are not such records are passed over. Raises OSError."""
    with path.open(encoding="utf-8") as file:
        for number, raw in enumerate(file):
            record = _record(raw)
            if record is None:
                continue
            question, reference, models = record
            right = values(reference).union(*(values(text) for text, correct in models.values() if correct))
            for name, (solution, correct) in models.items():
                if correct:
                    continue
                found = first_wrong(solution, right)
                if found is None or (found[1] == "departs" and not unsure):
                    continue
                item = _item(question, reference, solution, found, (seed, number, name))
                if not verify(item):
                    yield item


def _record(raw: str) -> tuple[str, str, dict[str, tuple[str, bool]]] | None:
    try:
        record: Any = json.loads(raw) if len(raw) <= LONGEST_LINE else None
        question, reference = str(record["question"]), str(record["ground_truth"])
        models = {
            str(name): (str(value["solution"]), bool(value["is_correct"]))
            for name, value in sorted(record.items())
            if isinstance(value, dict)
        }
    except (ValueError, TypeError, KeyError):
        return None
    return question, reference, models


def _item(question: str, reference: str, solution: str, found: tuple[int, str], names: tuple[int, int, str]) -> Item:
    at, kind = found
    rng = randomness(NAME, *names)
    prompt = " ".join(question.split()) + "\n"
    wrong = [line.text for line in lines_of(solution)[: at + 1]]
    *right, last = [line.text for line in lines_of(reference)]
    answer = last.removeprefix("A: ").strip()
    notice = say(rng, NOTICE, "notice")
    before = prompt + "".join(line + "\n" for line in wrong)
    text = before + "".join(line + "\n" for line in (notice, *right, f"Answer: {answer}"))
    mask = Stretch(len(before) - len(wrong[-1]) - 1, len(before) - 1)
    facts = (reference, solution)
    return Item(NAME, kind, prompt, text, answer, (*wrong, *right), (mask,), kind, notice, facts)


def verify(item: Item) -> str:
    """The reason for refusal, or "": the reference holds, its answer ends the text, one line is marked and noticed."""
    reference, solution = item.facts
    if any(fault(line) for line in lines_of(reference)) or not reference.split("\n")[-1].startswith("A: "):
        return "step_wrong"
    wrong = item.text[item.masked[0].start : item.masked[0].end]
    told = [line for line in lines_of(solution) if line.text == wrong]
    if not told or (item.kind != "departs" and not any(fault(line) == item.kind for line in told)):
        return "no_error"
    if item.text.count(item.notice) != 1 or not item.text.startswith(item.notice, item.masked[0].end + 1):
        return "not_one_correction"
    value, last = (
        calculate(item.answer),
        [found for found in map(_last_value, lines_of(reference)) if found is not None],
    )
    if value is None or not last or not same(last[-1], value):
        return "answer_wrong"
    return "" if item.text.endswith(f"Answer: {item.answer}\n") else "answer_wrong"


def _last_value(line: Line) -> Fraction | None:
    return calculate(line.calculations[-1][2]) if line.calculations else None
