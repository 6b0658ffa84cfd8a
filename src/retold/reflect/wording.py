"""Wording by a small grammar, so that no phrase becomes a template that a model repeats out of habit.

In: a grammar (name to alternatives, `{name}` within an alternative stands for one of that name), facts, and a source
of random numbers. Out: one of its sentences. Facts are put in as they stand and never read as grammar, so braces and
whatever else a text holds are safe in them. An alternative is drawn with equal probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from string import Formatter
from typing import Final

Grammar = Mapping[str, Sequence[str]]
_FORMATTER: Final = Formatter()


def say(rng: Random, grammar: Grammar, start: str, facts: Mapping[str, str] | None = None) -> str:
    """A sentence of the grammar. Raises KeyError for a name that is neither a rule nor a fact."""
    known = facts or {}
    return _expand(rng, grammar, rng.choice(grammar[start]), known)


def _expand(rng: Random, grammar: Grammar, template: str, facts: Mapping[str, str]) -> str:
    written: list[str] = []
    for literal, name, _, _ in _FORMATTER.parse(template):
        written.append(literal)
        if name is None:
            continue
        if name in facts:
            written.append(facts[name])
        else:
            written.append(_expand(rng, grammar, rng.choice(grammar[name]), facts))
    return "".join(written)


def capital(sentence: str) -> str:
    """The sentence with a capital letter at its beginning."""
    return sentence[:1].upper() + sentence[1:]


ASK: Final[Grammar] = {
    "opening": ("", "", "", "Step by step.", "In steps:", "One step at a time.", "The steps:", "Here is the work."),
    "first": ("", "", "", "First, ", "To begin: ", "Start: "),
    "next": ("", "", "", "", "Then ", "Next: ", "Now ", "After that, ", "And "),
    "answer": ("Answer: ", "The answer: ", "Result: ", "So the answer is ", "The answer is ", "It is ", "That makes "),
}
"""Words around the lines of a trace. An answer ends its text; nothing stands behind it but a full stop."""

NOTICE: Final[Grammar] = {
    "notice": (
        "{doubt} {fault} {again}",
        "{fault} {again}",
        "{fault} {again}",
        "{doubt} {again}",
        "{look}: {fault} {again}",
        "{look} shows a slip. {again}",
        "{look} gives something else. {again}",
    ),
    "doubt": (
        "Wait.",
        "Hmm.",
        "No.",
        "Hold on.",
        "Careful.",
        "Not so fast.",
        "That looks off.",
        "Something is wrong here.",
        "This cannot be.",
        "I doubt that.",
        "Stop.",
        "A second look is needed.",
    ),
    "fault": (
        "That line is wrong.",
        "The last line has a mistake.",
        "The line above does not hold.",
        "An error went in just now.",
        "That last result is not right.",
        "What I just wrote is false.",
        "There is a slip in that step.",
        "That step went wrong.",
        "The value above is not correct.",
        "That was a mistake.",
        "I made an error there.",
        "The step before this one fails.",
    ),
    "look": (
        "Checking the line above",
        "Going over that step",
        "Doing the step again",
        "Reading it once more",
        "Testing the last result",
        "A check of that step",
        "Comparing with the line before",
        "Working it out afresh",
    ),
    "again": (
        "Corrected:",
        "It should be:",
        "Right is:",
        "Once more:",
        "The right line:",
        "Instead:",
        "Done again:",
        "In truth:",
        "Put right:",
        "The step again:",
    ),
}
"""How an error is noticed, in one breath; the corrected line follows."""

LATE: Final[Grammar] = {
    "notice": (
        "{doubt} {fault} {again}",
        "{fault} {again}",
        "{fault} {again}",
        "{doubt} {again}",
        "{look}: {fault} {again}",
    ),
    "doubt": NOTICE["doubt"],
    "fault": (
        "The mistake is two lines back.",
        "Two lines above there is an error, and it went into the last one.",
        "The last two lines are wrong.",
        "An error two steps ago has been carried on.",
        "What the last line begins with is false already.",
        "The last two results do not hold.",
        "The slip is not in the last line but in the one before.",
        "Both of the last lines have to go.",
    ),
    "look": ("Going back", "Looking back two lines", "Reading from the top", "Checking both lines", "Starting over"),
    "again": (
        "From there:",
        "Corrected:",
        "Both again:",
        "Done again:",
        "Right is:",
        "The two lines again:",
        "Put right:",
    ),
}
"""How an error is noticed after one more line."""

CONFIRM: Final[Grammar] = {
    "confirm": ("{look}: {fine}", "{fine}"),
    "look": (
        "Checking the line above",
        "Going over that step",
        "Doing the step again",
        "Reading it once more",
        "Testing the last result",
        "A check of that step",
    ),
    "fine": (
        "it holds.",
        "that is right.",
        "no slip there.",
        "the line is correct.",
        "it is as it should be.",
        "the value stands.",
        "same result.",
        "nothing to change.",
    ),
}
"""How a right line is looked at and left as it is."""

PLAIN_NOTICES: Final = ("Wrong. Again:", "No. It is:", "Error. Right:", "Not right. Fix:")
"""For small students: few words, still more than one."""
