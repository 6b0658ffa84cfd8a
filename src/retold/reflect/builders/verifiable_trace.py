"""`verifiable_trace`: a task that a program made, each step on a line of its own, and the answer.

Verified by computing all lines and the answer again from the question's text. Source of the recipe: the
program-verifiable tasks of OLMo 3's mid-training mix.
"""

from __future__ import annotations

from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place
from retold.reflect.trace import Writer, audit, randomness

NAME = "verifiable_trace"


def make(place: Place, knobs: Knobs) -> Item | None:
    """The trace of the task at this place."""
    task = place.task(knobs)
    writer = Writer(randomness(NAME, place.seed, place.index), knobs.wording, task.question + "\n")
    writer.open()
    for step in task.steps:
        writer.step(step.line)
    writer.answer(task.answer)
    return writer.item(NAME, task)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    return audit(item)
