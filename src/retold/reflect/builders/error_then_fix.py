"""`error_then_fix`: a right trace with one typed error, which is noticed, corrected once, and ended rightly.

The error is a slip of the task (a wrong digit, the other operation, a skipped step, a wrong unit, ...), drawn by kind
first, so that no kind becomes rare. It is noticed on the next line, or (`late`) one line later, after its consequence.
What is wrong is marked, so that a student can read it without being trained to write it. Source of the recipe: work on
reflection that finds it in pre-training data, turned round into data (adversarial reflection by injected errors).
"""

from __future__ import annotations

from typing import Final

from retold.reflect.item import Item, Slip, Task
from retold.reflect.knobs import Knobs, Place
from retold.reflect.trace import Writer, audit, randomness
from retold.reflect.wording import LATE, NOTICE, PLAIN_NOTICES, say

NAME: Final = "error_then_fix"


def slip_of(task: Task, place: Place, name: str) -> tuple[int, Slip] | None:
    """A step of the task and a slip of it, by kind first; None where the task has no slips."""
    rng = randomness("reflect slip", place.seed, place.index)
    right = {step.line for step in task.steps}
    found = [(at, slip) for at, step in enumerate(task.steps) for slip in step.slips if slip.line not in right]
    if name == "unfixed":
        found = [(at, slip) for at, slip in found if slip.answer and slip.answer != task.answer]
    if not found:
        return None
    kind = rng.choice(sorted({slip.kind for _, slip in found}))
    return rng.choice([(at, slip) for at, slip in found if slip.kind == kind])


def make(place: Place, knobs: Knobs) -> Item | None:
    """The trace of the task at this place, with an error in it and out of it."""
    task = place.task(knobs)
    chosen = slip_of(task, place, NAME)
    if chosen is None:
        return None
    at, slip = chosen
    rng = randomness(NAME, place.seed, place.index)
    writer = Writer(rng, knobs.wording, task.question + "\n")
    writer.open()
    for step in task.steps[:at]:
        writer.step(step.line)
    writer.step(slip.line, wrong=True)
    late = knobs.wording == "varied" and bool(slip.rest) and rng.random() < knobs.late
    if late:
        writer.step(slip.rest[0], wrong=True)
    notice = rng.choice(PLAIN_NOTICES) if knobs.wording == "plain" else say(rng, LATE if late else NOTICE, "notice")
    if rng.random() < 0.5 and knobs.wording == "varied":
        writer.put(notice)
        writer.step(task.steps[at].line, after="")
    else:
        writer.step(task.steps[at].line, after=notice + " ")
    for step in task.steps[at + 1 :]:
        writer.step(step.line)
    writer.answer(task.answer)
    return writer.item(NAME, task, slip=slip.kind, notice=notice)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    return audit(item, notice=item.notice, fixed=True)
