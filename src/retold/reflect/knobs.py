"""What a builder may be told (`Knobs`), and where an item stands (`Place`)."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import field_validator, model_validator

from retold.core.quantity import Share
from retold.core.settings import Settings, identity
from retold.reflect.item import Task, Wording
from retold.reflect.tasks import LEVELS, TASKS
from retold.reflect.trace import randomness


class Knobs(Settings):
    """How hard and how varied items are.

    tasks: kinds of tasks; all where none is named
    level: 1 (numbers to 99, two or three steps) to 3; 0, for arithmetic alone (numbers to 9, two steps)
    wording: "varied" by a grammar, or "plain" for students of a million parameters
    late: share of errors that are noticed one line later (varied wording)
    checks: share of traces without an error in which a line is checked all the same (varied wording)
    """

    tasks: tuple[str, ...] = identity(())
    level: int = identity(1, ge=0, le=LEVELS[-1])
    wording: Wording = identity("varied")
    late: Share = identity(0.2)
    checks: Share = identity(0.25)

    @field_validator("tasks")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in value if name not in TASKS]
        if unknown:
            raise ValueError(f"there is no kind of task {unknown[0]!r}; there are: {', '.join(TASKS)}")
        return value

    @model_validator(mode="after")
    def _level(self) -> Knobs:
        if not self.level and self.tasks != ("arithmetic",):
            raise ValueError("level 0 is for arithmetic alone; name it: tasks: [arithmetic]")
        return self


@dataclass(frozen=True, slots=True)
class Place:
    """Item number `index` of a seed: it decides every choice."""

    seed: int
    index: int

    def task(self, knobs: Knobs, kinds: tuple[str, ...] = ()) -> Task:
        """The task here: the same for every builder that has the same kinds and knobs."""
        rng = randomness("reflect task", self.seed, self.index)
        kind = TASKS[rng.choice(kinds or knobs.tasks or tuple(TASKS))]
        return kind.make(rng, knobs.level, knobs.wording)
