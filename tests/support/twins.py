"""Synthetic documents and their edited copies, for tests and benchmarks of deduplication."""

from __future__ import annotations

import numpy as np

from retold.core.document import Document, document_id
from retold.core.schema import batch

LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))


def vocabulary(count: int, seed: int = 1) -> np.ndarray:
    """Different words of seven letters."""
    drawn = np.random.default_rng(seed).integers(0, 26, size=(count, 7))
    return np.unique(LETTERS[drawn].view("<U7")[:, 0])


def text(words: np.ndarray, rng: np.random.Generator, length: int) -> list[str]:
    return words[rng.integers(0, len(words), length)].tolist()


def edited(words: list[str], rate: float, rng: np.random.Generator) -> list[str]:
    """Each word replaced by a new one with this probability."""
    copy = list(words)
    for place in np.flatnonzero(rng.random(len(copy)) < rate).tolist():
        copy[place] = "x" + "".join(LETTERS[rng.integers(0, 26, 9)])
    return copy


def jaccard(one: list[str], other: list[str], n: int = 5) -> float:
    """The similarity of the sets of word n-grams."""
    left, right = ({tuple(words[at : at + n]) for at in range(len(words) - n + 1)} for words in (one, other))
    return len(left & right) / len(left | right)


def documents(texts: list[str], source: str = "s") -> dict:
    """The output of a step that yields these texts as documents, each once."""
    rows = {document_id("source", (), text): text for text in texts}
    return {"documents": batch("documents", [Document(key, "source", text, source) for key, text in rows.items()])}
