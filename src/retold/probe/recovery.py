"""The battery `recovery`: an answer that was begun with a wrong step, beside the same answer begun rightly.

The beginning is given to the model as its own (`prefill`): the lines of an arithmetic trace up to a planted error, or
up to the right line in its place. It recovers where its last number is the right answer; a false alarm is a correction
after a right line.
"""

from __future__ import annotations

from typing import Final

from retold.probe.battery import Battery, Outcomes, Question
from retold.probe.loops import loop_signs, retractions
from retold.reflect import Knobs, Place
from retold.reflect.builders.error_then_fix import slip_of
from retold.reflect.wording import PLAIN_NOTICES

NAME: Final = "recovery"
KNOBS: Final = Knobs(tasks=("arithmetic",), level=1, wording="plain")
ASK: Final = "Work this out step by step, from left to right, and end with the answer: "


def questions(seed: int, targets: int) -> list[Question]:
    """`targets` tasks, each begun with a wrong and with a right line."""
    found: list[Question] = []
    index = 0
    while len(found) < 2 * targets:
        place = Place(seed, index)
        index += 1
        task = place.task(KNOBS)
        chosen = slip_of(task, place, NAME)
        if chosen is None:
            continue
        at, slip = chosen
        before = "".join(step.line + "\n" for step in task.steps[:at])
        for group, line in (("wrong_step", slip.line), ("right_step", task.steps[at].line)):
            prefill = f"{before}{line}\n"
            found.append(Question(NAME, group, task.question, slip.kind, ASK + task.question, prefill, task.answer))
    return found


def last_number(text: str) -> str:
    """The last whole number of a text, or ""."""
    digits = "".join(character if character.isdecimal() or character == "," else " " for character in text)
    numbers = [word.replace(",", "") for word in digits.split()]
    return next((number for number in reversed(numbers) if number), "")


def judge(question: Question, answer: str) -> Outcomes:
    """Right at its end, corrects something, loops."""
    corrected = retractions(answer) > 0 or any(notice.rstrip(":") in answer for notice in PLAIN_NOTICES)
    return {
        "right": last_number(answer) == question.wanted,
        "corrects": corrected,
        "loops": loop_signs(answer).loops,
    }


BATTERY: Final = Battery(
    NAME,
    1,
    "answers begun with a wrong step, beside the same ones begun rightly",
    questions,
    judge,
    {
        "right": "its last number is the right answer",
        "corrects": "says that something was wrong",
        "loops": "takes back three times or repeats itself",
    },
    96,
)
