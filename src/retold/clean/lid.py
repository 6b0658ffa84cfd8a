"""A quantised fastText classifier (lid.176.ftz) as compiled code over the bytes of many texts.

In: the model's file; texts as one buffer of UTF-8 with the places where each begins. Out: the probability of every
label for every text, as the library computes them (P. Bojanowski et al. 2017, A. Joulin et al. 2016): the vectors of a
text's words and of their character n-grams (hashed by FNV-1a, 32 bits) are averaged, and a tree of sigmoids (Huffman,
by the frequency of labels) shares out the probability. The library adds in another order, so probabilities agree to
about 1e-5 and not to the last digit.

What makes it fast: vectors are unpacked once (3 MB), and the sum over a word's n-grams is remembered by the word's
64-bit hash in 131,072 places, each of which the next word with that place takes over. What is remembered never changes
a sum, so the order of texts decides nothing. Documentation in English: 10 to 20 times the library's pace (log).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retold.core.errors import EngineError
from retold.text.compiled import compiled

MAGIC, VERSION = 793712314, 12
HIERARCHICAL, SUPERVISED = 1, 3
PLACES = 1 << 17
DIMENSIONS = 16
NONE = np.uint16(0xFFFF)
LABEL = b"__label__"
END = b"</s>"
LEAST = 1e-5
"""fastText adds it to every probability before it takes the logarithm."""


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


@dataclass(frozen=True)
class Classifier:
    """A model in memory, about 20 MB. Not for several threads at once."""

    labels: tuple[str, ...]
    tables: Tables
    output: npt.NDArray[np.float32]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]

    def probabilities(self, data: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """(texts, labels) of the texts `data[places[i]:places[i + 1]]`."""
        hidden = _hidden(data, places, self.tables)
        found: npt.NDArray[np.float64] = _shares(hidden, self.output, self.left, self.right)
        return found


def load(path: Path) -> Classifier:
    """Raises EngineError for a file that is no quantised fastText classifier of this kind."""
    data = path.read_bytes()
    try:
        return _read(data)
    except (struct.error, ValueError, IndexError) as error:
        raise EngineError(f"{path} is not a quantised fastText classifier: {error}", "install it anew") from error


class _Reader:
    """Values of the file, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self.data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def text(self) -> bytes:
        end = self.data.index(b"\0", self.at)
        found, self.at = self.data[self.at : end], end + 1
        return found

    def array(self, kind: Any, count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found


def _read(data: bytes) -> Classifier:
    file = _Reader(data)
    if file.take("ii") != (MAGIC, VERSION):
        raise ValueError("it begins otherwise")
    arguments = file.take("12i")
    dimensions, bigrams, loss, kind, buckets, shortest, longest = (arguments[at] for at in (0, 5, 6, 7, 8, 9, 10))
    file.take("d")
    if (bigrams, loss, kind, shortest, longest, dimensions) != (1, HIERARCHICAL, SUPERVISED, 2, 4, DIMENSIONS):
        raise ValueError("it was trained with other settings than lid.176")
    size, words, _, _, pruned = file.take("iiiqq")
    entries = [(file.text(), *file.take("qb")) for _ in range(size)]
    kept = np.full(buckets, NONE, np.uint16)
    pairs = file.array(np.int32, 2 * pruned).reshape(pruned, 2)
    kept[pairs[:, 0]] = pairs[:, 1]
    if file.take("?") != (True,):
        raise ValueError("it is not quantised")
    vectors = _unpacked(file, dimensions)
    if file.take("?") != (False,):
        raise ValueError("its output is quantised")
    rows, columns = file.take("qq")
    output = file.array(np.float32, rows * columns).reshape(rows, columns).copy()
    labels = [(name, count) for name, count, kind in entries if kind == 1]
    left, right = _tree([count for _, count in labels])
    names = tuple(name.removeprefix(LABEL).decode() for name, _ in labels)
    return Classifier(names, _tables(vectors, kept, [name for name, _, _ in entries[:words]]), output, left, right)


def _unpacked(file: _Reader, dimensions: int) -> npt.NDArray[np.float32]:
    """Every row of the product-quantised input matrix."""
    (has_norms,) = file.take("?")
    rows, columns, size = file.take("qqi")
    codes = file.array(np.uint8, size).reshape(rows, -1)
    width, parts, step, last = file.take("4i")
    if (width, columns, parts * step) != (dimensions, dimensions, dimensions) or step != last:
        raise ValueError("its parts do not fit")
    centroids = file.array(np.float32, width * 256).reshape(parts, 256, step)
    vectors = np.concatenate([centroids[part][codes[:, part]] for part in range(parts)], axis=1)
    if has_norms:
        norms = file.array(np.uint8, rows)
        file.take("4i")
        vectors = vectors * file.array(np.float32, 256)[norms][:, None]
    return np.ascontiguousarray(vectors, np.float32)


def _tree(counts: list[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Children of the inner nodes of fastText's Huffman tree; labels are the nodes 0 to n - 1, the root is the last."""
    size = len(counts)
    weights = [*counts, *[10**15] * (size - 1)]
    left, right = np.full(2 * size - 1, -1), np.full(2 * size - 1, -1)
    leaf, node = size - 1, size
    for inner in range(size, 2 * size - 1):
        children = []
        for _ in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                children.append(leaf)
                leaf -= 1
            else:
                children.append(node)
                node += 1
        left[inner], right[inner] = children
        weights[inner] = weights[children[0]] + weights[children[1]]
    return left, right


def _tables(vectors: npt.NDArray[np.float32], kept: npt.NDArray[np.uint16], words: list[bytes]) -> Tables:
    begins = np.cumsum([0, *map(len, words)])[:-1].astype(np.int64)
    sizes = np.array([len(word) for word in words], np.int64)
    letters = np.frombuffer(b"".join(words), np.uint8)
    slots = np.full(1 << (2 * len(words)).bit_length(), -1, np.int32)
    _place(slots, letters, begins, sizes)
    width = vectors.shape[1]
    return Tables(
        vectors, kept, np.packbits(kept != NONE, bitorder="little"), slots, letters, begins, sizes,
        np.zeros(PLACES, np.uint64), np.zeros((PLACES, width), np.float32), np.zeros(PLACES, np.int32),
    )  # fmt: skip


@compiled
def _fnv(data: Any, start: int, end: int) -> Any:
    """fastText's hash: FNV-1a of bytes taken as signed, 32 bits."""
    found = np.uint32(2166136261)
    for at in range(start, end):
        byte = np.uint32(data[at])
        if byte >= 128:
            byte |= np.uint32(0xFFFFFF00)
        found = np.uint32((found ^ byte) * np.uint32(16777619))
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
def _word(data: Any, start: int, end: int, tables: Tables) -> int:
    """The number of a word of the dictionary, or -1."""
    mask = len(tables.slots) - 1
    at = np.int64(_fnv(data, start, end)) & mask
    while tables.slots[at] >= 0:
        number = tables.slots[at]
        if tables.sizes[number] == end - start:
            begin = tables.begins[number]
            same = True
            for place in range(end - start):
                if tables.words[begin + place] != data[start + place]:
                    same = False
                    break
            if same:
                return int(number)
        at = (at + 1) & mask
    return -1


@compiled
def _add_word(data: Any, start: int, end: int, total: Any, tables: Tables, around: Any) -> int:
    """Add the vectors of a word and of its n-grams of 2 to 4 characters, with < and > around it; how many.

    `around` has room for the word with these two.
    """
    count = 0
    words = len(tables.begins)
    vectors, kept, some = tables.vectors, tables.kept, tables.some
    buckets = np.uint64(len(kept))
    share = 1.0 / len(kept)
    number = _word(data, start, end, tables)
    if number >= 0:
        count += 1
        for column in range(DIMENSIONS):
            total[column] += vectors[number, column]
    size = end - start + 2
    around[0], around[size - 1] = 60, 62
    for place in range(end - start):
        around[place + 1] = data[start + place]
    for first in range(size):
        if (around[first] & 0xC0) == 0x80:
            continue
        found = np.uint32(2166136261)
        letters = 0
        for at in range(first, size):
            byte = np.uint32(around[at])
            if byte >= 128:
                byte |= np.uint32(0xFFFFFF00)
            found = np.uint32((found ^ byte) * np.uint32(16777619))
            if at + 1 < size and (around[at + 1] & 0xC0) == 0x80:
                continue
            letters += 1
            if letters >= 2:
                bucket = _remainder(found, buckets, share)
                if some[bucket >> np.uint64(3)] >> np.uint8(bucket & np.uint64(7)) & np.uint8(1):
                    row = words + np.int64(kept[bucket])
                    count += 1
                    for column in range(DIMENSIONS):
                        total[column] += vectors[row, column]
            if letters == 4:
                break
    return count


@compiled
def _remainder(value: Any, divisor: Any, share: float) -> Any:
    """`value % divisor` of 32 bits, with `share` = 1 / divisor: a division takes several times as long."""
    rest = np.int64(value) - np.int64(np.float64(value) * share) * np.int64(divisor)
    if rest < 0:
        rest += np.int64(divisor)
    elif rest >= np.int64(divisor):
        rest -= np.int64(divisor)
    return np.uint64(rest)


@compiled
def _is(data: Any, start: int, end: int, word: Any, whole: bool) -> bool:
    """Whether the bytes begin with `word`, or (`whole`) are it."""
    if end - start < len(word) or (whole and end - start != len(word)):
        return False
    for place in range(len(word)):  # noqa: SIM110  compiled code has no generators
        if data[start + place] != word[place]:
            return False
    return True


@compiled
def _hidden(data: Any, places: Any, tables: Tables) -> Any:
    """The mean vector of each text."""
    seen, sums, counts = tables.seen, tables.sums, tables.counts  # a look into a tuple counts references
    found = np.zeros((len(places) - 1, DIMENSIONS))
    total = np.zeros(DIMENSIONS)
    around = np.empty(256, np.uint8)
    for text in range(len(places) - 1):
        count = 0
        total[:] = 0.0
        at, stop = places[text], places[text + 1]
        while at < stop:
            if _BLANK[data[at]]:
                at += 1
                continue
            start = at
            mixed = np.uint64(14695981039346656037)
            place = np.uint64(at)  # a place without a sign may not count from the end, which would be asked each time
            while place < np.uint64(stop) and not _BLANK[data[place]]:
                mixed = (mixed ^ np.uint64(data[place])) * np.uint64(1099511628211)
                place += np.uint64(1)
            at = int(np.int64(place))
            if data[start] == _LABEL[0] and _is(data, start, at, _LABEL, False):
                continue
            if data[start] == _END[0] and _is(data, start, at, _END, True):
                break
            place = (mixed ^ (mixed >> np.uint64(29))) & np.uint64(PLACES - 1)
            if seen[place] != mixed:
                seen[place] = mixed
                sums[place, :] = 0.0
                if len(around) < at - start + 2:
                    around = np.empty(at - start + 2, np.uint8)
                counts[place] = _add_word(data, start, at, sums[place], tables, around)
            count += counts[place]
            for column in range(DIMENSIONS):
                total[column] += sums[place, column]
        # The line ends: fastText counts its end as a word, the first of the dictionary.
        for column in range(DIMENSIONS):
            found[text, column] = (total[column] + tables.vectors[0, column]) / (count + 1)
    return found


@compiled
def _shares(hidden: Any, output: Any, left: Any, right: Any) -> Any:
    """The probability of each label, from the root of the tree downwards."""
    labels = (len(left) + 1) // 2
    found = np.zeros((len(hidden), labels))
    scores = np.zeros(len(left))
    for text in range(len(hidden)):
        scores[-1] = 0.0
        for node in range(len(left) - 1, labels - 1, -1):
            dot = 0.0
            for column in range(output.shape[1]):
                dot += hidden[text, column] * output[node - labels, column]
            share = 1.0 / (1.0 + np.exp(-dot))
            scores[left[node]] = scores[node] + np.log(1.0 - share + LEAST)
            scores[right[node]] = scores[node] + np.log(share + LEAST)
        for label in range(labels):
            found[text, label] = min(1.0, np.exp(scores[label]))
    return found


_BLANK = np.zeros(256, np.bool_)
_BLANK[[0, *range(9, 14), 32]] = True
_LABEL = np.frombuffer(LABEL, np.uint8)
_END = np.frombuffer(END, np.uint8)
