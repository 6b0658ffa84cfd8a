"""Words of any script, the function words of English, and n-grams.

A word is a run of letters, digits and underscores, with the accents that belong to it, joined over apostrophes
("don't") and, between digits, over "." and "," ("3.14"). Hyphens part words. Scripts written without spaces (Han,
kana) give one word per character, so that lengths and n-grams mean something there too; Thai and Khmer are not
segmented.

Trade-off: one compiled expression and no dictionary, about 11 million characters a second; the price is that "U.S."
is two words and that unsegmented scripts are coarse.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Combining marks are no word characters for `re`; without them Hindi words, and decomposed accents, would shatter.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u0816-\u082d\u08d3-\u0903\u093a-\u094f"
    "\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd"
    "\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d82\u0d83\u0dca-\u0ddf\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc"
    "\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3\u200c\u200d\u20d0-\u20f0\ufe20-\ufe2f"
)
_SOLO = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana and Han: written without spaces
_RUN = rf"(?:[^\W{_SOLO}]++[{_MARKS}]*+)++"
_WORD = re.compile(rf"\d++(?:[.,]\d++)++(?![^\W\d])|{_RUN}(?:['’]{_RUN})*+|[{_SOLO}]")

STOP_WORDS: frozenset[str] = frozenset(
    """
    a about above across after again against all almost alone along already also although always am among an and
    another any anybody anyone anything anywhere are aren't around as at be became because become becomes been before
    behind being below beneath beside besides between beyond both but by can can't cannot could couldn't did didn't do
    does doesn't doing don't done down during each either else even ever every everybody everyone everything
    everywhere few for from further had hadn't has hasn't have haven't having he he's her here hers herself him
    himself his how however i i'd i'll i'm i've if in indeed instead into is isn't it it's its itself just least less
    let let's many may me might mine more moreover most much must mustn't my myself neither never nevertheless no
    nobody none nonetheless nor not nothing now of off often on once one only onto or other others otherwise ought our
    ours ourselves out over own per perhaps quite rather same shall she she's should shouldn't since so some somebody
    someone something sometimes somewhere still such than that that's the their theirs them themselves then there
    there's therefore these they they're this those though through throughout thus to together too toward towards
    under unless until up upon us very via was wasn't we we're we've were weren't what whatever when whenever where
    whereas wherever whether which whichever while who whoever whom whose why will with within without won't would
    wouldn't yet you you'd you'll you're you've your yours yourself yourselves
    """.split()
)
"""English function words, folded: what carries grammar and no topic."""


def words(text: str) -> list[str]:
    """The words of `text` in order, case kept."""
    return _WORD.findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of `text` are: character spans, in order, `text[start:end]` being the word."""
    return [match.span() for match in _WORD.finditer(text)]


def fold(word: str) -> str:
    """One form for all spellings in case: case-folded, accents kept and composed, apostrophes straight."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word.replace("’", "'").casefold())


def content_words(text: str) -> list[str]:
    """The folded words of `text` that are not function words, in order, repeats kept."""
    return [folded for folded in map(fold, words(text)) if folded not in STOP_WORDS]


def ngrams(items: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of `n` neighbours; empty if there are fewer than `n` items. Raises ValueError for n < 1."""
    if n < 1:
        raise ValueError(f"an n-gram has at least one item, not {n}")
    return [tuple(items[index : index + n]) for index in range(len(items) - n + 1)]
