"""The sum of a text's word and n-gram vectors for `lid.py`, as compiled code over bytes of UTF-8.

In: many texts as one buffer (`Texts.padded`), the places where each begins, and `Tables`. Out: the mean vector of each
text, in the order of adding of a single loop over words and their n-grams.

What makes it fast: eight bytes are looked at in one step for where a word ends; vectors are unpacked once (3 MB), and
the sum over a word's n-grams is remembered in 131,072 places, each of which the next word with that place takes over.
Up to seven bytes are a word's own key, what has more has a hash of 63 bits. What is remembered never changes a sum, so
the order of texts decides nothing. A word that is not remembered has its n-grams hashed first, then looked for, then
added: one after the other the loads would wait for each other (0.3 instead of 0.8 µs).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.text.compiled import compiled
from retold.text.scan import BLOCK, eight

PLACES_BITS = 17
DIMENSIONS = 16
BUCKETS = 2_000_000
"""How many the n-grams are hashed to; a constant, so that compiled code divides by multiplying."""
NONE = np.uint16(0xFFFF)
LABEL = b"__label__"
END = b"</s>"
_WINDOW, _AFTER = 64, 16
"""Bytes of a word whose n-grams are hashed at once, and those that the last of them may reach into."""
_LINE = 64
"""Bytes that the processor reads at once: as many as a sum has, if it begins where they do."""


class Tables(NamedTuple):
    """What the compiled code looks things up in."""

    vectors: npt.NDArray[np.float32]
    kept: npt.NDArray[np.uint16]
    some: npt.NDArray[np.uint8]
    slots: npt.NDArray[np.int32]
    words: npt.NDArray[np.uint8]
    begins: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    seen: npt.NDArray[np.uint64]
    sums: npt.NDArray[np.float32]
    counts: npt.NDArray[np.int32]


class Room(NamedTuple):
    """Space for a window of a word and the longest n-gram after it, and three n-grams for each byte of the window."""

    around: npt.NDArray[np.uint8]
    grams: npt.NDArray[np.uint32]


def tables(vectors: npt.NDArray[np.float32], kept: npt.NDArray[np.uint16], words: list[bytes]) -> Tables:
    """Of the vectors of the words and, after them, of n-grams; `kept` is the place of a bucket among the latter."""
    begins = np.cumsum([0, *map(len, words)])[:-1].astype(np.int64)
    sizes = np.array([len(word) for word in words], np.int64)
    letters = np.frombuffer(b"".join(words), np.uint8)
    slots = np.full(1 << (2 * len(words)).bit_length(), -1, np.int32)
    _place(slots, letters, begins, sizes)
    return Tables(
        vectors, kept, np.packbits(kept != NONE, bitorder="little"), slots, letters, begins, sizes,
        np.zeros(1 << PLACES_BITS, np.uint64), _aligned(1 << PLACES_BITS), np.zeros(1 << PLACES_BITS, np.int32),
    )  # fmt: skip


def _aligned(rows: int) -> npt.NDArray[np.float32]:
    raw = np.zeros(rows * DIMENSIONS * 4 + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    return raw[start : start + rows * DIMENSIONS * 4].view(np.float32).reshape(rows, DIMENSIONS)


def hidden(data: npt.NDArray[np.uint8], places: npt.NDArray[np.int64], tables: Tables) -> npt.NDArray[np.float64]:
    """(texts, 16): the mean vector of each text."""
    found = np.zeros((len(places) - 1, DIMENSIONS))
    room = Room(np.empty(_WINDOW + _AFTER, np.uint8), np.empty(3 * _WINDOW, np.uint32))
    _hidden(data, places, tables, room, found)
    return found


@compiled
def _hidden(data: Any, places: Any, tables: Tables, room: Room, found: Any) -> None:
    sums = tables.sums
    for text in range(len(places) - 1):
        count = np.int64(0)
        at, stop = np.uint64(places[text]), np.uint64(places[text + 1])
        while at < stop:
            if _BLANK[data[at]]:
                at += np.uint64(1)
                continue
            start = at
            at, key = _word_end(data, start, stop)
            if data[start] == _LABEL[0] and _is(data, start, at, _LABEL, False):
                continue
            if data[start] == _END[0] and _is(data, start, at, _END, True):
                break
            place = (key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - PLACES_BITS)
            if tables.seen[place] != key:
                tables.seen[place] = key
                _add_word(data, start, at, place, tables)
                _add_grams(data, start, at, place, tables, room)
            count += np.int64(tables.counts[place])
            for column in range(DIMENSIONS):
                found[text, column] += sums[place, column]
        # The line ends: fastText counts its end as a word, the first of the dictionary.
        for column in range(DIMENSIONS):
            found[text, column] = (found[text, column] + tables.vectors[0, column]) / (count + 1)


@compiled
def _word_end(data: Any, start: Any, stop: Any) -> tuple[Any, Any]:
    """(end, key) of the word that begins here."""
    ones, tops = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    key = np.uint64(0)
    at = start
    while True:
        block = eight(data, at)
        low = (block - np.uint64(33) * ones) & ~block & tops  # the top bits of bytes under 33; the first one is right
        size = np.uint64(BLOCK)
        if low:
            first = low & (~low + np.uint64(1))
            size = ((((first - np.uint64(1)) & ones) * ones) >> np.uint64(56)) - np.uint64(1)
            if not _BLANK[data[at + size]]:  # another control character, which is a letter here
                size += np.uint64(1)
                while size < np.uint64(BLOCK) and not _BLANK[data[at + size]]:
                    size += np.uint64(1)
        size = min(size, stop - at)
        if size < np.uint64(BLOCK):
            block &= (np.uint64(1) << (size * np.uint64(8))) - np.uint64(1)
        at += size
        if size < np.uint64(BLOCK) and at - start < np.uint64(BLOCK):
            return at, block | (size << np.uint64(56))
        if size:
            key = (key ^ block) * np.uint64(0xBF58476D1CE4E5B9)
            key ^= key >> np.uint64(29)
        if size < np.uint64(BLOCK) or at == stop:
            return at, (key ^ (at - start)) | np.uint64(1 << 63)


@compiled
def _add_word(data: Any, start: Any, end: Any, place: Any, tables: Tables) -> None:
    """What is remembered at a place becomes the vector of a word of the dictionary, or nothing."""
    number = _word(data, start, end, tables)
    for column in range(DIMENSIONS):
        tables.sums[place, column] = tables.vectors[number, column] if number >= 0 else np.float32(0)
    tables.counts[place] = np.int32(number >= 0)


@compiled
def _add_grams(data: Any, start: Any, end: Any, place: Any, tables: Tables, room: Room) -> None:
    """Add the vectors of a word's n-grams and how many they are, with < and > around the word."""
    sums, vectors, kept, some = tables.sums, tables.vectors, tables.kept, tables.some
    around, grams = room.around, room.grams
    size: Any = np.int64(end - start) + 2
    words = len(tables.begins)
    for begin in range(0, size, _WINDOW):
        stop = min(size - begin, _WINDOW + _AFTER)
        first, last = int(begin == 0), stop - int(begin + stop == size)
        around[0], around[stop - 1] = 60, 62
        high = _copy(data, np.int64(start) - 1 + begin, first, last, around)
        firsts = min(stop, _WINDOW)
        found = _grams(around, firsts, stop, grams) if high < 0x80 else _of_characters(around, firsts, stop, grams)
        count: Any = 0
        for step in range(found):
            bucket = grams[step] % np.uint32(BUCKETS)
            grams[count] = bucket
            count += np.int64(some[bucket >> np.uint32(3)] >> np.uint8(bucket & np.uint32(7)) & np.uint8(1))
        for step in range(count):
            vector = words + np.int64(kept[grams[step]])
            for column in range(DIMENSIONS):
                sums[place, column] += vectors[vector, column]
        tables.counts[place] += np.int32(count)


