"""Hashed word n-grams of many texts at once, straight from the UTF-8 bytes of an Arrow column.

A word is a run of letters, digits and marks as `folding` has them. The hash of a shingle is a keyed 64-bit mix of its
words' hashes, cut to its upper 32 bits: two different shingles of a pair of pages of 10,000 words agree by accident in
one pair of 40. The key makes collisions hard to prepare without it, and nothing else: ids are never made this way.

Runs of digits count as one "0" where the folding has no accents (`1,234.50` is one word), as in the text normalisation
of datatrove. A text with fewer words than n has one shingle of all its words; a text without words has none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.text.compiled import compiled
from retold.text.folding import DIGIT, LETTER, SKIP, SOLO

Texts = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]
"""The bytes of a column of texts, and the places where each begins and the last ends."""


def columns(texts: pa.Array) -> Texts:
    """The buffers of a string array, without copying the text. Raises TypeError for any other array, or for nulls."""
    if texts.null_count or texts.type not in (pa.string(), pa.large_string()):
        raise TypeError(f"texts are strings without nulls, not {texts.type}")
    kind = np.int32 if texts.type == pa.string() else np.int64
    _, offsets, data = texts.buffers()
    if offsets is None or len(texts) == 0:
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    places = np.frombuffer(offsets, kind)[texts.offset : texts.offset + len(texts) + 1]
    found = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return found, places.astype(np.int64)


@compiled
def mix(value: Any) -> Any:
    """The finaliser of MurmurHash3: every bit of the input moves every bit of the output."""
    value = np.uint64(value)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    value ^= value >> np.uint64(33)
    return value


@compiled
def letter_at(data: Any, place: Any, end: Any) -> Any:
    """(code point, bytes) at a place of valid UTF-8; damaged bytes are U+FFFD, one at a time."""
    first = np.uint32(data[place])
    if first < 0x80:
        return first, 1
    length = 2 if first < 0xE0 else (3 if first < 0xF0 else 4)
    if first < 0xC0 or place + length > end:
        return np.uint32(0xFFFD), 1
    code = first & np.uint32(0x7F >> length)
    for step in range(1, length):
        code = (code << np.uint32(6)) | (np.uint32(data[place + step]) & np.uint32(0x3F))
    return (code if code <= 0x10FFFF else np.uint32(0xFFFD)), length


@compiled
def hash_words(text: Any, place: Any, end: Any, folding: Any, out: Any, count: Any) -> Any:
    """Writes the hashes of words from `place` to `end` behind the `count` that `out` holds, until it may be full.

    `text` is (bytes, key). Returns (hashes in `out`, place to go on from): `end` when the text is through.
    """
    data, key = text
    digit = np.uint32(DIGIT)
    folds_digits = folding[0x31] == digit
    inside = False
    value, last = key, np.uint32(0)
    while place < end and (inside or count + 2 < len(out)):
        byte = data[place]
        if byte < 0x80:
            code, length = np.uint32(byte), 1
        else:
            code, length = letter_at(data, place, end)
        place += length
        folded = folding[code]
        if folded == np.uint32(SKIP):
            continue
        if folded == 0:
            # "1,234.5" is one number where digits are folded
            joins = folds_digits and last == digit and (code == 0x2C or code == 0x2E)
            if joins and place < end and folding[data[place]] == digit:
                continue
            if inside:
                out[count] = mix(value)
                count += 1
                inside = False
            last = np.uint32(0)
            continue
        letter, solo = folded & np.uint32(LETTER), folded >= np.uint32(SOLO)
        if inside and solo:
            out[count] = mix(value)
            count += 1
            inside = False
        if not inside:
            value, last = key, np.uint32(0)
            inside = True
        if folds_digits and letter == digit and last == digit:
            continue
        value = (value ^ np.uint64(letter)) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
        last = letter
        if solo:
            out[count] = mix(value)
            count += 1
            inside = False
    if inside:
        out[count] = mix(value)
        count += 1
    return count, place


@compiled
def hash_shingles(words: Any, count: Any, n: Any, key: Any, out: Any) -> Any:
    """Writes the 32-bit hash of each n-gram of `count` word hashes to `out` and returns how many.

    Fewer words than n, but some, make one shingle.
    """
    base = np.uint64(0xD6E8FEB86659FD93)
    top = np.uint64(1)
    for _ in range(n):
        top *= base
    value = np.uint64(0)
    made = 0
    for place in range(count):
        value = value * base + words[place]
        if place >= n:
            value -= words[place - n] * top
        if place + 1 >= n:
            out[made] = np.uint32(mix(value ^ key) >> np.uint64(32))
            made += 1
    if count and not made:
        out[0] = np.uint32(mix((value + np.uint64(count)) ^ key) >> np.uint64(32))
        made = 1
    return made


@compiled
def fold_letters(data: Any, place: Any, end: Any, folding: Any, state: Any, out: Any) -> Any:
    """Writes folded letters from `place` to `end`, a 0 between words, until `out` may be full.

    `state` is (a letter was written, a break since), zeros at the beginning of a text. Returns (written, next place).
    """
    count = 0
    while place < end and count + 2 < len(out):
        byte = data[place]
        if byte < 0x80:
            code, length = np.uint32(byte), 1
        else:
            code, length = letter_at(data, place, end)
        place += length
        folded = folding[code]
        if folded == np.uint32(SKIP):
            continue
        if folded == 0:
            state[1] = 1
            continue
        if state[0] and state[1]:
            out[count] = 0
            count += 1
        state[0], state[1] = 1, 0
        out[count] = folded & np.uint32(LETTER)
        count += 1
    return count, place
