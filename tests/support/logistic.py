"""A plain classifier to compare with: logistic regression on hashed words and pairs of words, target against a sample.

Features are counts by bucket, each text scaled to length one; weights by stochastic gradient descent, five epochs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retold.text.hashed import gram, hashed

BUCKETS = 1 << 16


def features(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The buckets of a text and their values."""
    words = hashed(text.encode()[:1_000_000]).hashes
    pairs = np.array([gram(words, at, 2) for at in range(max(len(words) - 1, 0))], np.uint64)
    found = (np.concatenate([words, pairs]) >> np.uint64(7)) % np.uint64(BUCKETS)
    places, counts = np.unique(found.astype(np.int64), return_counts=True)
    return places, counts / max(float(np.sqrt((counts**2).sum())), 1e-9)


class Logistic:
    """Trained on construction; `score` is the log-odds of being like the target."""

    def __init__(self, positive: list[str], negative: list[str], seed: int, epochs: int = 5, rate: float = 2.0) -> None:
        examples = [(features(text), 1.0) for text in positive] + [(features(text), 0.0) for text in negative]
        self.weights = np.zeros(BUCKETS)
        self.bias = 0.0
        chance = np.random.default_rng(seed)
        for epoch in range(epochs):
            for at in chance.permutation(len(examples)):
                (places, values), label = examples[at]
                odds = self.weights[places] @ values + self.bias
                step = rate / (1 + epoch) * (label - 1 / (1 + np.exp(-odds)))
                self.weights[places] += step * values
                self.bias += 0.1 * step

    def score(self, text: str) -> float:
        places, values = features(text)
        return float(self.weights[places] @ values + self.bias)
