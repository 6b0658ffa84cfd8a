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
_MARK_CODES = (
    "0300-036f 0483-0487 0591-05bd 05bf 05c1 05c2 05c4 05c5 05c7 0610-061a 064b-065f 0670 06d6-06dc 06df-06e4 06e7 "
    "06e8 06ea-06ed 0711 0730-074a 0816-082d 08d3-0903 093a-094f 0951-0957 0962 0963 0981-0983 09bc-09d7 0a01-0a03 "
    "0a3c-0a51 0a81-0a83 0abc-0acd 0b01-0b03 0b3c-0b57 0b82 0bbe-0bcd 0c00-0c04 0c3e-0c56 0c81-0c83 0cbc-0cd6 "
    "0d00-0d03 0d3b-0d4d 0d57 0d82 0d83 0dca-0ddf 0e31 0e34-0e3a 0e47-0e4e 0eb1 0eb4-0ebc 0ec8-0ece 0f71-0f84 "
    "102b-103e 17b4-17d3 200c 200d 20d0-20f0 fe20-fe2f "
)
_SOLO_CODES = "3040-30ff 3400-4dbf 4e00-9fff f900-faff"  # kana and Han: written without spaces


def _ranges(codes: str) -> tuple[tuple[int, int], ...]:
    pairs = [piece.split("-") for piece in codes.split()]
    return tuple((int(pair[0], 16), int(pair[-1], 16)) for pair in pairs)


MARK_RANGES, SOLO_RANGES = _ranges(_MARK_CODES), _ranges(_SOLO_CODES)
"""Code points, both ends included: marks that belong to the letter before them, and characters that are words."""

_MARKS, _SOLO = ("".join(f"{chr(low)}-{chr(high)}" for low, high in ranges) for ranges in (MARK_RANGES, SOLO_RANGES))
_RUN = rf"(?:[^\W{_SOLO}]++[{_MARKS}]*+)++"
_ONE = rf"\d++(?:[.,]\d++)++(?![^\W\d])|{_RUN}(?:['’]{_RUN})*+|[{_SOLO}]"
_WORD = re.compile(_ONE)
_TOKEN = re.compile(rf"{_ONE}|(\S)\1*+")

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


def tokens(text: str) -> list[str]:
    """The words of `text` and, between them, its symbols, in order: a run of one symbol ("...", "==") is one token."""
    return [match[0] for match in _TOKEN.finditer(text)]


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
