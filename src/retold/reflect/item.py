"""What the builders make: tasks with right steps and known slips, and items of text with what is known about them.

A task knows its question, the one right line of each step, typed wrong results of a step (slips) and the answer. An
item is a text that a model may train on: `text` begins with `prompt`, holds no special token, and ends with a line end.
`masked` names the wrong steps, so that training can read them without being trained to write them (`no_loss` of a
document). All lines of a step are exact strings that its verifier computes again from the question alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from retold.core.document import Stretch

Wording = Literal["plain", "varied"]


@dataclass(frozen=True, slots=True)
class Slip:
    """A typed error: what stands in place of the right line of a step.

    `rest` and `answer` are what would follow if nobody noticed it; empty where that is not known.
    """

    kind: str
    line: str
    rest: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace, and the lines that a slip would make of it."""

    line: str
    slips: tuple[Slip, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A question with its only right answer."""

    kind: str
    question: str
    steps: tuple[Step, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Solution:
    """What a verifier finds from a question's text alone."""

    lines: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Back:
    """The way back from a proposed answer: its lines, where they arrive, and where the question starts."""

    lines: tuple[str, ...]
    start: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Item:
    """A text of one builder.

    steps: the lines of the trace in their order, wrong ones included
    masked: ranges of `text` that are wrong; empty where nothing is
    slip: the kind of the error, or ""
    notice: the words that notice the error, or ""
    """

    builder: str
    kind: str
    prompt: str
    text: str
    answer: str
    steps: tuple[str, ...] = ()
    masked: tuple[Stretch, ...] = ()
    slip: str = ""
    notice: str = ""
    facts: tuple[str, ...] = field(default=())

    @property
    def response(self) -> str:
        """What follows the prompt."""
        return self.text[len(self.prompt) :]

    @property
    def injected(self) -> str:
        """The text up to and with the last wrong step and its line end: what a model has to recover from."""
        if not self.masked:
            return ""
        end = self.masked[-1].end
        return self.text[: end + 1]
