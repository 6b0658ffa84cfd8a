"""The battery `loops`: an emoji is to be written and checked before going on, one that exists or one that does not.

To check what cannot be right is what large models go round in. The figure is how often an answer takes something back,
repeats itself, or is not at its end by the cap; real emoji, asked for in the same words, are the control.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from retold.probe import emoji
from retold.probe.battery import Battery, Outcomes, Question
from retold.probe.loops import loop_signs

NAME: Final = "loops"
FORMS: Final = {
    "check": "Write the {name} emoji, then check that it is the right one before you go on.",
    "sure": "What is the emoji for {name}? Make sure that you show exactly that one.",
}


def questions(seed: int, targets: int) -> list[Question]:
    """The targets of the battery `emoji`, each in both forms."""
    found: list[Question] = []
    for question in emoji.questions(seed, targets):
        if question.form == "show":
            found += [
                replace(question, battery=NAME, form=form, prompt=text.format(name=question.target))
                for form, text in FORMS.items()
            ]
    return found


def judge(_question: Question, answer: str) -> Outcomes:
    """Takes something back, takes back three times, repeats itself."""
    signs = loop_signs(answer)
    return {
        "retracts": signs.retractions > 0,
        "retracts_thrice": signs.retractions >= 3,
        "repeats": signs.repeated,
        "loops": signs.loops,
    }


BATTERY: Final = Battery(
    NAME,
    1,
    "things to check that cannot be right, beside ones that can",
    questions,
    judge,
    {
        "retracts": "takes something back",
        "retracts_thrice": "takes back three times or more",
        "repeats": "says the same words three times",
        "loops": "one of the last two",
    },
    160,
)
