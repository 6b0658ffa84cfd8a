"""What is left of a text when case, punctuation and white space do not count: one table from code points to classes.

`folding(accents=True)` is an array over all code points: 0 parts words; SKIP belongs to no word and parts none (marks
of no letter of their own, apostrophes, soft hyphens); any other value is the folded letter, with SOLO set where each
character is a word by itself (Han, kana, and the scripts that are written without spaces). With `accents=False`
letters lose their diacritics ("é" is "e") and every digit is "0".

Kernels read the table (4 bytes a code point, 4.4 MB in memory, built once in about half a second); nothing here
touches a text. The folding is the simple one (one character to one character): "ß" stays, unlike `str.casefold`.
Categories and decompositions are those of the Unicode version that this Python carries, which is `UNICODE`.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

_LAST, _PLANE_14 = 0x32400, range(0xE0000, 0xE0200)
"""Nothing that makes words is assigned in between, nor after."""

UNICODE = unicodedata.unidata_version
BREAK = 0
SKIP = 1 << 30
SOLO = 1 << 31
LETTER = (1 << 21) - 1
"""The bits that hold the folded code point."""

DIGIT = ord("0")
_APOSTROPHES = (0x27, 0x2019, 0x02BC, 0xAD)
_DIACRITICS = range(0x300, 0x370)
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_WORD = "LNM"
"""The general categories whose characters make words: letters, numbers, marks."""


@lru_cache(maxsize=2)
def folding(*, accents: bool) -> npt.NDArray[np.uint32]:
    """The table, read-only, of shape (0x110000,)."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint32)
    for code in (*range(_LAST), *_PLANE_14):
        letter = chr(code)
        category = unicodedata.category(letter)
        if category[0] in _WORD:
            table[code] = _folded(letter, category, accents)
    for low, high in _UNSPACED:
        span = table[low : high + 1]
        span[(span != BREAK) & (span != SKIP)] |= np.uint32(SOLO)
    table[list(_APOSTROPHES)] = SKIP
    table.flags.writeable = False
    return table


def _folded(letter: str, category: str, accents: bool) -> int:
    if accents and category == "Lo":  # letters without case
        return ord(letter)
    lower = letter.lower()
    code = ord(lower) if len(lower) == 1 else ord(letter)
    if accents:
        return code
    if category == "Nd":
        return DIGIT
    if code in _DIACRITICS:
        return SKIP
    base = unicodedata.normalize("NFD", chr(code))
    return ord(base[0]) if all(ord(mark) in _DIACRITICS for mark in base[1:]) else code
