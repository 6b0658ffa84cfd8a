"""Which words of some texts stand in a run of words that stood before, found with a suffix array.

Words become numbers, texts are parted by numbers that occur once, and neighbours in the suffix array (`pydivsufsort`,
about 7 million words a second) that share `length` words or more begin the same run. Of each run the first occurrence,
in order of the texts, stays; every later one is marked. Exact: case and all, over the words of `text/words.py`. The
method is that of Lee et al. 2022 (ExactSubstr), who took 50 subword tokens.

Memory: about 20 bytes a word beside the texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pydivsufsort

from retold.text.compiled import compiled
from retold.text.words import word_spans


def repeated(texts: Sequence[str], length: int) -> list[npt.NDArray[np.bool_]]:
    """For each text, which of its words stand in a run of at least `length` words that stood before."""
    numbers, starts = _numbered(texts)
    if len(numbers) < 2:
        return [np.zeros(0, np.bool_) for _ in texts]
    suffixes = pydivsufsort.divsufsort(numbers)
    common = pydivsufsort.kasai(numbers, suffixes)
    again = np.zeros(len(numbers), dtype=np.bool_)
    _mark(suffixes, common, length, again)
    _widen(again, length)
    return [again[start : end - 1] for start, end in pairwise(starts)]


def _numbered(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint32], list[int]]:
    """The words of all texts as numbers, each text followed by a number of its own; where each text begins."""
    known: dict[str, int] = {}
    pieces, starts = [], [0]
    for text in texts:
        found = [known.setdefault(text[start:end], len(known)) for start, end in word_spans(text)]
        pieces.append(np.array([*found, 0], dtype=np.uint32))
        starts.append(starts[-1] + len(found) + 1)
    numbers = np.concatenate(pieces) if pieces else np.empty(0, np.uint32)
    numbers[np.array(starts[1:], dtype=np.int64) - 1] = np.arange(len(known), len(known) + len(texts), dtype=np.uint32)
    return numbers, starts


@compiled
def _mark(suffixes: Any, common: Any, length: Any, again: Any) -> None:
    """Marks where a run of `length` words begins that begins at a smaller place too."""
    start = 0
    while start < len(suffixes):
        end = start
        first = suffixes[start]
        while end + 1 < len(suffixes) and common[end] >= length:
            end += 1
            first = min(first, suffixes[end])
        for turn in range(start, end + 1):
            if suffixes[turn] != first:
                again[suffixes[turn]] = True
        start = end + 1


@compiled
def _widen(again: Any, length: Any) -> None:
    """From where runs begin to all of their words."""
    left = 0
    for place in range(len(again)):
        if again[place]:
            left = length
        if left > 0:
            again[place] = True
            left -= 1
