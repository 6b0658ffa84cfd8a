"""A quantised fastText classifier (lid.176.ftz) as compiled code over the bytes of many texts.

In: the model's file, and texts. Out: the probability of every
label for every text, as the library computes them (P. Bojanowski et al. 2017, A. Joulin et al. 2016): the vectors of a
text's words and of their character n-grams (hashed by FNV-1a, 32 bits) are averaged, and a tree of sigmoids (Huffman,
by the frequency of labels) shares out the probability. The library adds in another order, so probabilities agree to
about 1e-5 and not to the last digit.

What makes it fast is in `lid_words.py`. Documentation in English: 20 to 40 times the library's pace (log).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retold.clean.lid_words import BUCKETS, DIMENSIONS, LABEL, NONE, Tables, hidden, tables
from retold.core.errors import EngineError
from retold.text.compiled import allocating
from retold.text.scan import Texts

MAGIC, VERSION = 793712314, 12
HIERARCHICAL, SUPERVISED = 1, 3
WANTED = (1, HIERARCHICAL, SUPERVISED, BUCKETS, 2, 4, DIMENSIONS)
"""Word n-grams, loss, kind, buckets, characters of the shortest and longest n-gram, dimensions."""
LEAST = 1e-5
"""fastText adds it to every probability before it takes the logarithm."""


@dataclass(frozen=True)
class Classifier:
    """A model in memory, about 20 MB. Not for several threads at once."""

    labels: tuple[str, ...]
    tables: Tables
    output: npt.NDArray[np.float32]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]

    def probabilities(self, texts: Texts) -> npt.NDArray[np.float64]:
        """(texts, labels)."""
        means = hidden(texts.padded, texts.bounds, self.tables)
        found: npt.NDArray[np.float64] = _shares(means, self.output, self.left, self.right)
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
    if (bigrams, loss, kind, buckets, shortest, longest, dimensions) != WANTED:
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
    return Classifier(names, tables(vectors, kept, [name for name, _, _ in entries[:words]]), output, left, right)


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


@allocating
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
