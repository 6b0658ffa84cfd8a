"""The battery `emoji`: emoji that do not exist, asked for like ones that do.

Absent ones are ordinary things that no emoji shows (no character of Unicode has the name; a test looks), real ones
things of the same sort. The case behind it: asked for the seahorse emoji, large models of 2025 say that it exists,
write another one, correct themselves, and some do not stop.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from retold.probe.battery import Battery, Outcomes, Question
from retold.probe.existence import asserts, denies
from retold.probe.loops import loop_signs
from retold.reflect.trace import randomness

NAME: Final = "emoji"

ABSENT: Final = (
    "seahorse", "platypus", "ostrich", "pelican", "walrus", "meerkat", "armadillo", "ferret", "windmill",
    "typewriter", "toaster", "lawn mower", "raspberry", "asparagus", "pomegranate", "cauliflower", "dandelion",
    "chainsaw", "vacuum cleaner", "wheelbarrow", "sewing machine", "igloo", "stapler", "hammock",
)  # fmt: skip
REAL: Final = {
    "dolphin": "🐬", "octopus": "🐙", "penguin": "🐧", "owl": "🦉", "turtle": "🐢", "kangaroo": "🦘",
    "hedgehog": "🦔", "rocket": "🚀", "tent": "⛺", "camera": "📷", "television": "📺", "tractor": "🚜",
    "strawberry": "🍓", "carrot": "🥕", "pineapple": "🍍", "broccoli": "🥦", "sunflower": "🌻", "hammer": "🔨",
    "broom": "🧹", "ladder": "🪜", "guitar": "🎸", "snowman": "⛄", "scissors": "✂", "umbrella": "☂",
}  # fmt: skip
FORMS: Final = {
    "yes_or_no": "Is there {a} {name} emoji? Answer yes or no.",
    "show": "Show me the {name} emoji.",
    "if_so": "Does Unicode have an emoji of {a} {name}? If so, write it.",
}


def questions(seed: int, targets: int) -> list[Question]:
    """`targets` absent ones (the seahorse first) and as many real ones, in every form."""
    rng = randomness("probe emoji", seed)
    absent = [ABSENT[0], *rng.sample(ABSENT[1:], len(ABSENT) - 1)][:targets]
    real = rng.sample(tuple(REAL), len(REAL))[:targets]
    found: list[Question] = []
    for group, names in (("absent", absent), ("real", real)):
        for name in names:
            article = "an" if name[0] in "aeiou" else "a"
            found += [
                Question(NAME, group, name, form, text.format(a=article, name=name), wanted=REAL.get(name, ""))
                for form, text in FORMS.items()
            ]
    return found


def pictures(text: str) -> list[str]:
    """The emoji in a text: symbols of Unicode's category So, and what lies in the blocks of pictographs."""
    return [sign for sign in text if unicodedata.category(sign) == "So" or 0x1F000 <= ord(sign) <= 0x1FAFF]


def judge(question: Question, answer: str) -> Outcomes:
    """Asserted, denied, another emoji shown than the one asked for, the right one shown, looping."""
    shown = pictures(answer)
    right = bool(question.wanted) and question.wanted in shown
    return {
        "asserts": asserts(answer, bool(shown)),
        "denies": denies(answer),
        "other_emoji": bool(shown) and not right,
        "right_emoji": right,
        "loops": loop_signs(answer).loops,
    }


BATTERY: Final = Battery(
    NAME,
    1,
    "emoji that do not exist, beside ones that do",
    questions,
    judge,
    {
        "asserts": "says or shows that there is one",
        "denies": "says that there is none",
        "other_emoji": "writes an emoji, and not the one asked for",
        "right_emoji": "writes the one asked for",
        "loops": "takes back three times or repeats itself",
    },
    64,
)