@compiled
def _copy(data: Any, offset: Any, first: Any, last: Any, around: Any) -> Any:
    """Fill `around` from `first` to `last`; all bits of its bytes together."""
    bits = np.uint8(0)
    for step in range(first, last):
        around[step] = data[offset + step]
        bits |= data[offset + step]
    return bits


@compiled
def _grams(around: Any, firsts: Any, size: Any, grams: Any) -> Any:
    """The hashes of n-grams of 2 to 4 letters of ASCII, in the order of fastText; how many."""
    prime = np.uint32(16777619)
    whole = min(firsts, max(size - 3, 0))
    for first in range(whole):
        one = np.uint32((np.uint32(2166136261) ^ np.uint32(around[first])) * prime)
        two = np.uint32((one ^ np.uint32(around[first + 1])) * prime)
        three = np.uint32((two ^ np.uint32(around[first + 2])) * prime)
        grams[3 * first] = two
        grams[3 * first + 1] = three
        grams[3 * first + 2] = np.uint32((three ^ np.uint32(around[first + 3])) * prime)
    count = 3 * whole
    for first in range(whole, firsts):
        found = np.uint32((np.uint32(2166136261) ^ np.uint32(around[first])) * prime)
        for at in range(first + 1, size):
            found = np.uint32((found ^ np.uint32(around[at])) * prime)
            grams[count] = found
            count += 1
    return count


