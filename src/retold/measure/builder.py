"""The protocol of builders, and the nouns it speaks in.

`TrainingText` is a text with the spans on which no loss is taken. `Question` is an item of a battery: a prompt, the one
right answer, and for cloze the wrong ones of the same kind. A `Task` is a named list of questions and how they are
answered: `exact` (the greedy answer is the right one to its last character), `cloze` (normalised probability of the
right one among all), `bits` (bits per byte of the prompt as a text), or `free`: by whole generations that the builder
judges itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from retold.core.settings import Settings


@dataclass(frozen=True, slots=True)
class TrainingText:
    """A text to learn, and the character spans that are read but not learnt."""

    text: str
    masked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One item. `group` names what items are drawn by, for resampling: an entity, a task."""

    prompt: str
    answer: str
    wrong: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Task:
    """A named battery. `curve`: scored at every point of the curve, and not at the end alone."""

    name: str
    way: Literal["exact", "cloze", "free", "bits"]
    questions: Sequence[Question]
    curve: bool = False
    cap: int = 0
    """For `free`: most tokens of an answer. For `bits`: tokens of a window."""


class Builder(Protocol):
    """What an experiment trains on and asks."""

    World: ClassVar[type[Settings]]
    Arm: ClassVar[type[Settings]]
    scores: ClassVar[Mapping[str, str]]
    """Name of each score, and what it is, in words. Every score is better when higher unless `lower` has it."""
    lower: ClassVar[frozenset[str]]

    def __init__(self, world: Any, arms: Mapping[str, Any], base: Path) -> None: ...

    def check(self, arms: Iterable[str]) -> None:
        """Before anything is trained: raises RetoldError where an arm would train on what is held out."""
        ...

    def identity(self, arm: str) -> Mapping[str, Any]:
        """What decides the texts and batteries of an arm."""
        ...

    def draw(self, arm: str) -> int:
        """0, or a number that gives a copy of an arm its own first weights and order of texts."""
        ...

    def tokenizer(self, seed: int) -> bytes:
        """The `tokenizer.json` that all arms of a seed share."""
        ...

    def texts(self, arm: str, seed: int, number: int) -> Sequence[TrainingText]:
        """Pass `number` over the arm's texts, in order of training."""
        ...

    def tasks(self, seed: int) -> Sequence[Task]:
        """What models of this seed are asked, the same for all arms."""
        ...

    def groups(self, score: str, seed: int, items: int) -> Sequence[str]:
        """What each item of a score is about: items of a group are resampled together."""
        ...

    def judge(self, task: Task, answers: Sequence[tuple[str, bool]]) -> Mapping[str, Sequence[float]]:
        """Scores by item of a `free` task: greedy answers, and whether each ended by itself."""
        ...
