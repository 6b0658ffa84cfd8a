"""Small logic: statements defined from earlier ones by not, and, or; the value of the last one is asked for.

A step is `R = true and not false = true`. Slips: the value turned round, an operand turned round, `and` taken for `or`.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.item import Slip, Solution, Step, Task, Wording
from retold.reflect.wording import Grammar, say

LETTERS: Final = "PQRSTUVW"
LEVEL: Final = {1: (1, 2), 2: (2, 3), 3: (3, 5)}
QUESTION: Final[Grammar] = {
    "question": (
        "{given} {facts}. {what} {last}?",
        "{facts}. {what} {last}?",
        "{what} {last}, if {facts}?",
        "{given} {facts}. {find} {last}.",
        "{find} {last}: {facts}.",
        "If {facts}, {low} {last}?",
    ),
    "given": ("Given", "Let", "Suppose", "Assume", "Say", "We know"),
    "what": ("What is", "Which value has", "True or false is"),
    "low": ("what is", "what value has", "what then is"),
    "find": ("Find", "Work out", "Decide", "Give the value of", "Tell the value of"),
}
Statement = tuple[str, str, bool, str, bool]
"""Left letter, operation, whether the right one is negated, right letter, whether the left one is negated."""


def make(rng: Random, level: int, wording: Wording) -> Task:
    """Two or three given values and statements upon them."""
    given = rng.randint(2, 3)
    values = {letter: rng.random() < 0.5 for letter in LETTERS[:given]}
    told = [f"{letter} = {_word(value)}" for letter, value in values.items()]
    steps: list[Step] = []
    for at in range(given, given + rng.randint(*LEVEL[level])):
        name = LETTERS[at]
        known = list(values)
        right = known[-1] if at > given else rng.choice(known)  # statements build on the last one
        left = rng.choice([letter for letter in known if letter != right])
        operation, first, second = rng.choice(("and", "or")), rng.random() < 0.3, rng.random() < 0.3
        told.append(f"{name} = {_not(first)}{left} {operation} {_not(second)}{right}")
        step, values[name] = _step(name, operation, (first, values[left]), (second, values[right]))
        steps.append(step)
    last = LETTERS[given + len(steps) - 1]
    facts = {"facts": ", ".join(told), "last": last}
    question = f"{facts['facts']}. {last}?" if wording == "plain" else say(rng, QUESTION, "question", facts)
    return Task("logic", question, tuple(steps), _word(values[last]))


def _step(name: str, operation: str, left: tuple[bool, bool], right: tuple[bool, bool]) -> tuple[Step, bool]:
    (first, one), (second, two) = left, right
    a, b = one != first, two != second
    value = (a and b) if operation == "and" else (a or b)

    def line(one: bool, two: bool, operation: str, value: bool) -> str:
        return f"{name} = {_not(first)}{_word(one)} {operation} {_not(second)}{_word(two)} = {_word(value)}"

    turned = (not a and b) if operation == "and" else (not a or b)
    other = "or" if operation == "and" else "and"
    slips = (
        Slip("value", line(one, two, operation, not value)),
        Slip("operand", line(not one, two, operation, turned)),
        Slip("operation", line(one, two, other, (a or b) if other == "or" else (a and b))),
    )
    return Step(line(one, two, operation, value), slips), value


def _word(value: bool) -> str:
    return "true" if value else "false"


def _not(negated: bool) -> str:
    return "not " if negated else ""


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    words = [word.strip(",.?:") for word in question.replace(":", " ").split()]
    places = [at for at, word in enumerate(words) if word == "="]
    values: dict[str, str] = {}
    lines: list[str] = []
    turn = {"true": "false", "false": "true"}
    for at in places:
        name, told = words[at - 1], words[at + 1 :]
        if told[0] in turn:
            values[name] = told[0]
            continue
        shown: list[str] = []
        operands: list[str] = []
        operation = ""
        negated = False
        for word in told:
            if word == "not":
                negated = True
                shown.append(word)
            elif word in ("and", "or") and len(operands) == 1:
                operation = word
                shown.append(word)
            else:
                operands.append(turn[values[word]] if negated else values[word])
                shown.append(values[word])
                negated = False
            if len(operands) == 2:
                break
        least, most = ("false", "true") if operation == "and" else ("true", "false")
        values[name] = least if least in operands else most
        lines.append(f"{name} = {' '.join(shown)} = {values[name]}")
    return Solution(tuple(lines), values[words[places[-1] - 1]])
