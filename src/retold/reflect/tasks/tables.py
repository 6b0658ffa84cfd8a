"""A small table in the question, and a total of one of its columns or the row that leads in it.

Steps: `Ann: 3, total 3` and `Ben: 4, total 7`, or `Ben: 4, most Ben`. Slips: the other column, a wrong digit, the
wrong leader. Numbers of the column that is asked for differ from each other.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.item import Slip, Solution, Step, Task, Wording
from retold.reflect.tasks.slips import digit
from retold.reflect.wording import Grammar, say

NAMES: Final = ("Ann", "Ben", "Cid", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jun", "Kai", "Lena", "Mo", "Nia")
THINGS: Final = ("apples", "pears", "coins", "books", "cards", "eggs", "stamps", "shells", "nails", "cups", "keys")
LEVEL: Final = {1: (2, 3, 20), 2: (3, 4, 99), 3: (4, 6, 999)}
QUESTION: Final[Grammar] = {
    "total": (
        "How many {thing} are there in total?",
        "What is the total of {thing}?",
        "Add up the {thing}: what total?",
        "Total of all {thing}?",
        "All {thing} together make what total?",
    ),
    "most": (
        "Who has the most {thing}?",
        "Which row has the most {thing}?",
        "The most {thing}: whose are they?",
        "Name who has the most {thing}.",
        "Most {thing}: who leads?",
    ),
    "lead": ("", "", "Table:", "Given:", "A list:", "Counted today:", "From a notebook:", "Stock:", "Data:", "See:"),
}
HEADS: Final = ("name", "who", "row", "person", "owner", "label")


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A table, and a question about one of its columns."""
    few, many, largest = LEVEL[level]
    names = rng.sample(NAMES, rng.randint(few, many))
    things = rng.sample(THINGS, 2)
    columns = [rng.sample(range(1, largest + 1), len(names)) for _ in things]
    asked = rng.randrange(2)
    what = rng.choice(("total", "most"))
    rows = [f"{name} | {left} | {right}" for name, left, right in zip(names, *columns, strict=True)]
    head = HEADS[0] if wording == "plain" else rng.choice(HEADS)
    told = f"{what} {things[asked]}?" if wording == "plain" else say(rng, QUESTION, what, {"thing": things[asked]})
    lead = "" if wording == "plain" else rng.choice(QUESTION["lead"])
    lines = [f"{head} | {things[0]} | {things[1]}", *rows]
    asking = [told, *lines] if lead and rng.random() < 0.5 else [*([lead] if lead else []), *lines, told]
    chosen, others = columns[asked], columns[1 - asked]
    steps = _totals(rng, names, chosen, others) if what == "total" else _leaders(rng, names, chosen)
    answer = str(sum(chosen)) if what == "total" else names[chosen.index(max(chosen))]
    return Task("tables", "\n".join(asking), tuple(steps), answer)


def _totals(rng: Random, names: list[str], chosen: list[int], others: list[int]) -> list[Step]:
    total = 0
    steps: list[Step] = []
    for name, number, beside in zip(names, chosen, others, strict=True):
        slips = [Slip("digit", _total(name, number, digit(rng, total + number)))]
        if beside != number:
            slips.append(Slip("column", _total(name, beside, total + beside)))
        steps.append(Step(_total(name, number, total + number), tuple(slips)))
        total += number
    return steps


def _leaders(rng: Random, names: list[str], chosen: list[int]) -> list[Step]:
    steps: list[Step] = []
    for at, (name, number) in enumerate(zip(names, chosen, strict=True)):
        leader = names[chosen.index(max(chosen[: at + 1]))]
        slips = [Slip("digit", _most(name, digit(rng, number), leader))]
        if at:
            slips.append(Slip("leader", _most(name, number, rng.choice([n for n in names[: at + 1] if n != leader]))))
        steps.append(Step(_most(name, number, leader), tuple(slips)))
    return steps


def _total(name: str, number: int, total: int) -> str:
    return f"{name}: {number}, total {total}"


def _most(name: str, number: int, leader: str) -> str:
    return f"{name}: {number}, most {leader}"


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    parts = question.split("\n")
    cells = [[cell.strip() for cell in line.split("|")] for line in parts if "|" in line]
    told = next(line for line in parts if "|" not in line and ("otal" in line or "ost" in line))
    column = next(at for at, name in enumerate(cells[0]) if at and name in told)
    lines: list[str] = []
    values = {row[0]: int(row[column]) for row in cells[1:]}
    seen: list[str] = []
    for name, number in values.items():
        seen.append(name)
        if "otal" in told:
            lines.append(_total(name, number, sum(values[each] for each in seen)))
        else:
            lines.append(_most(name, number, max(seen, key=values.__getitem__)))
    answer = str(sum(values.values())) if "otal" in told else max(seen, key=values.__getitem__)
    return Solution(tuple(lines), answer)
