"""`clean_control`: the tasks of `error_then_fix` without an error, so that correcting does not become a habit.

In a share of them (`checks`) a right line is looked at in the words that find errors elsewhere, and left as it is.
"""

from __future__ import annotations

from typing import Final

from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place
from retold.reflect.trace import Writer, audit, randomness
from retold.reflect.wording import CONFIRM, capital, say

NAME: Final = "clean_control"
CONFIRMED: Final = frozenset(
    [
        *(f"{look}: {fine}" for look in CONFIRM["look"] for fine in CONFIRM["fine"]),
        *(capital(fine) for fine in CONFIRM["fine"]),
    ]
)


def make(place: Place, knobs: Knobs) -> Item | None:
    """The right trace of the task at this place, perhaps with a check that finds nothing."""
    task = place.task(knobs)
    rng = randomness(NAME, place.seed, place.index)
    checked = rng.randrange(len(task.steps)) if knobs.wording == "varied" and rng.random() < knobs.checks else -1
    writer = Writer(rng, knobs.wording, task.question + "\n")
    writer.open()
    for at, step in enumerate(task.steps):
        writer.step(step.line)
        if at == checked:
            writer.put(capital(say(rng, CONFIRM, "confirm")))
    writer.answer(task.answer)
    return writer.item(NAME, task)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    return audit(item, known=CONFIRMED) or ("not_one_correction" if item.masked or item.slip else "")
