"""Texts made false on purpose: what a check must notice, with the place of the change.

In: a text that its source supports, the source, and for two kinds foreign material. Out: a `Corruption`, or None
where the text has nothing of the kind to change. Six kinds, each one edit:

    number      a number becomes another of about its size             12 masons -> 17 masons
    scale       a quantity is ten or a hundred times what it was       12 masons -> 120 masons
    name        a name becomes a name of another document              Florida -> Ravenna
    negation    a statement is denied, or a denial taken away          was built -> was not built
    relation    two names, or two content words, change places         Rome beat Carthage -> Carthage beat Rome
    invented    a sentence of another document is added

Deterministic: the choice follows from the text and the kind. It serves the corruption suite (`python
benchmarks/corruption.py`) and anyone who wants to know what their limits catch. Trade-off: rules for English that do
not parse; a "relation" of two words of a list ("bread and butter") says the same after the exchange, so recall of that
kind is bounded below one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from retold.core.fingerprint import digest
from retold.text.names import names
from retold.text.numbers import NumberMention, numbers
from retold.text.opposites import denies
from retold.text.sentences import sentences
from retold.text.words import STOP_WORDS, fold, word_spans

AUXILIARIES: Final = frozenset(
    "is are was were will would can could should must may might has have had does do did".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Corruption:
    """A text made false, and the range of it that is false (empty where something was taken away)."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Foreign:
    """What other documents give: names and sentences."""

    names: Sequence[str]
    sentences: Sequence[str]


Maker = Callable[[str, str, Foreign, random.Random], "tuple[str, int, int] | None"]


def _replace(text: str, start: int, end: int, new: str) -> tuple[str, int, int]:
    return text[:start] + new + text[end:], start, start + len(new)


def _digits(text: str) -> list[NumberMention]:
    """Numbers in digits, and nothing else in them but one point or commas."""
    return [
        mention
        for mention in numbers(text)
        if mention.text.replace(",", "").replace(".", "", 1).isdigit() and mention.text.isascii()
    ]


def _number(text: str, source: str, _: Foreign, pick: random.Random) -> tuple[str, int, int] | None:
    found = _digits(text)
    if not found:
        return None
    mention = pick.choice(found)
    known = {item.value for item in numbers(source)}
    for _try in range(20):
        at = pick.randrange(len(mention.text))
        if not mention.text[at].isdigit():
            continue
        digit = pick.choice([item for item in "123456789" if item != mention.text[at]])
        new = mention.text[:at] + digit + mention.text[at + 1 :]
        made = _replace(text, mention.start, mention.end, new)
        if not {item.value for item in numbers(new)} & known:
            return made
    return None


def _scale(text: str, source: str, _: Foreign, pick: random.Random) -> tuple[str, int, int] | None:
    found = [mention for mention in _digits(text) if "." not in mention.text and mention.text.strip("0,")]
    if not found:
        return None
    mention = pick.choice(found)
    new = mention.text + pick.choice(["0", "00"])
    if {item.value for item in numbers(new)} & {item.value for item in numbers(source)}:
        return None
    return _replace(text, mention.start, mention.end, new)


def _name(text: str, source: str, foreign: Foreign, pick: random.Random) -> tuple[str, int, int] | None:
    found = [mention for mention in names(text) if mention.text[0].isupper()]
    others = [name for name in foreign.names if name not in source]
    if not found or not others:
        return None
    mention = pick.choice(found)
    return _replace(text, mention.start, mention.end, pick.choice(others))


def _negation(text: str, _source: str, _foreign: Foreign, pick: random.Random) -> tuple[str, int, int] | None:
    spans = word_spans(text)
    denials = [span for span in spans if text[slice(*span)].lower() in ("not", "never")]
    if denials:
        start, end = pick.choice(denials)
        return text[:start].rstrip() + text[end:], start, start
    places = [
        end
        for at, (start, end) in enumerate(spans[:-1])
        if text[start:end] in AUXILIARIES
        and not denies(fold(text[slice(*spans[at + 1])]))
        and text[end : end + 1] == " "
    ]
    if not places:
        return None
    at = pick.choice(places)
    return text[:at] + " not" + text[at:], at + 1, at + 4


def _relation(text: str, _source: str, _foreign: Foreign, pick: random.Random) -> tuple[str, int, int] | None:
    start, end = pick.choice(sentences(text))
    sentence = text[start:end]
    found = [(mention.start, mention.end) for mention in names(sentence)]
    if len({sentence[slice(*span)] for span in found}) < 2:
        found = [
            span
            for span in word_spans(sentence)[1:]
            if len(sentence[slice(*span)]) > 3
            and sentence[slice(*span)].isalpha()
            and not _light(sentence[slice(*span)])
        ]
    pairs = [
        (one, other)
        for at, one in enumerate(found)
        for other in found[at + 1 :]
        if fold(sentence[slice(*one)]) != fold(sentence[slice(*other)])
    ]
    if not pairs:
        return None
    (a, b), (c, d) = pick.choice(pairs)
    made = sentence[:a] + sentence[c:d] + sentence[b:c] + sentence[a:b] + sentence[d:]
    return text[:start] + made + text[end:], start + a, start + d


def _light(word: str) -> bool:
    """Whether a word is no argument of anything: a function word, an adverb, code."""
    return fold(word) in STOP_WORDS or len(word) < 4 or word.endswith("ly") or not word.isalpha()


def _invented(text: str, source: str, foreign: Foreign, pick: random.Random) -> tuple[str, int, int] | None:
    others = [sentence for sentence in foreign.sentences if sentence not in source]
    if not others:
        return None
    new = pick.choice(others)
    start = len(text.rstrip()) + 1
    return f"{text.rstrip()} {new}", start, start + len(new)


KINDS: Final[dict[str, Maker]] = {
    "number": _number,
    "scale": _scale,
    "name": _name,
    "negation": _negation,
    "relation": _relation,
    "invented": _invented,
}


def corrupt(kind: str, text: str, source: str, foreign: Foreign) -> Corruption | None:
    """The text with one thing in it made false. Raises KeyError for an unknown kind."""
    pick = random.Random(digest("corruption", kind, text))
    made = KINDS[kind](text, source, foreign, pick) if text.strip() else None
    if made is None or made[0] == text:
        return None
    return Corruption(kind, *made)
