"""Tiny programs in a part of Python that we generate ourselves, run line by line, and what they print.

The language: whole numbers in three variables; `a = b + 3`, `if a > b: ...`, `for i in range(3): ...` (one assignment
behind the colon), `print(a)` last. A step is `line 3: c = 17`, one for each assignment that is carried out. It is
carried out by our own evaluator over the parsed lines, never by `eval`. Slips: a wrong digit, the other operation, a
branch taken wrongly, one round of a loop too few.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from retold.reflect.item import Slip, Solution, Step, Task, Wording
from retold.reflect.tasks.slips import digit
from retold.reflect.wording import Grammar, say

NAMES: Final = (("a", "b", "c"), ("x", "y", "z"), ("n", "m", "k"), ("p", "q", "r"), ("u", "v", "w"))
LEVEL: Final = {1: (2, 20), 2: (3, 50), 3: (5, 99)}
QUESTION: Final[Grammar] = {
    "question": (
        "What does this program print?",
        "{run} this program. What does it print?",
        "Which number is printed?",
        "What is the output?",
        "{run} it by hand: what is printed?",
        "Read the code. What comes out?",
        "{trace} the program and give its output.",
        "Python code. Its output?",
        "What will be printed here?",
        "{trace} these lines. What is printed at the end?",
    ),
    "run": ("Run", "Execute", "Walk through", "Go through"),
    "trace": ("Trace", "Follow", "Step through", "Interpret"),
}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A program, its run and its output."""
    names = rng.choice(NAMES)
    lines = _program(rng, names, *LEVEL[level])
    told = "print?" if wording == "plain" else say(rng, QUESTION, "question")
    first = wording == "plain" or rng.random() < 0.5
    question = "\n".join([*lines, told] if first else [told, *lines])
    steps: list[Step] = []
    for number, name, value, before in run(lines):
        computes = any(sign in lines[number - 1] for sign in (" + ", " - "))
        slips = _slips(rng, number, name, value, before) if computes else ()
        steps.append(Step(_line(number, name, value), slips))
    values = {name: value for _, name, value, _ in run(lines)}
    return Task("code", question, tuple(steps), str(values[lines[-1].removeprefix("print(").removesuffix(")")]))


def _program(rng: Random, names: tuple[str, ...], more: int, largest: int) -> list[str]:
    lines = [f"{name} = {rng.randint(1, largest)}" for name in names[:2]]
    known = list(names[:2])
    for _ in range(rng.randint(more - 1, more)):
        target = rng.choice(names)
        left = rng.choice(known)
        right = rng.choice([*(name for name in known if name != left), str(rng.randint(2, 9))])
        body = f"{target} = {left} {rng.choice('++-')} {right}"
        shape = rng.choice(("plain", "plain", "if", "for")) if target in known else "plain"
        if shape == "if":
            one, two = rng.sample(known, 2)
            body = f"if {one} {rng.choice('<>')} {two}: {body}"
        elif shape == "for":
            body = f"for i in range({rng.randint(2, 3)}): {target} = {target} {rng.choice('+-')} {rng.randint(2, 9)}"
        lines.append(body)
        known = list(dict.fromkeys([*known, target]))
    return [*lines, f"print({target})"]


def run(lines: list[str]) -> Iterator[tuple[int, str, int, int | None]]:
    """(line, variable, its value, its value before) of each assignment, in the order of the run."""
    values: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        rounds, body = 1, line
        if line.startswith("print("):
            return
        if line.startswith("if "):
            condition, body = line.removeprefix("if ").split(": ")
            left, sign, right = condition.split()
            one, two = values[left], values[right]
            rounds = int(one < two if sign == "<" else one > two)
        elif line.startswith("for "):
            head, body = line.split(": ")
            rounds = int(head.removeprefix("for i in range(").removesuffix(")"))
        for _ in range(rounds):
            name, expression = body.split(" = ")
            before = values.get(name)
            values[name] = _value(expression, values)
            yield number, name, values[name], before


def _value(expression: str, values: dict[str, int]) -> int:
    words = expression.split()
    numbers = [values[word] if word in values else int(word) for word in words[::2]]
    if len(words) == 1:
        return numbers[0]
    return numbers[0] + numbers[1] if words[1] == "+" else numbers[0] - numbers[1]


def _line(number: int, name: str, value: int) -> str:
    return f"line {number}: {name} = {value}"


def _slips(rng: Random, number: int, name: str, value: int, before: int | None) -> tuple[Slip, ...]:
    wrong = {"off_by_one": value + rng.choice((1, -1)), "sign": -value}
    if value >= 0:
        wrong["digit"] = digit(rng, value)
    if before is not None:
        wrong["not_carried_out"] = before
    return tuple(Slip(kind, _line(number, name, other)) for kind, other in wrong.items() if other != value)


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    lines = [line for line in question.split("\n") if " = " in line or line.startswith("print(")]
    found = list(run(lines))
    answer = next(value for _, name, value, _ in reversed(found) if lines[-1] == f"print({name})")
    return Solution(tuple(_line(number, name, value) for number, name, value, _ in found), str(answer))
