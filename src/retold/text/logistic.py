"""Logistic regression on hashed words and pairs of words: learning its weights, and the log-odds of texts.

In: UTF-8 bytes of texts with their offsets, labels for learning. Out: a weight for each bucket and a bias; for each
text the log-odds of being like the good ones. Features are those of `features.py`, counted by bucket and scaled to
length one for each text, so that long texts do not count for more. Learning is stochastic gradient descent, text after
text, in an order drawn from the seed; each class has half of the weight whatever its size. Learning holds the examples'
features, 8 bytes for each distinct one. The method is that of a linear fastText classifier (1607.01759) without its
hidden layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from retold.text.compiled import compiled
from retold.text.features import LARGEST, bucket
from retold.text.hashed import Alphabet, Words, alphabet, cut, room

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]


@compiled
def _count_distinct(words: Words, found: int, counts: Any, touched: Any) -> int:
    """Count the features of a text in `counts` (all zero); the buckets that have some are listed. Their number."""
    many = 0
    for size in range(1, 3):
        for at in range(found - size + 1):
            place = bucket(words, at, size, len(counts))
            if counts[place] == 0:
                touched[many] = place
                many += 1
            counts[place] += 1
    return many


@compiled
def _length(counts: Any, touched: Any, many: int) -> float:
    total = 0.0
    for at in range(many):
        total += float(counts[touched[at]]) * float(counts[touched[at]])
    return float(np.sqrt(total))


@compiled
def _features(data: Any, offsets: Any, letters: Alphabet, words: Words, counts: Any, touched: Any, out: Any) -> int:
    """The features of one text as (places, values) in `out`; their number."""
    end = min(offsets[1], offsets[0] + LARGEST)
    found = cut(data[offsets[0] : end], letters.kind, letters.folded, False, words)
    many = _count_distinct(words, found, counts, touched)
    length = _length(counts, touched, many)
    places, values = out
    for at in range(many):
        places[at] = touched[at]
        values[at] = counts[touched[at]] / length
        counts[touched[at]] = 0
    return many


@compiled
def _odds(data: Any, offsets: Any, letters: Alphabet, words: Words, scratch: Any, weights: Any, odds: Any) -> None:
    counts, touched = scratch
    for text in range(len(offsets) - 1):
        end = min(offsets[text + 1], offsets[text] + LARGEST)
        found = cut(data[offsets[text] : end], letters.kind, letters.folded, False, words)
        many = _count_distinct(words, found, counts, touched)
        length = _length(counts, touched, many)
        total = 0.0
        for at in range(many):
            place = touched[at]
            total += float(weights[place]) * float(counts[place])
            counts[place] = 0
        odds[text] = total / length if many else 0.0


@compiled
def _epoch(examples: Any, bounds: Any, labels: Any, order: Any, weights: Any, bias: float, rates: Any) -> float:
    """One pass over the examples in this order; the new bias. `rates`: the step of a bad and of a good example."""
    places, values = examples
    for example in order:
        begin, end = bounds[example], bounds[example + 1]
        odds = bias
        for at in range(begin, end):
            odds += weights[places[at]] * values[at]
        step = rates[labels[example]] * (labels[example] - 1.0 / (1.0 + np.exp(-odds)))
        for at in range(begin, end):
            weights[places[at]] += step * values[at]
        bias += 0.1 * step
    return bias


class Logistic:
    """Gives the log-odds of texts by weights; keeps its working memory. Not for several threads at once."""

    def __init__(self, weights: Weights, bias: float) -> None:
        self.weights, self.bias = weights, bias
        self._words = room(LARGEST)
        self._scratch = (np.zeros(len(weights), np.int32), np.empty(len(weights), np.int32))

    def odds(self, data: Bytes, offsets: Ints) -> npt.NDArray[np.float64]:
        """By text, the log-odds of being like the good examples; a text without words has the bias alone."""
        found = np.zeros(len(offsets) - 1, np.float64)
        _odds(data, offsets, alphabet(), self._words, self._scratch, self.weights, found)
        return found + self.bias


class Learner:
    """Takes examples one by one, then learns from all of them."""

    def __init__(self, buckets: int) -> None:
        self.buckets = buckets
        self._words = room(LARGEST)
        self._scratch = (np.zeros(buckets, np.int32), np.empty(buckets, np.int32))
        self._out = (np.empty(buckets, np.int32), np.empty(buckets, np.float32))
        self._found: list[tuple[npt.NDArray[np.int32], Weights]] = []
        self._labels: list[int] = []

    def take(self, text: str, good: bool) -> None:
        """One more example."""
        raw = np.frombuffer(text.encode("utf-8", "surrogatepass")[:LARGEST], np.uint8)
        bounds = np.array([0, len(raw)], np.int64)
        many = _features(raw, bounds, alphabet(), self._words, *self._scratch, self._out)
        self._found.append((self._out[0][:many].copy(), self._out[1][:many].copy()))
        self._labels.append(int(good))

    def learn(self, seed: int, epochs: int, rate: float) -> Logistic:
        """The weights; the same examples in the same order with the same seed give the same."""
        labels = np.array(self._labels, np.int64)
        bounds = np.zeros(len(labels) + 1, np.int64)
        np.cumsum([len(places) for places, _ in self._found], out=bounds[1:])
        columns = zip(*self._found, strict=True)
        examples = tuple(np.concatenate(column) for column in columns)
        weights = np.zeros(self.buckets, np.float64)
        bias = 0.0
        shares = len(labels) / (2 * np.maximum(np.bincount(labels, minlength=2), 1))
        chance = np.random.default_rng(seed)
        for epoch in range(epochs):
            rates = np.minimum(rate / (1 + epoch) * shares, 2 * rate)
            bias = _epoch(examples, bounds, labels, chance.permutation(len(labels)), weights, bias, rates)
        return Logistic(weights.astype(np.float32), float(bias))
