"""How an answer to "is there such a thing?" is read: it asserts, it denies, or neither. Rules that anyone can read.

A denial is one of a closed list of English phrases, or the word "no" at the beginning. An assertion is "yes" at the
beginning, or whatever the battery counts as showing the thing, without a denial. Everything else is neither.
"""

from __future__ import annotations

from typing import Final

DENIALS: Final = (
    "there is no",
    "there isn't",
    "there is not",
    "there are no",
    "there's no",
    "does not exist",
    "doesn't exist",
    "do not exist",
    "don't exist",
    "no such",
    "is not a real",
    "isn't a real",
    "is not an",
    "is not a",
    "isn't an",
    "isn't a",
    "not in the list",
    "not a valid",
    "not assigned",
    "not an official",
    "does not have",
    "doesn't have",
    "has no",
    "is fictional",
    "a fictional",
    "nothing is called",
    "i'm not aware",
    "i am not aware",
    "there is none",
    "could not find",
    "couldn't find",
    "unable to find",
)


def first_word(text: str) -> str:
    """The first word, without case and punctuation."""
    words = text.split(maxsplit=1)
    return words[0].strip(".,:;!?*\"'").lower() if words else ""


def denies(text: str) -> bool:
    """Whether the answer says that there is none."""
    plain = " ".join(text.lower().replace("’", "'").split())
    return first_word(text) == "no" or any(phrase in plain for phrase in DENIALS)


def asserts(text: str, shown: bool) -> bool:
    """Whether the answer says or shows that there is one. `shown`: it holds what the battery takes for the thing."""
    return not denies(text) and (first_word(text) == "yes" or shown)
