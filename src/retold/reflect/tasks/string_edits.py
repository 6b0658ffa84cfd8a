"""A word that is edited letter by letter, a few edits in a row.

A step is `reverse: enots`. Slips: two letters swapped, a letter lost, an edit that is passed over, another edit. The
edits are a closed list that the question names in order.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from retold.reflect.item import Slip, Solution, Step, Task, Wording
from retold.reflect.wording import Grammar, say

# fmt: off
WORDS: Final = (
    "stone", "river", "candle", "market", "basket", "window", "garden", "silver", "button", "pepper", "ladder",
    "saddle", "thunder", "blanket", "feather", "marble", "copper", "kettle", "lantern", "meadow", "anchor", "barrel",
    "cotton", "dragon", "engine", "falcon", "guitar", "hammer", "island", "jacket", "kitten", "lemon", "magnet",
    "needle", "orange", "pillow", "quartz", "ribbon", "salmon", "tunnel", "velvet", "walnut", "yellow", "zipper",
    "bridge", "castle", "donkey", "elbow", "forest", "ginger",
)
# fmt: on
LEVEL: Final = {1: (2, 2), 2: (2, 3), 3: (3, 5)}
EDITS: Final[dict[str, Callable[[str], str]]] = {
    "reverse": lambda word: word[::-1],
    "drop the first letter": lambda word: word[1:],
    "drop the last letter": lambda word: word[:-1],
    "double the first letter": lambda word: word[0] + word,
    "double the last letter": lambda word: word + word[-1],
    "move the first letter to the end": lambda word: word[1:] + word[0],
    "move the last letter to the front": lambda word: word[-1] + word[:-1],
    "swap the first two letters": lambda word: word[1] + word[0] + word[2:],
    "remove every e": lambda word: word.replace("e", ""),
    "write o for a": lambda word: word.replace("a", "o"),
}
"""Every edit by its name; no name is part of another."""

QUESTION: Final[Grammar] = {
    "question": (
        '{take} "{word}": {edits}. {what}',
        'The word is "{word}". {do}: {edits}. {what}',
        'With "{word}", {edits}. {what}',
        'What becomes of "{word}" after this: {edits}?',
        '"{word}": {edits}. {what}',
        'Edit "{word}" like this: {edits}.',
        'Given "{word}", {edits}, in this order. {what}',
        '{do} this to "{word}": {edits}.',
    ),
    "take": ("Take", "Start from", "Begin with", "Use", "Write", "Spell"),
    "do": ("Do", "Apply", "Carry out", "Now do"),
    "what": ("What is left?", "What comes out?", "Which letters stand there?", "The result?", "What does it read?"),
}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A word and its edits, each of which changes it."""
    word = rng.choice(WORDS)
    wanted = rng.randint(*LEVEL[level])
    names: list[str] = []
    steps: list[Step] = []
    now = word
    while len(names) < wanted:
        name = rng.choice(tuple(EDITS))
        after = EDITS[name](now)
        if after == now or len(after) < 4 or name in names:
            continue
        steps.append(Step(f"{name}: {after}", _slips(rng, name, now, after)))
        names.append(name)
        now = after
    facts = {"word": word, "edits": ", ".join(names)}
    question = f'"{word}": {facts["edits"]}' if wording == "plain" else say(rng, QUESTION, "question", facts)
    return Task("string_edits", question, tuple(steps), now)


def _slips(rng: Random, name: str, before: str, after: str) -> tuple[Slip, ...]:
    at = rng.randrange(len(after) - 1)
    other = EDITS[rng.choice([each for each in EDITS if each != name])](before)
    wrong = {
        "swapped": after[:at] + after[at + 1] + after[at] + after[at + 2 :],
        "lost": after[:at] + after[at + 1 :],
        "skipped": before,
        "other_edit": other,
    }
    return tuple(Slip(kind, f"{name}: {text}") for kind, text in wrong.items() if text != after)


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text: letters in a list, edits in the order of their names."""
    letters = list(question.split('"')[1])
    rest = question.replace('"', " ")
    named = sorted((place, name) for name in EDITS if (place := rest.find(name)) >= 0)
    lines: list[str] = []
    for _, name in named:
        letters = _apply(letters, name)
        lines.append(f"{name}: {''.join(letters)}")
    return Solution(tuple(lines), "".join(letters))


def _apply(letters: list[str], name: str) -> list[str]:
    first, last, *_ = letters[0], letters[-1]
    if name == "reverse":
        return list(reversed(letters))
    if name.startswith("drop"):
        return letters[1:] if "first" in name else letters[:-1]
    if name.startswith("double"):
        return [first, *letters] if "first" in name else [*letters, last]
    if name.startswith("move"):
        return [*letters[1:], first] if "first" in name else [last, *letters[:-1]]
    if name.startswith("swap"):
        return [letters[1], first, *letters[2:]]
    if name.startswith("remove"):
        return [letter for letter in letters if letter != "e"]
    return ["o" if letter == "a" else letter for letter in letters]
