"""A quantised fastText classifier (lid.176.ftz) as compiled code over the bytes of many texts.

In: the model's file; texts as one buffer of UTF-8 with the places where each begins. Out: the probability of every
label for every text, as the library computes them (P. Bojanowski et al. 2017, A. Joulin et al. 2016): the vectors of a
text's words and of their character n-grams (hashed by FNV-1a, 32 bits) are averaged, and a tree of sigmoids (Huffman,
by the frequency of labels) shares out the probability. The library adds in another order, so probabilities agree to
about 1e-5 and not to the last digit.

What makes it fast: vectors are unpacked once (3 MB), and the sum over a word's n-grams is remembered by the word's
64-bit hash in 32,768 places, each of which the next word with that place takes over. What is remembered never changes
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
PLACES = 1 << 15
NONE = np.uint16(0xFFFF)
LABEL = b"__label__"
END = b"</s>"
LEAST = 1e-5
"""fastText adds it to every probability before it takes the logarithm."""


class Tables(NamedTuple):
    """What the compiled code looks things up in."""

    vectors: npt.NDArray[np.float32]
    kept: npt.NDArray[np.uint16]
    slots: npt.NDArray[np.int32]
    words: npt.NDArray[np.uint8]
    begins: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    seen: npt.NDArray[np.uint64]
    sums: npt.NDArray[np.float32]
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Classifier:
    """A model in memory, about 10 MB. Not for several threads at once."""

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
    if (bigrams, loss, kind, shortest, longest) != (1, HIERARCHICAL, SUPERVISED, 2, 4):
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
        vectors, kept, slots, letters, begins, sizes,
        np.zeros(PLACES, np.uint64), np.zeros((PLACES, width), np.float32), np.zeros(PLACES, np.int64),
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
def _add_word(data: Any, start: int, end: int, total: Any, tables: Tables) -> int:
    """Add the vectors of a word and of its n-grams of 2 to 4 characters, with < and > around it; how many."""
    count = 0
    words = len(tables.begins)
    number = _word(data, start, end, tables)
    if number >= 0:
        count += 1
        for column in range(len(total)):
            total[column] += tables.vectors[number, column]
    size = end - start + 2
    for first in range(size):
        begins = 60 if first == 0 else (62 if first == size - 1 else data[start + first - 1])
        if (begins & 0xC0) == 0x80:
            continue
        found = np.uint32(2166136261)
        at = first
        for letters in range(1, 5):
            if at >= size:
                break
            more = True
            while more:
                byte = np.uint32(60 if at == 0 else (62 if at == size - 1 else data[start + at - 1]))
                if byte >= 128:
                    byte |= np.uint32(0xFFFFFF00)
                found = np.uint32((found ^ byte) * np.uint32(16777619))
                at += 1
                more = at < size - 1 and at > 0 and (data[start + at - 1] & 0xC0) == 0x80
            if letters >= 2:
                row = tables.kept[found % np.uint32(len(tables.kept))]
                if row != NONE:
                    count += 1
                    for column in range(len(total)):
                        total[column] += tables.vectors[words + row, column]
    return count


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
    width = tables.vectors.shape[1]
    found = np.zeros((len(places) - 1, width))
    for text in range(len(places) - 1):
        count = 0
        at, stop = places[text], places[text + 1]
        while at < stop:
            if data[at] == 32 or 9 <= data[at] <= 13 or data[at] == 0:
                at += 1
                continue
            start = at
            mixed = np.uint64(14695981039346656037)
            while at < stop and not (data[at] == 32 or 9 <= data[at] <= 13 or data[at] == 0):
                mixed = (mixed ^ np.uint64(data[at])) * np.uint64(1099511628211)
                at += 1
            if _is(data, start, at, _LABEL, False):
                continue
            if _is(data, start, at, _END, True):
                break
            place = np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(PLACES - 1))
            if tables.seen[place] != mixed:
                tables.seen[place] = mixed
                tables.sums[place, :] = 0.0
                tables.counts[place] = _add_word(data, start, at, tables.sums[place], tables)
            count += tables.counts[place]
            for column in range(width):
                found[text, column] += tables.sums[place, column]
        # The line ends: fastText counts its end as a word, the first of the dictionary.
        for column in range(width):
            found[text, column] = (found[text, column] + tables.vectors[0, column]) / (count + 1)
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


_LABEL = np.frombuffer(LABEL, np.uint8)
_END = np.frombuffer(END, np.uint8)
