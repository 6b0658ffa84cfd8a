"""What a battery is: questions, half of them controls, and a rule that judges an answer.

A question belongs to a `group` (what is compared) and asks about a `target`: intervals resample targets, since several
forms and samples of one target are no independent evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Outcomes = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask. `prefill` is the beginning of the answer, given; `wanted` what a right answer holds."""

    battery: str
    group: str
    target: str
    form: str
    prompt: str
    prefill: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery. `questions(seed, targets)`: so many targets of each group, always the same ones for a seed.

    `judge(question, answer)` gives every outcome named in `outcomes` (name to what it means).
    """

    name: str
    version: int
    about: str
    questions: Callable[[int, int], list[Question]]
    judge: Callable[[Question, str], Outcomes]
    outcomes: Mapping[str, str]
    max_tokens: int
