"""Chains of additions, subtractions and (level 3) multiplications, worked from left to right, never below zero.

A step is `47 + 85 = 132`. Slips: a wrong digit, a forgotten carry, the other operation, one off, two digits swapped,
and a step that is skipped (the line begins with a value of an earlier step). `solve` reads the expression or the words
of the question; `back` undoes the chain from an answer to its first number.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.item import Back, Slip, Solution, Step, Task, Wording
from retold.reflect.tasks.slips import digit, swapped
from retold.reflect.wording import Grammar, say

Move = tuple[str, int]

LEVEL: Final = {0: (2, 2, 9), 1: (2, 3, 99), 2: (2, 4, 999), 3: (3, 5, 9_999)}
"""By level: fewest steps, most steps, largest number."""

QUESTION: Final[Grammar] = {
    "question": (
        "{ask} {sum}{end}",
        "{sum} = ?",
        "{sum} is what?",
        "{task}: {sum}",
        "From left to right, {low} {sum}{end}",
        "How much is {sum}?",
        "Which number is {sum}?",
        "{please} {low} {sum}.",
    ),
    "ask": ("What is", "What does one get from", "What comes out of", "What number is", "How much makes"),
    "end": ("?",),
    "task": ("Compute", "Work out", "Evaluate", "Calculate", "Find", "Sum", "Task", "Exercise", "Problem", "Reckon"),
    "low": ("what is", "how much is"),
    "please": ("Say", "Tell me", "Write down", "Show", "Give in steps", "Explain"),
}
WORDS: Final[Grammar] = {
    "start": (
        "Start with {n}",
        "Begin with {n}",
        "Take {n}",
        "A box holds {n} beads",
        "There are {n} sheep in a field",
        "A shelf has {n} books",
        "Ann has {n} coins",
        "The count is {n}",
        "A tank holds {n} litres",
        "A shop has {n} apples",
        "The score is {n}",
        "A bus carries {n} people",
        "Ben owns {n} cards",
        "A jar holds {n} sweets",
        "A ship has {n} crates",
        "A wall has {n} bricks",
    ),
    "+": ("add {n}", "put in {n} more", "{n} more come", "gain {n}", "{n} are added"),
    "-": ("take away {n}", "subtract {n}", "{n} go away", "lose {n}", "{n} are removed"),
    "*": ("make it {n} times as many", "multiply by {n}", "take {n} times that"),
    "end": ("How many now?", "What is the result?", "What is left?", "Which number is it now?", "What is the total?"),
}
_UNDO: Final = {"+": "-", "-": "+", "*": "/"}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A chain with its right lines and their slips."""
    first, moves = _chain(rng, level)
    steps: list[Step] = []
    values = [first]
    for at, (op, number) in enumerate(moves):
        value = apply(values[-1], op, number)
        steps.append(Step(line(values[-1], op, number, value), _slips(rng, values, moves[at:])))
        values.append(value)
    question = _question(rng, first, moves, wording)
    return Task("arithmetic", question, tuple(steps), str(values[-1]))


def apply(left: int, op: str, right: int) -> int:
    """The result of one move."""
    return left + right if op == "+" else left - right if op == "-" else left * right


def line(left: int, op: str, right: int, value: int) -> str:
    """One move as it is written."""
    return f"{left} {op} {right} = {value}"


