"""Words as 64-bit hashes with their places, straight from UTF-8 bytes: what matching and counting of n-grams read.

In: bytes of UTF-8 text. Out: for each word its hash and its first and last byte. Two ways of cutting:

    joined   runs of letters and digits; an apostrophe inside a word and "," or "." between digits vanish
             ("don't" = "dont", "1,000" = "1000"); everything else parts words, hyphens too
    bare     the definition of GPT-3 (2005.14165, appendix C): lower-cased, whitespace-delimited, without punctuation
             ("well-known" = "wellknown", "don't" = "dont")

Both fold case and drop accents, so "Café" is "cafe"; Han and kana are words character by character where joined.
`words.py` cuts for reading and keeps what it cuts; this cuts for comparing and keeps only a hash. About 190 MB/s on
one core, against 11 for the expression there.

The hash is fast and not cryptographic. A text can be made to collide on purpose; what is found by hash alone is a
candidate, and an author who wants a document of his own to look like a known one can also simply quote it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retold.text.compiled import compiled
from retold.text.scan import decode

PLANE = 0x10000
SPACE, LETTER, DIGIT, SOLO, MARK, QUOTE, POINT, OTHER = range(8)
"""What a character is: QUOTE vanishes between letters, POINT ("," and ".") between digits, MARK always."""

_SOLO_RANGES = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_QUOTES = "'’ʼ＇"


class Alphabet(NamedTuple):
    """For each character below U+10000 its kind and its folded form; all above are letters (most are) and stay."""

    kind: npt.NDArray[np.uint8]
    folded: npt.NDArray[np.uint32]


class Words(NamedTuple):
    """Hashes, first bytes and ends (exclusive) of the words of a text, in order."""

    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def _kind(code: int, character: str) -> int:
    category = unicodedata.category(character)
    if character.isspace():
        return SPACE
    if category == "Nd":
        return DIGIT
    if character in _QUOTES:
        return QUOTE
    if character in ",.":
        return POINT
    if category[0] == "M" or category == "Cf":
        return MARK
    if any(first <= code <= last for first, last in _SOLO_RANGES) and category[0] == "L":
        return SOLO
    return LETTER if category[0] in "LN" else OTHER


@lru_cache(maxsize=1)
def alphabet() -> Alphabet:
    """Both tables, made once in a process (0.1 s)."""
    kind = np.full(PLANE, OTHER, np.uint8)
    folded = np.arange(PLANE, dtype=np.uint32)
    for code in range(PLANE):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        kind[code] = _kind(code, character)
        if kind[code] in (LETTER, DIGIT, SOLO):
            folded[code] = _folded(character)
    return Alphabet(kind, folded)


def _folded(character: str) -> int:
    """The small letter without its accents. What is made of several letters (a syllable of Korean) stays whole."""
    lower = character.lower()
    parts = unicodedata.normalize("NFKD", lower)
    if all(unicodedata.category(mark)[0] == "M" for mark in parts[1:]):
        return ord(parts[0])
    return ord(lower) if len(lower) == 1 else ord(character)


@compiled
def cut(
    data: npt.NDArray[np.uint8], kind: npt.NDArray[np.uint8], folded: npt.NDArray[np.uint32], bare: bool, words: Words
) -> int:
    """Fill `words` (room for `len(data) // 2 + 1`) with the words of `data`; the number of words. See the module."""
    count = 0
    value = np.uint64(0)
    first = -1
    last = 0
    before = np.uint8(SPACE)
    pending = False  # a QUOTE or POINT that vanishes if the word goes on, and ends it otherwise
    at = 0
    size = len(data)
    while at < size:
        code, width = np.int64(data[at]), 1
        if code >= 0x80:
            code, width = decode(data, at, size)
        what = np.uint8(LETTER) if code >= PLANE else kind[code]
        form = np.uint64(code) if code >= PLANE else np.uint64(folded[code])
        if what == SOLO and bare:
            what = np.uint8(LETTER)
        speaks = what in (LETTER, DIGIT, SOLO)
        ends = what == SPACE
        if not bare and not speaks and what != MARK:
            joins = (what == QUOTE and before == LETTER) or (what == POINT and before == DIGIT)
            ends = pending or not joins
            pending = joins and not ends
        if not bare and speaks and first >= 0 and (what == SOLO or before == SOLO or (pending and what != before)):
            ends = True
        if ends:
            if first >= 0:
                _close(words, count, value, first, last)
                count += 1
                first = -1
            pending = False
            before = np.uint8(SPACE)
        if speaks:
            if first < 0:
                first = at
                value = np.uint64(0xCBF29CE484222325)
            value = (value ^ form) * np.uint64(0x00000100000001B3)
            last = at + width
            before = what
            pending = False
        at += width
    if first >= 0:
        _close(words, count, value, first, last)
        count += 1
    return count


@compiled
def _close(words: Words, count: int, value: np.uint64, first: int, last: int) -> None:
    """Write one word; its hash is mixed, so that low bits are as good as high ones."""
    value = (value ^ (value >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    words.hashes[count] = value ^ (value >> np.uint64(29))
    words.starts[count] = first
    words.ends[count] = last


@compiled
def gram(hashes: npt.NDArray[np.uint64], at: int, size: int) -> np.uint64:
    """One hash for the `size` words from `at` on; the order of words matters."""
    value = np.uint64(size)
    for step in range(size):
        value = (value ^ hashes[at + step]) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(31)
    return value


def room(size: int) -> Words:
    """Arrays for the words of any text of at most `size` bytes."""
    most = size // 2 + 1
    return Words(np.empty(most, np.uint64), np.empty(most, np.int64), np.empty(most, np.int64))


def hashed(text: str | bytes, *, bare: bool = False) -> Words:
    """The words of one text. Lone surrogates count as letters of no word in particular."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    data = np.frombuffer(raw, np.uint8)
    words = room(len(data))
    count = cut(data, *alphabet(), bare, words)
    return Words(words.hashes[:count].copy(), words.starts[:count].copy(), words.ends[:count].copy())
