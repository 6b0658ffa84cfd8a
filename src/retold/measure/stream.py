"""The rows that a model reads: texts of pass after pass, end to end, cut into rows of equal length.

In: a builder's passes, a vocabulary. Out: (ids, labels) of shape (batch, length + 1 and length), the label of a token
without loss being IGNORED. Position is two integers (pass, tokens of it already used), so a run that was killed goes on
with the very next token. A row may begin inside a text; texts in a row see each other, as in most pre-training.
Resident: one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.core.errors import RetoldError
from retold.measure.builder import TrainingText
from retold.measure.vocabulary import Vocabulary

IGNORED = -100
Pass = Callable[[int], Sequence[TrainingText]]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stream has been read."""

    number: int = 0
    used: int = 0


class Stream:
    """Rows without end."""

    def __init__(self, texts: Pass, vocabulary: Vocabulary, position: Position = Position()) -> None:
        self._texts, self._vocabulary = texts, vocabulary
        self._number, self._used = position.number, position.used
        self._ids, self._learnt = self._load(self._number)

    @property
    def position(self) -> Position:
        """Where the next row begins."""
        return Position(self._number, self._used)

    def _load(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        encoded = [self._vocabulary.encode(text) for text in self._texts(number)]
        if not encoded:
            raise RetoldError(f"pass {number} of the arm has no text", "does its store hold kept documents?")
        ids, learnt = zip(*encoded, strict=True)
        return np.concatenate(ids), np.concatenate(learnt)

    def _take(self, wanted: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        ids, learnt = [], []
        while wanted:
            if self._used == len(self._ids):
                self._number, self._used = self._number + 1, 0
                self._ids, self._learnt = self._load(self._number)
            upto = min(self._used + wanted, len(self._ids))
            ids.append(self._ids[self._used : upto])
            learnt.append(self._learnt[self._used : upto])
            wanted -= upto - self._used
            self._used = upto
        return np.concatenate(ids), np.concatenate(learnt)

    def rows(self, batch: int, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The next `batch` rows: ids (batch, length), and for each the id that follows it or IGNORED."""
        ids, learnt = self._take(batch * length)
        inputs = ids.astype(np.int64).reshape(batch, length)
        labels = np.where(learnt, ids, IGNORED).astype(np.int64).reshape(batch, length)
        # The first token of a row has nothing before it to be told from; the last of one is not the next row's label.
        following = np.full_like(labels, IGNORED)
        following[:, :-1] = labels[:, 1:]
        return inputs, following