def _chain(rng: Random, level: int) -> tuple[int, list[Move]]:
    few, many, largest = LEVEL[level]
    first = value = rng.randint(largest // 10, largest)
    moves: list[Move] = []
    for _ in range(rng.randint(few, many)):
        op = rng.choice("+-*" if level == 3 and value <= 20_000 else "+-")
        if op == "-" and value < 4:
            op = "+"
        if op == "*":
            number = rng.randint(2, 9)
        else:
            number = rng.randint(min(2, value), min(largest, value) if op == "-" else largest)
        moves.append((op, number))
        value = apply(value, op, number)
    return first, moves


def _question(rng: Random, first: int, moves: list[Move], wording: Wording) -> str:
    chained = " ".join([str(first), *(f"{op} {number}" for op, number in moves)])
    precedence = any(op == "*" for op, _ in moves)  # only words say plainly what comes first
    if wording == "plain" and not precedence:
        return f"{chained} = ?"
    if precedence or rng.random() < 0.5:
        told = [say(rng, WORDS, "start", {"n": str(first)})]
        told += [say(rng, WORDS, op, {"n": str(number)}) for op, number in moves]
        return (
            f"{', '.join(told[:-1])}, {rng.choice(('and ', 'then ', 'and then '))}{told[-1]}. {say(rng, WORDS, 'end')}"
        )
    return say(rng, QUESTION, "question", {"sum": chained})


def _slips(rng: Random, values: list[int], moves: list[Move]) -> tuple[Slip, ...]:
    left, (op, number) = values[-1], moves[0]
    right = apply(left, op, number)
    wrong = {
        "digit": digit(rng, right),
        "carry": _without_carry(left, op, number),
        "sign": left - number if op == "+" and left >= number else left + number,
        "off_by_one": right + 1 if right < 1 or rng.random() < 0.5 else right - 1,
        "swapped": swapped(right),
    }
    found = [
        (kind, line(left, op, number, value), value) for kind, value in wrong.items() if value not in (right, None)
    ]
    if len(values) > 1 and (skipped := values[-2]) != left and (op != "-" or skipped >= number):
        value = apply(skipped, op, number)
        found.append(("skipped", line(skipped, op, number, value), value))
    return tuple(Slip(kind, text, *_unnoticed(value, moves[1:])) for kind, text, value in found if value is not None)


def _unnoticed(value: int, moves: list[Move]) -> tuple[tuple[str, ...], str]:
    """The lines and the answer after a wrong value; nothing where they would go below zero."""
    lines: list[str] = []
    for op, number in moves:
        following = apply(value, op, number)
        if following < 0:
            return (), ""
        lines.append(line(value, op, number, following))
        value = following
    return tuple(lines), str(value)


def _without_carry(left: int, op: str, right: int) -> int | None:
    if op != "+":
        return None
    value, place = 0, 1
    while left or right:
        value += (left % 10 + right % 10) % 10 * place
        left, right, place = left // 10, right // 10, place * 10
    return value


_SAID: Final = {
    "+": ("add", "put in", "more come", "gain", "are added"),
    "-": ("take away", "subtract", "go away", "lose", "are removed"),
    "*": ("times", "multiply"),
}


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    first, moves = _read(question)
    lines, values = [], [first]
    for op, number in moves:
        values.append(values[-1] + (number if op == "+" else -number) if op != "*" else sum([values[-1]] * number))
        lines.append(f"{values[-2]} {op} {number} = {values[-1]}")
    return Solution(tuple(lines), str(values[-1]))


def back(question: str, proposed: str) -> Back | None:
    """The moves undone, last first; None where that goes below zero or leaves the whole numbers."""
    first, moves = _read(question)
    value = int(proposed)
    lines: list[str] = []
    for op, number in reversed(moves):
        if (op == "+" and number > value) or (op == "*" and value % number):
            return None
        undone = value // number if op == "*" else apply(value, _UNDO[op], number)
        lines.append(line(value, _UNDO[op], number, undone))
        value = undone
    return Back(tuple(lines), str(value), str(first))


def _read(question: str) -> tuple[int, list[Move]]:
    tokens = question.replace("?", " ").replace(".", " ").replace(",", " , ").split()
    signs = [at for at, token in enumerate(tokens) if token in ("+", "-", "*")]
    if signs:
        return int(tokens[signs[0] - 1]), [(tokens[at], int(tokens[at + 1])) for at in signs]
    clauses = " ".join(tokens).split(" , ")
    numbers = [next(int(word) for word in clause.split() if word.isdecimal()) for clause in clauses]
    ops = [next(op for op, said in _SAID.items() if any(words in clause for words in said)) for clause in clauses[1:]]
    return numbers[0], list(zip(ops, numbers[1:], strict=True))
