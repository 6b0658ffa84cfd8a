"""The repetition rules of Gopher (Rae et al. 2021, 2112.11446, table A1), counted as datatrove does.

Signals: `repetition.duplicate_lines` and `_paragraphs` (share of them that stood before in the text), each also in
characters of all characters; `repetition.top_2gram` to `_4gram`, the characters in all occurrences of the most frequent
n-gram of tokens; `repetition.duplicate_5gram` to `_10gram`, the characters of n-grams that stood before, where n-grams
are tried from left to right and one that repeats is passed as a whole, so that no character counts twice.

An n-gram is a sequence of tokens (`text/words.py: tokens`); its length in the top rules has one space between tokens.
Only n-grams whose two (n-1)-grams are repeated can be repeated: each size looks at what is left of the one before, and
pairs of numbers are compared, so nothing rests on a hash alone. Nine sizes cost little more than two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.clean.entry import Numbers
from retold.text.compiled import compiled
from retold.text.pieces import Pieces, lines, paragraphs
from retold.text.scan import Bytes, Ints, Texts, Tokens, slots_for

TOP, DUPLICATE = (2, 3, 4), (5, 6, 7, 8, 9, 10)
_LAST_TOP, _LAST = TOP[-1], DUPLICATE[-1]
NAMES = (
    "repetition.duplicate_paragraphs", "repetition.duplicate_paragraph_characters",
    "repetition.duplicate_lines", "repetition.duplicate_line_characters",
    *(f"repetition.top_{n}gram" for n in TOP), *(f"repetition.duplicate_{n}gram" for n in DUPLICATE),
)  # fmt: skip


class Room(NamedTuple):
    """Working space for the n-grams of one text, as long as the longest.

    `gram`, `next_gram`: for a place in the text, the first place with the same n-gram. `often`, `next_often`: at a
    first place, how often it occurs. `listed`, `next_listed`: the places of repeated n-grams, ascending. `mark`: the
    last size for which a first place was passed. `before`: characters of tokens before a place. `slots`: a hash table
    of first places, plus one; it holds no keys, since what is at a place says them, and so stays in the nearest cache.
    """

    gram: npt.NDArray[np.int32]
    next_gram: npt.NDArray[np.int32]
    often: npt.NDArray[np.int32]
    next_often: npt.NDArray[np.int32]
    listed: npt.NDArray[np.int32]
    next_listed: npt.NDArray[np.int32]
    mark: npt.NDArray[np.int32]
    before: Ints
    slots: npt.NDArray[np.int32]


def measure(texts: Texts) -> dict[str, Numbers]:
    """The signals of some texts."""
    out = np.zeros((len(NAMES), len(texts)))
    _paragraphs(paragraphs(texts), out)
    _lines(texts.data, texts.bounds, lines(texts), out)
    _ngrams(texts.tokens, _room(int(np.diff(texts.tokens.bounds).max(initial=0)) + 1), out)
    out[1] /= np.maximum(texts.characters, 1)
    out[3:] /= np.maximum(texts.characters, 1)
    return dict(zip(NAMES, out, strict=True))


def _room(longest: int) -> Room:
    one, two, three, four, five, six, seven = (np.zeros(longest, np.int32) for _ in range(7))
    slots = np.zeros(slots_for(longest), np.int32)
    return Room(one, two, three, four, five, six, seven, np.zeros(longest, np.int64), slots)


@compiled
def _paragraphs(found: Pieces, out: Numbers) -> None:
    for text in range(len(found.bounds) - 1):
        first, last = found.bounds[text], found.bounds[text + 1]
        for row in range(first, last):
            if found.same[row] != row - first:
                out[0, text] += 1
                out[1, text] += found.characters[row]
        out[0, text] /= last - first


@compiled
def _lines(data: Bytes, bounds: Ints, found: Pieces, out: Numbers) -> None:
    """Lines parted by one or more newlines: none is empty but before a first newline and after a last."""
    for text in range(len(bounds) - 1):
        first, last = found.bounds[text], found.bounds[text + 1]
        count = duplicates = 0
        for row in range(first, last):
            if found.characters[row]:
                count += 1
                if found.same[row] != row - first:
                    duplicates += 1
                    out[3, text] += found.characters[row]
        start, end = bounds[text], bounds[text + 1]
        empty = 1
        if end > start:
            empty = int(data[start] == 0x0A) + int(data[end - 1] == 0x0A)
        duplicates += int(empty == 2)
        out[2, text] = duplicates / max(count + empty, 1)


@compiled
def _ngrams(tokens: Tokens, room: Room, out: Numbers) -> None:
    bounds, characters, same = tokens.bounds, tokens.characters, tokens.same
    gram, next_gram, often, next_often = room.gram, room.next_gram, room.often, room.next_often
    listed, next_listed, mark, before = room.listed, room.next_listed, room.mark, room.before
    for text in range(len(bounds) - 1):
        first = bounds[text]
        size = bounds[text + 1] - first
        before[0] = 0
        for place in range(size):
            before[place + 1] = before[place] + characters[first + place]
            gram[place] = same[first + place]
            often[place] = 0
            mark[place] = 0
        for place in range(size):
            often[gram[place]] += 1
        held = 0
        for place in range(size):
            listed[held] = place  # written whether it counts or not: a branch here is guessed wrong too often
            held += int(often[gram[place]] > 1)
        for n in range(2, _LAST + 1):
            held = _longer(room, held)
            if n <= _LAST_TOP:
                if size >= n:
                    out[2 + n, text] = _top(room, held, n)
            elif held:
                out[2 + n, text] = _repeated(room, held, n)
            for place in range(held):
                at = listed[place] = next_listed[place]
                gram[at] = next_gram[at]
                often[gram[at]] = next_often[gram[at]]


@compiled
def _longer(room: Room, held: int) -> int:
    """From the repeated n-grams in `listed` to those one longer, in `next_*`. Returns how many places they have."""
    gram, next_gram, next_often = room.gram, room.next_gram, room.next_often
    listed, next_listed, slots = room.listed, room.next_listed, room.slots
    found = 0
    for row in range(held - 1):
        next_listed[found] = listed[row]
        found += int(listed[row + 1] == listed[row] + 1)
    shift = np.uint64(60)
    while np.uint64(1) << (np.uint64(64) - shift) < np.uint64(2 * found):
        shift -= np.uint64(1)
    mask = np.uint64((np.uint64(1) << (np.uint64(64) - shift)) - np.uint64(1))
    slots[: mask + np.uint64(1)] = 0
    after = gram[1:]  # numbers without a sign are never counted from the end, and one more would have one
    for row in range(found):
        place = np.uint64(next_listed[row])
        one, two = gram[place], after[place]
        key = (np.uint64(one) << np.uint64(32)) | np.uint64(two)
        slot = (key * np.uint64(0x9E3779B97F4A7C15)) >> shift
        while True:
            held_by = slots[slot]
            if held_by == 0:
                slots[slot] = next_listed[row] + 1
                next_gram[place] = next_listed[row]
                next_often[place] = 1
                break
            first = np.uint64(held_by - 1)
            if gram[first] == one and after[first] == two:
                next_gram[place] = held_by - 1
                next_often[first] += 1
                break
            slot = (slot + np.uint64(1)) & mask
    kept = 0
    for row in range(found):
        place = np.uint64(next_listed[row])
        next_listed[kept] = next_listed[row]
        kept += int(next_often[np.uint64(next_gram[place])] > 1)
    return kept


@compiled
def _top(room: Any, held: int, n: int) -> Any:
    """Characters of all occurrences of the most frequent n-gram; of several, the one that comes first."""
    most, place = 1, 0
    for row in range(held):
        at = room.next_listed[row]
        if room.next_gram[at] == at and room.next_often[at] > most:
            most, place = room.next_often[at], at
    return most * (room.before[place + n] - room.before[place] + n - 1)


@compiled
def _repeated(room: Any, held: int, n: int) -> Any:
    """Characters of n-grams that stood before, from left to right, each passed as a whole."""
    characters, free = 0, 0
    for row in range(held):
        place = room.next_listed[row]
        if place < free:
            continue
        if room.mark[room.next_gram[place]] == n:
            characters += room.before[place + n] - room.before[place]
            free = place + n
        else:
            room.mark[room.next_gram[place]] = n
    return characters
