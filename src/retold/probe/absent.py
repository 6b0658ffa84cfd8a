"""The battery `absent`: members of closed lists that do not exist, asked for like ones that do.

Lists, questions and names are those of `reflect/registries`: chemical elements, chess squares, country codes, Unicode
names. An answer is right about a real member where it holds what the list says of it.
"""

from __future__ import annotations

from typing import Final

from retold.probe.battery import Battery, Outcomes, Question
from retold.probe.existence import denies
from retold.probe.loops import loop_signs
from retold.reflect.registries import REGISTRIES
from retold.reflect.trace import randomness
from retold.reflect.wording import say

NAME: Final = "absent"


def questions(seed: int, targets: int) -> list[Question]:
    """`targets` absent and as many real members, the lists in turn, each asked in one wording of its grammar."""
    found: list[Question] = []
    lists = tuple(REGISTRIES.values())
    for group in ("absent", "real"):
        for at in range(targets):
            registry = lists[at % len(lists)]
            rng = randomness("probe absent", seed, group, at)
            name = registry.absent(rng) if group == "absent" else rng.choice(tuple(registry.members))
            wanted = "" if group == "absent" else registry.members[name]
            asked = say(rng, registry.grammar, "ask", {"name": name})
            found.append(Question(NAME, group, f"{registry.name}: {name}", registry.name, asked, wanted=wanted))
    return found


def judge(question: Question, answer: str) -> Outcomes:
    """Asserted (an answer without a denial), denied, right about a real member, looping."""
    denied = denies(answer)
    words = {word.strip(".,:;!?*\"'()").lower() for word in answer.split()}
    wanted = question.wanted.lower()
    right = bool(wanted) and not denied and (wanted in words or (" " in wanted and wanted in answer.lower()))
    return {
        "asserts": bool(answer.strip()) and not denied,
        "denies": denied,
        "right": right,
        "loops": loop_signs(answer).loops,
    }


BATTERY: Final = Battery(
    NAME,
    1,
    "members of closed lists that do not exist, beside ones that do",
    questions,
    judge,
    {
        "asserts": "answers as if there were one",
        "denies": "says that there is none",
        "right": "says what the list says of a real member",
        "loops": "takes back three times or repeats itself",
    },
    64,
)
