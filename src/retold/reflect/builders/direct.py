"""`direct`: a question and its answer alone. The arm of an experiment that shows no steps."""

from __future__ import annotations

from typing import Final

from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place
from retold.reflect.tasks import TASKS
from retold.reflect.trace import Writer, is_answer, randomness

NAME: Final = "direct"


def make(place: Place, knobs: Knobs) -> Item | None:
    """The task at this place and its answer."""
    task = place.task(knobs)
    writer = Writer(randomness(NAME, place.seed, place.index), knobs.wording, task.question + "\n")
    writer.answer(task.answer)
    return writer.item(NAME, task)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    if not item.text.startswith(item.prompt) or not item.text.endswith("\n"):
        return "prompt_changed"
    right = TASKS[item.kind].solve(item.prompt.rstrip("\n")).answer
    return "" if item.answer == right and is_answer(item.response[:-1], right) else "answer_wrong"
