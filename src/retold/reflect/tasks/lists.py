"""Lists of numbers: sorted by taking the smallest or largest again and again, or gone through for a running total.

Steps: `smallest of 31, 7, 22 = 7`; `31 + 7 = 38`. Slips: a number that is not the extreme, the other extreme, a wrong
sum, a number passed over. No number stands twice in a list.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.item import Back, Slip, Solution, Step, Task, Wording
from retold.reflect.tasks.slips import digit
from retold.reflect.wording import Grammar, say

LEVEL: Final = {1: (3, 4, 99), 2: (4, 5, 999), 3: (5, 7, 9_999)}
QUESTION: Final[Grammar] = {
    "smallest": (
        "{sort} {list}, smallest first.",
        "{sort} from small to large, smallest first: {list}.",
        "{list}: {order}, smallest first{end}",
        "Bring {list} into rising order, smallest first.",
        "Which order is rising, smallest first, for {list}?",
    ),
    "largest": (
        "{sort} {list}, largest first.",
        "{sort} from large to small, largest first: {list}.",
        "{list}: {order}, largest first{end}",
        "Bring {list} into falling order, largest first.",
        "Which order is falling, largest first, for {list}?",
    ),
    "total": (
        "What is the total of {list}?",
        "{add} {list}. What is the total?",
        "{list}: what total do they make?",
        "The weights are {list}. What is the total?",
        "A list holds {list}. Its total?",
        "Someone pays {list} one after another. The total?",
    ),
    "sort": ("Sort", "Order", "Arrange", "Put in order", "Line up", "Rank"),
    "order": ("in order", "sorted", "ranked", "arranged"),
    "end": (".", "?", ", please."),
    "add": ("Add", "Sum up", "Add up", "Take together", "Join"),
}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A list to sort or to add up."""
    few, many, largest = LEVEL[level]
    numbers = rng.sample(range(1, largest + 1), rng.randint(few, many))
    what = rng.choice(("smallest", "largest", "total"))
    shown = _shown(numbers)
    question = f"{what}: {shown}" if wording == "plain" else say(rng, QUESTION, what, {"list": shown})
    if what == "total":
        return Task("lists", question, tuple(_adding(rng, numbers)), str(sum(numbers)))
    steps: list[Step] = []
    left = list(numbers)
    taken: list[int] = []
    while len(left) > 1:
        right = min(left) if what == "smallest" else max(left)
        wrong = rng.choice([number for number in left if number != right])
        reverse = max(left) if what == "smallest" else min(left)
        slips = (Slip("not_extreme", _extreme(what, left, wrong)), Slip("reversed", _extreme(what, left, reverse)))
        steps.append(Step(_extreme(what, left, right), slips))
        left.remove(right)
        taken.append(right)
    return Task("lists", question, tuple(steps), _shown([*taken, *left]))


def _shown(numbers: list[int]) -> str:
    return ", ".join(str(number) for number in numbers)


def _extreme(what: str, left: list[int], chosen: int) -> str:
    return f"{what} of {_shown(left)} = {chosen}"


def _adding(rng: Random, numbers: list[int]) -> list[Step]:
    total = numbers[0]
    steps: list[Step] = []
    for at, number in enumerate(numbers[1:], start=1):
        slips = [Slip("digit", f"{total} + {number} = {digit(rng, total + number)}")]
        if at + 1 < len(numbers):
            following = numbers[at + 1]
            slips.append(Slip("skipped", f"{total} + {following} = {total + following}"))
        steps.append(Step(f"{total} + {number} = {total + number}", tuple(slips)))
        total += number
    return steps


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    words = [word.strip(",.?:") for word in question.split()]
    numbers = [int(word) for word in words if word.isdecimal()]
    if "total" in words:
        lines = [
            f"{sum(numbers[:at])} + {number} = {sum(numbers[: at + 1])}" for at, number in enumerate(numbers) if at
        ]
        return Solution(tuple(lines), str(sum(numbers)))
    what = "smallest" if "smallest" in words else "largest"
    ranked = sorted(numbers, reverse=what == "largest")
    lines = [
        _extreme(what, [number for number in numbers if number in ranked[at:]], chosen)
        for at, chosen in enumerate(ranked[:-1])
    ]
    return Solution(tuple(lines), _shown(ranked))


def back(question: str, proposed: str) -> Back | None:
    """A total taken apart, the last number first; None for a list to sort, or where it goes below zero."""
    words = [word.strip(",.?:") for word in question.split()]
    if "total" not in words:
        return None
    numbers = [int(word) for word in words if word.isdecimal()]
    value = int(proposed)
    lines: list[str] = []
    for number in reversed(numbers[1:]):
        if number > value:
            return None
        lines.append(f"{value} - {number} = {value - number}")
        value -= number
    return Back(tuple(lines), str(value), str(numbers[0]))
