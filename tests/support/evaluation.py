"""Evaluation items and prose of our own, for tests."""

from __future__ import annotations

from random import Random

from retold.decontaminate.layouts import Item

ASKED = [
    ("A baker sells {a} loaves on Monday and half as many on Tuesday. Each loaf costs {b} dollars. How many dollars "
     "does the baker earn on both days?", "On Tuesday he sells {c} loaves, so with Monday that is what he earns."),
    ("A ferry carries {a} cars on each crossing and crosses the strait {b} times a day. How many cars does the ferry "
     "carry in a week of seven days?", "Every day the ferry carries {c} cars, and seven times as many in a week."),
    ("In a school garden {a} pupils each plant {b} tulips, but {c} tulips are eaten by hares. How many tulips are left "
     "in the garden for the spring?", "The pupils plant them all, the hares take {c} of them, and the rest is left."),
    ("A tailor needs {b} buttons for each of {a} coats, and finds only {c} buttons in the drawer. How many buttons "
     "must the tailor still buy?", "For all coats the tailor needs more than {c}, and buys the difference in town."),
]  # fmt: skip
FACTS = [
    ("Which metal is liquid at the temperature of a warm room?", "mercury", ("mercury", "iron", "copper", "lead")),
    ("Which organ of a fish takes oxygen out of the water?", "the gills", ("the gills", "the fins", "the scales")),
    ("What do bees carry from flower to flower on their legs?", "pollen", ("pollen", "wax", "honey", "nectar")),
    ("Why does the moon look brighter than any star at night?", "It is much nearer to us.",
     ("It is much nearer to us.", "It burns hotter.", "It is larger than the sun.")),
]  # fmt: skip
WORDS = """
harbour winter keeper lighthouse weather father storm wall boats summer quiet morning letter road village bridge river
market stone window winter bread copper garden tower clock thunder meadow orchard kitchen lantern rope the a of and in
on with under over before after while never often slowly again there then it was had his her they
""".split()  # noqa: SIM905


def items() -> list[Item]:
    """Forty sums and four facts."""
    found = []
    for number in range(40):
        question, answer = ASKED[number % len(ASKED)]
        values = {"a": 12 + 7 * number, "b": 3 + number % 9, "c": 5 + 2 * number}
        found.append(Item("sums", f"line {number + 1}", question.format(**values), answer.format(**values)))
    for number, (question, answer, choices) in enumerate(FACTS, 1):
        found.append(Item("facts", f"line {number}", question, answer, choices))
    return found


def prose(random: Random, sentences: int = 40) -> str:
    """Sentences of our words, in paragraphs: nothing that an item holds."""
    lines = []
    for _ in range(sentences):
        words = random.choices(WORDS, k=random.randrange(6, 16))
        lines.append(" ".join(words).capitalize() + ".")
    return "\n\n".join(" ".join(lines[at : at + 4]) for at in range(0, len(lines), 4))
