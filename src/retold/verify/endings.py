"""Words compared without their plural and verb endings.

`root("running") == root("runs") == root("run")`. In: a folded word. Out: a key, not a word, only good for comparing.
Plain string work in the order of the first step of Porter's stemmer (M. F. Porter, "An algorithm for suffix
stripping", 1980), and no further: "government" and "govern" stay two words. Irregular forms ("went") are not joined.
The cost of the merge is a rare false match: "caring" and "car" are one to it, and so are "hoping" and "hop".
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_VOWELS: Final = frozenset("aeiouyáéíóúàèìòùäëïöüâêîôûåæø")


def possessor(word: str) -> str:
    """The word without a possessive ending ("traders'" has lost its apostrophe when words were cut)."""
    return word.removesuffix("'s")


def singular(word: str) -> str:
    """The word without a plural ending, by spelling alone."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


@lru_cache(maxsize=1 << 14)
def root(word: str) -> str:
    """The key of a folded word: possessive, plural, -ed, -ing, final -e and a doubled last consonant taken off."""
    word = singular(possessor(word))
    for ending in ("ied", "ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) > 1 and any(letter in _VOWELS for letter in rest):
            word = rest + "y" if ending == "ied" else rest
            break
    if len(word) > 2 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in _VOWELS:
        word = word[:-1]
    return word
