"""Numbers spelled out in English: from words to values.

`runs` finds neighbouring number words, `read` cuts a run into numbers: "one hundred and twenty-five thousand" is
one number, "one two three" and "two and three" are several, "nineteen ninety-nine" is a year. Cardinals to
trillions, ordinals, dozens.

Trade-off: a dictionary of 73 words and one pass; "five and twenty" and "three point two" are not read.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import re
from collections.abc import Iterator

SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
"""Words that multiply what stands before them."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_CARDINALS = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=1,
    )
} | {word[:-1] + "ieth": 10 * value for value, word in enumerate(_TENS, start=2)}
_MULTIPLIERS = SCALES | {word + "th": value for word, value in SCALES.items()} | {"dozen": 12}
_PLAIN = _CARDINALS | _ORDINALS
_LAST = frozenset(_ORDINALS) | {word + "th" for word in SCALES} | {"dozen"}  # words that end a number

_WORDS = frozenset(_PLAIN) | frozenset(_MULTIPLIERS)

_LETTERS = re.compile(r"[A-Za-z]++")
_GAP = re.compile(r"(?:\s{1,3}|[-‐]|\s{1,3}(and)\s{1,3})\Z", re.IGNORECASE)

Run = list[tuple[int, int]]


def suffixed(value: str) -> str:
    """The ordinal of a written whole number: 1 -> 1st, 2 -> 2nd, 11 -> 11th."""
    if value[-2:] in ("11", "12", "13"):
        return value + "th"
    return value + {"1": "st", "2": "nd", "3": "rd"}.get(value[-1], "th")


def runs(text: str) -> Iterator[Run]:
    """Spans of number words that stand side by side (over a space, a hyphen or "and"), run by run."""
    run: Run = []
    if _WORDS.isdisjoint(_LETTERS.findall(text.lower())):
        return
    for match in _LETTERS.finditer(text):
        lower = match.group().lower()
        if lower not in _WORDS:
            continue
        start, end = match.span()
        if text[end : end + 1].isalnum() or text[end : end + 1] == "_":
            continue
        if start and (text[start - 1].isalnum() or text[start - 1] in "_."):
            continue
        if run and not _GAP.match(text, run[-1][1], start):
            yield run
            run = []
        run.append((start, end))
    if run:
        yield run


def read(text: str, run: Run) -> Iterator[tuple[Run, int, bool]]:
    """The numbers in a run: the spans of their words, the value, and whether it is an ordinal."""
    at = 0
    while at < len(run):
        words = [text[start:end].lower() for start, end in run[at : at + 12]]
        joints = [""]
        for (_, left), (right, _) in zip(run[at : at + 12], run[at + 1 : at + 12], strict=False):
            joints.append(text[left:right].strip().lower())
        size, value = _longest(words, joints)
        yield run[at : at + size], value, words[size - 1] in _LAST and words[size - 1] != "dozen"
        at += size


def _longest(words: list[str], joints: list[str]) -> tuple[int, int]:
    """How many words from the first on make one number (at least one), and its value."""
    total, current, ceiling = 0, 0, 10**15
    for index, (word, joint) in enumerate(zip(words, joints, strict=True)):
        scale = _MULTIPLIERS.get(word, 0)
        if scale:
            fits = not index or (joint != "and" and current > 0 and (current < 100 or scale > 100) and scale < ceiling)
            if not fits:
                return index, total + current
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current, ceiling = total + current, 0, scale
        else:
            if index and not _adds(words[index - 1], joint, current, total, _PLAIN[word], index):
                return index, total + current
            year = index == 1 and 10 < current < 100 and _PLAIN[word] >= 10
            current = current * 100 + _PLAIN[word] if year else current + _PLAIN[word]
        if word in _LAST:
            return index + 1, total + current
    return len(words), total + current


def _adds(above: str, joint: str, current: int, total: int, value: int, index: int) -> bool:
    """Whether a plain word goes on a number: after tens, after hundreds or a scale, or as the second half of a year."""
    if value == 0:
        return False
    if above in _MULTIPLIERS:
        return value < 100
    if joint == "and":
        return False
    units_after_tens = value < 10 and current % 100 in range(20, 100, 10)
    year = index == 1 and total == 0 and 10 < current < 100 and value >= 10
    return units_after_tens or year
