"""Quantities in several units of one scale, written in the smallest: weeks to days to hours, yards to feet to inches.

Steps alternate `3 * 24 = 72 hours` and `72 + 4 = 76 hours`. Slips: the factor of another unit, a wrong unit, a wrong
digit, and the rest left out. `solve` reads numbers before units; the smallest of them is the one that is asked for.
"""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Final

from retold.reflect.item import Back, Slip, Solution, Step, Task, Wording
from retold.reflect.tasks.slips import digit, other
from retold.reflect.wording import Grammar, say

SCALES: Final[tuple[tuple[tuple[str, int], ...], ...]] = (
    (("weeks", 7), ("days", 24), ("hours", 60), ("minutes", 60), ("seconds", 1)),
    (("kilometres", 1000), ("metres", 100), ("centimetres", 10), ("millimetres", 1)),
    (("tonnes", 1000), ("kilograms", 1000), ("grams", 1000), ("milligrams", 1)),
    (("litres", 10), ("decilitres", 10), ("centilitres", 10), ("millilitres", 1)),
    (("miles", 1760), ("yards", 3), ("feet", 12), ("inches", 1)),
    (("stones", 14), ("pounds", 16), ("ounces", 1)),
    (("gallons", 4), ("quarts", 2), ("pints", 2), ("cups", 1)),
    (("gross", 12), ("dozen", 12), ("pieces", 1)),
    (("decades", 10), ("years", 12), ("months", 1)),
)
"""Scales from large to small: a unit, and how many of the next one it holds."""

QUESTION: Final[Grammar] = {
    "question": (
        "How many {unit} are {quantity}?",
        "{verb} {quantity} to {unit}.",
        "{verb} {quantity} into {unit}.",
        "What is {quantity} in {unit}?",
        "Write {quantity} in {unit}.",
        "Give {quantity} as {unit}.",
        "{quantity}: how many {unit} is that?",
        "Something takes {quantity}. Say that in {unit}.",
        "{who} notes {quantity}. How many {unit} is it?",
        "Express {quantity} in {unit}.",
        "In {unit}, what is {quantity}?",
        "{who} needs {quantity} in {unit}. What is it?",
    ),
    "verb": ("Convert", "Change", "Turn", "Bring", "Recalculate"),
    "who": ("Ann", "A clerk", "The cook", "Someone", "A builder", "The form"),
}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A quantity in two or more units that stand side by side on their scale."""
    scale = rng.choice([scale for scale in SCALES if len(scale) > level or level == 3])
    units = min(level + 1, len(scale))
    first = rng.randrange(len(scale) - units + 1)
    chosen = scale[first : first + units]
    numbers = [rng.randint(2, 9 * level)]
    numbers += [rng.randint(1, min(factor - 1, 99 * level)) for _, factor in chosen[:-1]]
    quantity = " and ".join(f"{number} {unit}" for number, (unit, _) in zip(numbers, chosen, strict=True))
    facts = {"quantity": quantity, "unit": chosen[-1][0]}
    question = f"{quantity} in {facts['unit']}?" if wording == "plain" else say(rng, QUESTION, "question", facts)
    steps: list[Step] = []
    value = numbers[0]
    for at, number in enumerate(numbers[1:]):
        factor, unit = chosen[at][1], chosen[at + 1][0]
        product = value * factor
        wrong = (12, 60, 100, 1000, 10, 24, 7, 16)
        slips = [
            Slip("factor", _times(value, taken := rng.choice([n for n in wrong if n != factor]), value * taken, unit)),
            Slip("unit", _times(value, factor, product, other(rng, unit, tuple(name for name, _ in scale)))),
            Slip("digit", _times(value, factor, digit(rng, product), unit)),
        ]
        steps.append(Step(_times(value, factor, product, unit), tuple(slips)))
        value = product + number
        slips = [
            Slip("digit", _plus(product, number, digit(rng, value), unit)),
            Slip("skipped", _plus(product, number, product, unit)),
        ]
        steps.append(Step(_plus(product, number, value, unit), tuple(slips)))
    return Task("units", question, tuple(steps), f"{value} {chosen[-1][0]}")


def _times(left: int, factor: int, value: int, unit: str) -> str:
    return f"{left} * {factor} = {value} {unit}"


def _plus(left: int, right: int, value: int, unit: str) -> str:
    return f"{left} + {right} = {value} {unit}"


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    held, factors = _read(question)
    lines: list[str] = []
    total = held[0][0]
    for (_, name), (number, following) in pairwise(held):
        product = total * factors[name]
        lines.append(_times(total, factors[name], product, following))
        total = product + number
        lines.append(_plus(product, number, total, following))
    return Solution(tuple(lines), f"{total} {held[-1][1]}")


def back(question: str, proposed: str) -> Back | None:
    """The smaller units taken off and the rest divided, up to the largest; None where that does not come out even."""
    held, factors = _read(question)
    total = int(proposed.split()[0])
    lines: list[str] = []
    for (number, name), (_, larger) in pairwise(reversed(held)):
        rest = total - number
        if rest < 0 or rest % factors[larger]:
            return None
        lines.append(f"{total} - {number} = {rest} {name}")
        total = rest // factors[larger]
        lines.append(f"{rest} / {factors[larger]} = {total} {larger}")
    return Back(tuple(lines), f"{total} {held[0][1]}", f"{held[0][0]} {held[0][1]}")


def _read(question: str) -> tuple[list[tuple[int, str]], dict[str, int]]:
    """Numbers with their units from large to small, and how many of the next unit each unit holds."""
    words = [word.strip(",.?:") for word in question.split()]
    scale = next(scale for scale in SCALES if sum(word in dict(scale) for word in words) >= 2)
    factors = dict(scale)
    held = {word: int(before) for before, word in pairwise(words) if word in factors and before.isdecimal()}
    return [(held[name], name) for name, _ in scale if name in held], factors
