"""`passage_review`: a retelling of a real passage is read against it; a claim that we planted is found and corrected.

Unlike the builders of `builders/`, it speaks of text that is there: passages of a part and their kept retellings. In
half of the items one claim is planted: a number or a name is exchanged (`verify/corrupt.py`), or a sentence of another
document is added. The label is known because we planted it, and the item says so only where it can be seen from the
text: the planted sentence has a number or a name that the passage has not, and no other sentence has one. What no
number and no name gives away (a retelling that exchanges two true things) stays unseen here as it does in `verify`.
The planted sentence is marked, so that a student reads it without being trained to write it.

In: a `Told` and what other documents give. Out: an `Item`, or None where the retelling is no plain prose of two to
eight sentences (a cloze with gaps is none), the passage is too long, or nothing in it can be made false.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from retold.core.document import Span, Stretch
from retold.reflect.builders.grounded_review import WORDS
from retold.reflect.item import Item, Wording
from retold.reflect.trace import randomness
from retold.reflect.wording import say
from retold.text.sentences import sentences
from retold.verify.corrupt import Foreign, corrupt
from retold.verify.names import names
from retold.verify.numbers import numbers
from retold.verify.source import SourceText

NAME: Final = "passage_review"
VERSION: Final = 2
SUMMARY: Final = "A retelling of a passage of the part read against it: a planted claim found, or none."
SOURCE, RETELLING = "Source:\n", "\n\nRetelling:\n"
LONGEST: Final = 3000
"""Characters of a passage."""
GAP: Final = "____"
TRIES: Final = 12
"""Sentences of other documents that are tried until one has something that the passage has not."""
FEWEST, MOST, WORDS_AT_LEAST = 2, 8, 4
ENDS: Final = (".", "!", "?")
KINDS: Final = ("number", "name", "added")


@dataclass(frozen=True, slots=True)
class Told:
    """A kept retelling, what it retells, and what is inherited from there."""

    retelling_id: str
    text: str
    passage: str
    spans: tuple[Span, ...]
    source: str
    title: str
    licence: str

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents that it retells."""
        return tuple(dict.fromkeys(span.document_id for span in self.spans))


def make(told: Told, foreign: Foreign, seed: int, wording: Wording) -> Item | None:
    """The review of a retelling, with a planted claim in half of the cases."""
    rng = randomness(NAME, seed, told.retelling_id)
    right = claims(told.text)
    passage = told.passage.strip()
    if not right or not passage or len(passage) > LONGEST or RETELLING in passage or GAP in told.text:
        return None
    source = SourceText(passage)
    if any(loose(source, sentence) for sentence in right):
        return None
    shown, planted, slip = list(right), "", ""
    if rng.random() < 0.5:
        found = _planted(rng, source, right, foreign)
        if found is None:
            return None
        slip, shown, planted = found
    ask = WORDS["ask"][0] if wording == "plain" else say(rng, WORDS, "ask")
    before = f"{SOURCE}{passage}{RETELLING}"
    prompt = f"{before}{' '.join(shown)}\n\n{ask}\n"
    if not planted:
        return Item(NAME, NAME, prompt, prompt + say(rng, WORDS, "fine") + "\n", "supported")
    noticed = say(rng, WORDS, "found")
    text = f'{prompt}{noticed}"{planted}"\n{say(rng, WORDS, "corrected")}{" ".join(right)}\n'
    start = len(before) + len(" ".join(shown[: shown.index(planted)])) + bool(shown.index(planted))
    mask = (Stretch(start, start + len(planted)),)
    return Item(NAME, NAME, prompt, text, planted, masked=mask, slip=slip, notice=noticed)


def loose(source: SourceText, sentence: str) -> bool:
    """Whether a sentence has a number or a name that the passage has not."""
    return bool(numbers(source, sentence)[1] or names(source, sentence)[1])


def evident(source: SourceText, sentence: str) -> bool:
    """The same, but for numbers that count more than they say ("one longer than"): what a planted claim must have."""
    return bool(numbers(source, sentence)[0]["unsupported_figures"] or names(source, sentence)[1])


def claims(text: str) -> list[str]:
    """The sentences of a retelling, of paragraphs and list items, without headings; nothing where it is no prose."""
    lines = [line.strip().removeprefix("- ").removeprefix("* ") for line in text.split("\n")]
    return _prose(" ".join(line for line in lines if line.endswith(ENDS)))


def _prose(text: str) -> list[str]:
    """The sentences of plain prose on one line; nothing where it is something else."""
    joined = " ".join(text.split())
    found = [joined[start:end] for start, end in sentences(joined)]
    plain = all(len(one.split()) >= WORDS_AT_LEAST and one.endswith(ENDS) for one in found)
    return found if plain and FEWEST <= len(found) <= MOST and " ".join(found) == joined else []


def _planted(rng: Random, source: SourceText, right: list[str], foreign: Foreign) -> tuple[str, list[str], str] | None:
    """(kind of error, the sentences with the planted claim, that claim); None where every kind fails."""
    for kind in rng.sample(KINDS, len(KINDS)):
        for at in rng.sample(range(len(right)), len(right)):
            planted = _claim(rng, kind, source, right[at], foreign)
            shown = [*right[: at + (kind == "added")], planted, *right[at + 1 :]]
            if planted and planted not in right and _prose(" ".join(shown)) == shown and evident(source, planted):
                return kind, shown, planted
    return None


def _claim(rng: Random, kind: str, source: SourceText, sentence: str, foreign: Foreign) -> str:
    """A claim in place of a sentence or after it; "" where there is none of this kind."""
    if kind == "added":
        tried = rng.sample(foreign.sentences, min(TRIES, len(foreign.sentences)))
        return next((one for one in tried if evident(source, one)), "")
    made = corrupt(kind, sentence, source.text, foreign)
    return "" if made is None else made.text


def verify(item: Item) -> str:
    """The reason for refusal, or "". It takes nothing but the text and its mark."""
    head, _, body = item.text.partition(item.prompt)
    passage, parted, rest = item.prompt.removeprefix(SOURCE).partition(RETELLING)
    told, _, ask = rest.removesuffix("\n").partition("\n\n")
    if head or not item.prompt.startswith(SOURCE) or not parted or ask not in WORDS["ask"]:
        return "prompt_changed"
    source, lines, shown = SourceText(passage), body.removesuffix("\n").split("\n"), _prose(told)
    wrong = [sentence for sentence in shown if loose(source, sentence)]
    if not item.masked:
        return "claim_unmarked" if wrong or not shown or len(lines) != 1 or lines[0] not in WORDS["fine"] else ""
    planted = item.text[item.masked[0].start : item.masked[0].end]
    if (
        wrong != [planted]
        or not evident(source, planted)
        or len(item.masked) > 1
        or item.masked[0].end > len(item.prompt)
    ):
        return "claim_unmarked"
    if len(lines) != 2 or lines[0] not in [f'{found}"{planted}"' for found in WORDS["found"]]:
        return "not_one_correction"
    lead = next((said for said in WORDS["corrected"] if lines[1].startswith(said)), None)
    if lead is None:
        return "words_unknown"
    corrected, at = _prose(lines[1].removeprefix(lead)), shown.index(planted)
    if not corrected or any(loose(source, sentence) for sentence in corrected):
        return "answer_wrong"
    kept = corrected[:at] == shown[:at] and shown[at + 1 :] in (corrected[at:], corrected[at + 1 :])
    return "" if kept and len(corrected) - len(shown) in (0, -1) else "step_wrong"
