"""Texts that meet every rule of the filters, drawn from a seed: repeats, lists, counters, code, many scripts."""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import random

WORDS = """
the be to of and that have with a in is was one two three word words House garden Über naïve it's don't 3.14 42 1,000 x
y e.g. # ## … ... -- - • § © → == हिन्दी में यह वाक्य है 今天天气很好 قال الرجل слово дом LOUD OK SHOUTING
""".split()
_LINES = """
3 likes|1.2K followers!|- 1,5m  views|12 comments on this|12345|Read more...|See it. Read more...|Sign-in|١٢٣|   |\t|•
Sign-in to go on here|2 items in cart|items in cart|go items in cart items in cart now|This site uses cookies.|• a point
Our Privacy Policy says so.|Enable JavaScript to see this.|Lorem ipsum dolor sit.|if (x) { return y; }|- a dash|[1]
A citation [12] is cut out.|A heading [edit]|This is claimed. [citation needed]|That is all...|And so on …|यह वाक्य है।
He said "yes."|他说“好。”|هل هذا سؤال؟|  indented line.  |ALL OF THIS IS LOUD|One. Two! Three? Four.|e.g. this one.
Kelvin coo\u212aies: uses coo\u212aies here now.|Read items in cart more...|5 li\u212aes
"""
LINES = (*_LINES.strip("\n").replace("\n", "|").split("|"), "x" * 1_001 + " is long.")
BREAKS = ("\n", "\n", "\n", "\n\n", "\n\n\n", "\r\n", "\u2028", "\x85", "\x1c", "\f")
USUAL = 5


def sentence(source: random.Random) -> str:
    words = [source.choice(WORDS) for _ in range(source.randint(1, 14))]
    return " ".join(words) + source.choice((".", "!", "?", "", "...", "。", "…", '."'))


def text(source: random.Random) -> str:
    """A text of a few dozen lines, some of which stand more than once."""
    vocabulary = [sentence(source) for _ in range(source.randint(1, 12))]
    pieces: list[str] = []
    for _ in range(source.randint(0, 40)):
        drawn = source.random()
        if drawn < 0.35:
            pieces.append(source.choice(LINES))
        elif drawn < 0.7:
            pieces.append(source.choice(vocabulary))
        else:
            pieces.append(" ".join(source.choice(vocabulary) for _ in range(source.randint(1, 6))))
        pieces.append(source.choice(BREAKS[:USUAL] if source.random() < 0.9 else BREAKS))
    if pieces and source.random() < 0.8:
        pieces.pop()
    return "".join(pieces)


def texts(seed: int, count: int) -> list[str]:
    """So many texts, the same for the same seed."""
    source = random.Random(seed)
    return [text(source) for _ in range(count)]
