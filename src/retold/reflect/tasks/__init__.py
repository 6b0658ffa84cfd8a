"""Tasks that programs make and programs answer: `TASKS` maps a kind to how it is made and how it is solved again.

`make(rng, level, wording)` gives a task; `solve(question)` computes its lines and its answer from the question's text
alone, by another route where there is one, and raises ValueError for a text that is no such question. Levels go from
1 (for students of a million parameters) to 3; arithmetic has a level 0 for those of a tenth of a million.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from retold.reflect.item import Back, Solution, Task, Wording
from retold.reflect.tasks import arithmetic, brackets, code, dates, lists, logic, string_edits, tables, units

LEVELS: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task. `version` is raised by hand when what `make` gives changes.

    `back(question, proposed)` follows an answer back to the question; None where the kind, or this task, has no way.
    """

    name: str
    version: int
    make: Callable[[Random, int, Wording], Task]
    solve: Callable[[str], Solution]
    back: Callable[[str, str], Back | None] | None = None


TASKS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("arithmetic", 1, arithmetic.make, arithmetic.solve, arithmetic.back),
        Kind("units", 1, units.make, units.solve, units.back),
        Kind("dates", 1, dates.make, dates.solve),
        Kind("lists", 1, lists.make, lists.solve, lists.back),
        Kind("brackets", 1, brackets.make, brackets.solve),
        Kind("tables", 1, tables.make, tables.solve),
        Kind("string_edits", 1, string_edits.make, string_edits.solve),
        Kind("logic", 1, logic.make, logic.solve),
        Kind("code", 1, code.make, code.solve),
    )
}
"""All kinds of tasks by name."""
