"""What each Unicode character is: one table of bits over all code points, for compiled code that reads text.

`classes()` gives 16 bits for each of the 1,114,112 code points (2.2 MB, made once in a process in about 0.2 s). The
bits follow this Python's Unicode (`UNICODE`), and mean exactly what the methods of `str` and `text/words.py` mean, so
that a slow reference in Python gives the same answers. The marks that end a sentence are not in Python: they are the
property Sentence_Terminal of Unicode 16 (PropList.txt), 159 characters in all scripts, from "." over the Devanagari
danda and the Arabic question mark to the full-width stop.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from retold.text.words import MARK_RANGES, SOLO_RANGES

UNICODE = unicodedata.unidata_version

WORD, SOLO, MARK, DIGIT, SPACE, ALPHA, SOLID, TERMINAL, BREAK, UPPER = (1 << place for place in range(10))
"""WORD: `\\w`. SOLO: a word by itself (Han, kana). MARK: belongs to the letter before it. DIGIT: `str.isdecimal`.
SPACE: `str.isspace`. ALPHA: `str.isalpha`. SOLID: neither punctuation, symbol, control character nor space (a word
without any is a symbol). TERMINAL: ends a sentence. BREAK: `str.splitlines` ends a line there. UPPER: `str.isupper`."""

_TERMINAL = (
    "0021 002e 003f 0589 061d-061f 06d4 0700-0702 07f9 0837 0839 083d-083e 0964-0965 104a-104b 1362 1367-1368 166e "
    "1735-1736 17d4-17d6 17d9-17da 1803 1809 1944-1945 1aa8-1aab 1b5a-1b5b 1b5e-1b5f 1b7d-1b7e 1c3b-1c3c 1c7e-1c7f "
    "203c-203d 2047-2049 2e2e 2e3c 2e53-2e54 3002 a4ff a60e-a60f a6f3 a6f7 a876-a877 a8ce-a8cf a92f a9c8-a9c9 "
    "aa5d-aa5f aaf0-aaf1 abeb fe52 fe56-fe57 ff01 ff0e ff1f ff61 10a56-10a57 10f55-10f59 10f86-10f89 11047-11048 "
    "110be-110c1 11141-11143 111c5-111c6 111cd 111de-111df 11238-11239 1123b-1123c 112a9 1144b-1144c 115c2-115c3 "
    "115c9-115d7 11641-11642 1173c-1173e 11944 11946 11a42-11a43 11a9b-11a9c 11c41-11c42 11ef7-11ef8 11f43-11f44 "
    "16a6e-16a6f 16af5 16b37-16b38 16b44 16e98 1bc9f 1da88"
)
_LAST, _PLANE_14 = 0x32400, range(0xE0000, 0xE0200)
"""Nothing is assigned in between, nor after, but for private use."""

_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_HOLLOW = "PSCZ"
"""General categories of what is no part of a word: punctuation, symbols, others, separators."""


def _ranges(text: str) -> list[tuple[int, int]]:
    found = [piece.split("-") for piece in text.split()]
    return [(int(piece[0], 16), int(piece[-1], 16)) for piece in found]


TERMINALS = frozenset(chr(code) for low, high in _ranges(_TERMINAL) for code in range(low, high + 1))
"""The characters that end a sentence."""


@lru_cache(maxsize=1)
def classes() -> npt.NDArray[np.uint16]:
    """The table, read-only, of shape (0x110000,)."""
    table = np.zeros(sys.maxunicode + 1, np.uint16)
    for code in (*range(_LAST), *_PLANE_14):
        character = chr(code)
        category = unicodedata.category(character)
        if category in ("Cn", "Co", "Cs"):
            continue
        bits = SOLID if category[0] not in _HOLLOW else 0
        bits |= WORD if character.isalnum() or character == "_" else 0
        bits |= DIGIT if category == "Nd" else 0
        bits |= SPACE if character.isspace() else 0
        bits |= ALPHA if category[0] == "L" else 0
        bits |= UPPER if character.isupper() else 0
        table[code] = bits
    for bit, ranges in ((SOLO, SOLO_RANGES), (MARK, MARK_RANGES), (TERMINAL, _ranges(_TERMINAL))):
        for low, high in ranges:
            table[low : high + 1] |= np.uint16(bit)
    for character in _BREAKS:
        table[ord(character)] |= np.uint16(BREAK)
    table.flags.writeable = False
    return table
