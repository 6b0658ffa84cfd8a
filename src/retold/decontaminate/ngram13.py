"""The 13-grams of evaluation sets and where they stand in documents, with the definitions of GPT-3.

GPT-3 (2005.14165, appendix C): a gram is a run of N lower-cased, whitespace-delimited words without punctuation, where
N is the 5th percentile of the length of a set's examples in words, at least 8 and at most 13. An example is all its
text: passage, question, choices, answer. An example shorter than N has no gram and cannot be found; how many there are
is counted. Grams are compared by 64-bit hashes: among a million grams, one word in twenty billion collides.

Speed: 50 MB/s on one core with three sizes of gram. Memory: 24 to 40 bytes a gram of the sets, and 32 a word of one
window of a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.decontaminate.grams import ABSENT, Grams, build, find
from retold.decontaminate.layouts import Item
from retold.text.compiled import allocating, compiled
from retold.text.hashed import Words, alphabet, cut, hashed, room

LEAST, MOST = 8, 13
PERCENTILE = 5
WINDOW = 1 << 20
BASE = 0x5851F42D4C957F2D


class Grams13(NamedTuple):
    """The table, the item of each gram (the first that has it), the sizes that occur, and examples without a gram."""

    grams: Grams
    item_of: npt.NDArray[np.int32]
    items: tuple[Item, ...]
    sizes: npt.NDArray[np.int64]
    too_short: int


def size_of(lengths: Sequence[int]) -> int:
    """N for a set whose examples have these lengths in words."""
    return int(min(MOST, max(LEAST, np.percentile(lengths, PERCENTILE, method="lower"))))


def index(items: Sequence[Item]) -> Grams13:
    """The grams of all items, set by set."""
    words = [hashed(_example(item), bare=True).hashes for item in items]
    lengths: dict[str, list[int]] = {}
    for item, found in zip(items, words, strict=True):
        lengths.setdefault(item.set, []).append(len(found))
    size = {name: size_of(found) for name, found in lengths.items()}
    values, owners, too_short = [], [], 0
    for number, (item, found) in enumerate(zip(items, words, strict=True)):
        count = len(found) - size[item.set] + 1
        too_short += count < 1
        if count > 0:
            values.append(_grams(found, size[item.set]))
            owners.append(np.full(count, number, np.int32))
    value = np.concatenate(values) if values else np.empty(0, np.uint64)
    owner = np.concatenate(owners) if owners else np.empty(0, np.int32)
    grams, different = build(value)
    first = np.unique(value, return_index=True)[1]
    assert len(first) == len(different)
    return Grams13(grams, owner[first], tuple(items), np.array(sorted(set(size.values())), np.int64), too_short)


def _example(item: Item) -> str:
    return "\n".join(text for text in (item.passage, item.question, *item.choices, item.answer) if text)


@allocating
def _grams(words: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.uint64]:
    running = np.empty(len(words) + 1, np.uint64)
    _run(words, len(words), running)
    values = np.empty(len(words) - size + 1, np.uint64)
    power = _power(size)
    for at in range(len(values)):
        values[at] = _gram(running, at, size, power)
    return values


@compiled
def _run(words: npt.NDArray[np.uint64], count: int, running: npt.NDArray[np.uint64]) -> None:
    """Polynomials of the hashes so far, modulo 2^64: any run of words is the difference of two, whatever its length."""
    running[0] = np.uint64(0)
    for at in range(count):
        running[at + 1] = running[at] * np.uint64(BASE) + words[at]


@compiled
def _power(size: int) -> Any:
    value = np.uint64(1)
    for _ in range(size):
        value *= np.uint64(BASE)
    return value


@compiled
def _gram(running: npt.NDArray[np.uint64], at: int, size: int, power: Any) -> Any:
    value = running[at + size] - running[at] * power + np.uint64(size)
    value = (value ^ (value >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    return value ^ (value >> np.uint64(29))


class Collisions(NamedTuple):
    """Where grams stand in one document: number of the gram, first byte, end."""

    gram: npt.NDArray[Any]
    start: npt.NDArray[Any]
    end: npt.NDArray[Any]


class Finder:
    """An index with its working memory; one for each process."""

    def __init__(self, index: Grams13) -> None:
        self.index = index
        self._words: Words = room(WINDOW)
        self._running = np.empty(len(self._words.hashes) + 1, np.uint64)
        most = len(self._words.starts) * len(index.sizes)
        self._found = Collisions(np.empty(most, np.int32), np.empty(most, np.int64), np.empty(most, np.int64))

    def find(self, data: npt.NDArray[np.uint8]) -> Collisions:
        """All collisions in a document, in order of place."""
        pieces = [Collisions(*(column[:0] for column in self._found)), *self._windows(data)]
        joined = Collisions(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))
        order = np.lexsort((joined.gram, joined.end, joined.start))
        return Collisions(*(column[order] for column in joined))

    def _windows(self, data: npt.NDArray[np.uint8]) -> Iterator[Collisions]:
        at = 0
        while at < len(data):
            end = min(at + WINDOW, len(data))
            while end < len(data) and end > at + 1 and data[end] & 0xC0 == 0x80:
                end -= 1
            words = cut(data[at:end], *alphabet(), True, self._words)
            whole = end == len(data)
            count = _collide(words, self.index.sizes, self.index.grams, self._words, self._running, self._found)
            if count:
                found = Collisions(*(column[:count].copy() for column in self._found))
                yield Collisions(found.gram, found.start + at, found.end + at)
            back = min(MOST, words // 2)
            at = end if whole or words < 2 else at + int(self._words.starts[words - back])


@compiled
def _collide(
    words: int,
    sizes: npt.NDArray[np.int64],
    grams: Grams,
    cut_up: Words,
    running: npt.NDArray[np.uint64],
    found: Collisions,
) -> int:
    count = 0
    _run(cut_up.hashes, words, running)
    for size in sizes:
        power = _power(size)
        for at in range(words - size + 1):
            number = find(grams, _gram(running, at, size, power))
            if number != ABSENT:
                found.gram[count] = number
                found.start[count] = cut_up.starts[at]
                found.end[count] = cut_up.ends[at + size - 1]
                count += 1
    return count
