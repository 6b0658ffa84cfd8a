"""Whether brackets are balanced, with the open ones after each bracket.

A step is `3: ] leaves (`: the third bracket, and what is open after it (`nothing`, or `an error` where it closes none).
Slips: one open bracket too many, one lost, one of another kind. The answer is yes or no.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.item import Slip, Solution, Step, Task, Wording
from retold.reflect.wording import Grammar, say

PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
CLOSING: Final = {closing: opening for opening, closing in PAIRS.items()}
LEVEL: Final = {1: (2, 3), 2: (3, 5), 3: (5, 8)}
QUESTION: Final[Grammar] = {
    "question": (
        "{ask} {code} balanced?",
        "{ask} {code} balanced, yes or no?",
        "{code}: {well}?",
        "{check} whether {code} {closes}.",
        "Does every bracket in {code} have its partner?",
        "Do the brackets {code} match?",
        "{tell} if {code} {closes}.",
        "A parser reads {code}. Is it well formed?",
    ),
    "ask": ("Is", "Are the brackets in", "Is the string", "Is this line of brackets,"),
    "well": ("balanced", "well formed", "does it close", "is it balanced", "do they match"),
    "check": ("Check", "Find out", "Decide", "Work out", "Test"),
    "closes": ("is balanced", "closes", "is well formed", "matches"),
    "tell": ("Say", "Tell me", "Write down", "Answer"),
}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A string of brackets, balanced in half of the cases."""
    text = _balanced(rng, rng.randint(*LEVEL[level]))
    if rng.random() < 0.5:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice((*PAIRS, *CLOSING, "")) + text[at + 1 :]
    shown = " ".join(text)
    question = f"{shown} balanced?" if wording == "plain" else say(rng, QUESTION, "question", {"code": shown})
    steps: list[Step] = []
    stack = ""
    for number, bracket in enumerate(text, start=1):
        if bracket in PAIRS:
            after = stack + bracket
        elif stack.endswith(CLOSING[bracket]):
            after = stack[:-1]
        else:
            steps.append(Step(_line(number, bracket, None), _slips(rng, number, bracket, None, stack)))
            return Task("brackets", question, tuple(steps), "no")
        steps.append(Step(_line(number, bracket, after), _slips(rng, number, bracket, after, stack)))
        stack = after
    return Task("brackets", question, tuple(steps), "no" if stack else "yes")


def _balanced(rng: Random, pairs: int) -> str:
    text = ""
    for _ in range(pairs):
        opening = rng.choice(tuple(PAIRS))
        at = rng.choice([place for place in range(len(text) + 1) if _whole(text[place:])])
        inner = text[at:] if rng.random() < 0.5 else ""
        text = text[:at] + opening + inner + PAIRS[opening] + text[at + len(inner) :]
    return text


def _whole(text: str) -> bool:
    stack = ""
    for bracket in text:
        if bracket in PAIRS:
            stack += bracket
        elif stack.endswith(CLOSING[bracket]):
            stack = stack[:-1]
        else:
            return False
    return not stack


def _line(number: int, bracket: str, after: str | None) -> str:
    return f"{number}: {bracket} leaves {'an error' if after is None else ' '.join(after) or 'nothing'}"


def _slips(rng: Random, number: int, bracket: str, right: str | None, stack: str) -> tuple[Slip, ...]:
    open_ones = stack if right is None else right
    wrong = {
        "extra": open_ones + rng.choice(tuple(PAIRS)),
        "lost": open_ones[:-1],
        "kind": open_ones[:-1] + rng.choice(tuple(PAIRS)),
    }
    return tuple(Slip(kind, _line(number, bracket, after)) for kind, after in wrong.items() if after != right)


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text: here by taking out pairs that touch."""
    marks = {*PAIRS, *CLOSING}
    text = "".join(word for word in (part.strip(",.?:") for part in question.split()) if word in marks)
    lines: list[str] = []
    for number in range(1, len(text) + 1):
        left = text[:number]
        while (shorter := left.replace("()", "").replace("[]", "").replace("{}", "")) != left:
            left = shorter
        broken = any(bracket in CLOSING for bracket in left)
        lines.append(_line(number, text[number - 1], None if broken else left))
        if broken:
            return Solution(tuple(lines), "no")
    return Solution(tuple(lines), "no" if not text or left else "yes")
