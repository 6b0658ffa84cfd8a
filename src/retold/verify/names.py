"""Names: every name of a retelling is in its source.

In: a source and a retelling. Out: `names` (mentions), `unsupported_names` (mentions with a word that is nowhere in
the passage, its heading or its title), and a mark on exactly the missing words. Names are found by
`retold.text.names`: runs of capitalised words, acronyms, identifiers of code. They are compared folded, with or
without plural and possessive ending; "U.S." is "US", and the people of a place are the place ("Chinese", "China").
Each word of a name is looked up by itself, so "Katiwachek" in "Hurricane Katiwachek" is what is marked; the price is
that a name made of two true halves ("George Bush" out of George Washington and Kate Bush) passes.

A word that begins a sentence is a name only where the retelling also writes it with a capital inside a sentence, or
gives it a possessive ending and the source has no such word at all: without a dictionary "Napoleon" and "People" look
the same there, and to refuse good English costs more than it saves. Such a word still counts against `support`
(`drift.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from retold.core.document import Mark
from retold.text.names import NameMention
from retold.text.names import names as mentions
from retold.text.words import STOP_WORDS, fold
from retold.verify.check import Check
from retold.verify.endings import possessor, root, singular
from retold.verify.source import Measured, SourceText, cut

_PEOPLE: Final = ("ian", "ean", "ese", "ish", "an", "i", "n")
_STEM: Final = 4
"""Letters that a place and its people share at least, and at most three more: "China" and "Chinese"."""


def _of_one_place(one: str, other: str) -> bool:
    """Whether one word is a place and the other its people, by spelling: "Canada" and "Canadian"."""
    if one[:_STEM] != other[:_STEM]:
        return False
    for people, place in ((one, other), (other, one)):
        for ending in _PEOPLE:
            stem = people.removesuffix(ending)
            if stem != people and len(stem) >= _STEM and place.startswith(stem) and len(place) - len(stem) <= 3:
                return True
    return False


def _known(source: SourceText, name: str) -> bool:
    """Whether the source has this name (one token, no spaces), as a word or as a piece of code."""
    folded = fold(name)
    if not any(sign.isalnum() for sign in folded):
        return True  # the gap of a cloze, not an identifier
    bare = possessor(folded)
    if not {bare, singular(bare)}.isdisjoint(source.names) or source.stands(folded):
        return True
    letters = bare.replace(".", "")
    if len(letters) * 2 >= len(bare) + 1 and 2 <= len(letters) <= 5:
        return letters.upper() in source.spelled if "." in bare else source.stands(".".join(letters))
    if name[:1].isupper() and any(_of_one_place(bare, word) for word in source.names):
        return True
    parts = bare.split("-")
    return len(parts) > 1 and all(part in source.names for part in parts)


def _adverb(word: str) -> bool:
    """Whether a lone capitalised word is an adverb that begins a sentence after an abbreviation ("El Al. Lately")."""
    return word.endswith("ly") and word[1:].islower() and len(word) > 5


def _tokens(mention: NameMention) -> Iterator[tuple[int, int, str]]:
    """The words of a name with their places in the text."""
    at = 0
    for token in mention.text.split():
        at = mention.text.index(token, at)
        yield mention.start + at, mention.start + at + len(token), token
        at += len(token)


def _missing(source: SourceText, mention: NameMention) -> Iterator[Mark]:
    """Marks on the words of a name that the source has not; neighbours are one mark."""
    start = end = -1
    for first, last, token in _tokens(mention):
        known = _known(source, token) or (mention.text == token and _adverb(token))
        if not known:
            start, end = (first if start < 0 else start), last
        if known and start >= 0:
            yield Mark(start, end, "name_not_in_source")
            start = -1
    if start >= 0:
        yield Mark(start, end, "name_not_in_source")


def _openers(source: SourceText, output: str, taken: set[int]) -> Iterator[Mark]:
    """Possessives at the beginning of sentences whose word the source has in no form."""
    text = cut(output)
    for at, last in text.sentence_words:
        if at == last or text.spans[at][0] in taken:
            continue
        start = text.spans[at][0]
        bare = possessor(text.folded[at])
        if (
            not output[start].isupper()
            or bare == text.folded[at]
            or {bare, text.folded[at]} & STOP_WORDS
            or root(bare) in source.roots
        ):
            continue
        yield Mark(start, start + len(bare), "name_not_in_source")


def names(source: SourceText, output: str) -> Measured:
    """Name mentions of the retelling, and those that the source does not have; never raises."""
    found = mentions(output)
    marks: list[Mark] = []
    unsupported = 0
    for mention in found:
        missing = list(_missing(source, mention))
        unsupported += bool(missing)
        marks += missing
    openers = list(_openers(source, output, {mention.start for mention in found}))
    return {
        "names": float(len(found) + len(openers)),
        "unsupported_names": float(unsupported + len(openers)),
    }, marks + openers


CHECK: Final = Check(
    name="names",
    measure=names,
    signals=("names", "unsupported_names"),
    reasons=("name_not_in_source",),
    microseconds=75,
    gain=0.043,
    terms=(("unsupported_names", "count"),),
)