@compiled
def _of_characters(around: Any, firsts: Any, size: Any, grams: Any) -> Any:
    """The same where characters have more than one byte, which fastText takes as signed."""
    count = 0
    for first in range(firsts):
        if (around[first] & 0xC0) == 0x80:
            continue
        found = np.uint32(2166136261)
        letters = 0
        for at in range(first, size):
            found = np.uint32((found ^ _signed(around[at])) * np.uint32(16777619))
            if at + 1 < size and (around[at + 1] & 0xC0) == 0x80:
                continue
            letters += 1
            if letters >= 2:
                grams[count] = found
                count += 1
            if letters == 4:
                break
    return count


@compiled
def _signed(byte: Any) -> Any:
    return np.uint32(byte) | np.uint32(0xFFFFFF00) if byte >= 128 else np.uint32(byte)


@compiled
def _fnv(data: Any, start: Any, end: Any) -> Any:
    """fastText's hash: FNV-1a of bytes taken as signed, 32 bits."""
    found = np.uint32(2166136261)
    for at in range(start, end):
        found = np.uint32((found ^ _signed(data[at])) * np.uint32(16777619))
    return found


@compiled
def _place(slots: Any, letters: Any, begins: Any, sizes: Any) -> None:
    mask = len(slots) - 1
    for number in range(len(begins)):
        at = np.int64(_fnv(letters, begins[number], begins[number] + sizes[number])) & mask
        while slots[at] >= 0:
            at = (at + 1) & mask
        slots[at] = number


@compiled
def _word(data: Any, start: Any, end: Any, tables: Tables) -> Any:
    """The number of a word of the dictionary, or -1."""
    slots, words, begins, sizes = tables.slots, tables.words, tables.begins, tables.sizes
    first, size = np.int64(start), np.int64(end - start)
    mask = len(slots) - 1
    at = np.int64(_fnv(data, first, first + size)) & mask
    while slots[at] >= 0:
        number = np.int64(slots[at])
        if sizes[number] == size:
            begin = begins[number]
            same = True
            for place in range(size):
                if words[begin + place] != data[first + place]:
                    same = False
                    break
            if same:
                return number
        at = (at + 1) & mask
    return np.int64(-1)


@compiled
def _is(data: Any, start: Any, end: Any, word: Any, whole: bool) -> bool:
    """Whether the bytes begin with `word`, or (`whole`) are it."""
    size = np.int64(end - start)
    if size < len(word) or (whole and size != len(word)):
        return False
    for place in range(len(word)):  # noqa: SIM110  compiled code has no generators
        if data[np.int64(start) + place] != word[place]:
            return False
    return True


_BLANK = np.zeros(256, np.bool_)
_BLANK[[0, *range(9, 14), 32]] = True
_LABEL = np.frombuffer(LABEL, np.uint8)
_END = np.frombuffer(END, np.uint8)
