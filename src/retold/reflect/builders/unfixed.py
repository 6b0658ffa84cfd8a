"""`unfixed`: the error of `error_then_fix`, carried on to a wrong answer that nobody notices. A negative control only.

Verified to be wrong in the way it says: the lines before the error are right, the marked line is not, and the answer
is not the question's.
"""

from __future__ import annotations

from typing import Final

from retold.reflect.builders.error_then_fix import slip_of
from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place
from retold.reflect.tasks import TASKS
from retold.reflect.trace import Writer, is_answer, randomness

NAME: Final = "unfixed"


def make(place: Place, knobs: Knobs) -> Item | None:
    """The trace of the task at this place, wrong from one step on; None where no slip of it can be carried on."""
    task = place.task(knobs)
    chosen = slip_of(task, place, NAME)
    if chosen is None:
        return None
    at, slip = chosen
    writer = Writer(randomness(NAME, place.seed, place.index), knobs.wording, task.question + "\n")
    writer.open()
    for step in task.steps[:at]:
        writer.step(step.line)
    for line in (slip.line, *slip.rest):
        writer.step(line, wrong=True)
    writer.answer(slip.answer)
    return writer.item(NAME, task, answer=slip.answer, slip=slip.kind)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    if not item.text.startswith(item.prompt) or not item.text.endswith("\n"):
        return "prompt_changed"
    solution = TASKS[item.kind].solve(item.prompt.rstrip("\n"))
    wrong = len(item.masked)
    right = item.steps[: len(item.steps) - wrong]
    if not wrong or right != solution.lines[: len(right)]:
        return "step_wrong"
    if item.steps[len(right)] == solution.lines[len(right)]:
        return "no_error"
    last = item.response[:-1].split("\n")[-1]
    return "" if item.answer != solution.answer and is_answer(last, item.answer) else "answer_wrong"
