"""Which spans of a text stand in the corpus, by the rules of OLMoTrace.

In: the borders of a text, and for each token how many within its reach stand somewhere. Out: the spans worth showing,
rarest and longest first. A span begins and ends with a whole word, ends at the first full stop or line break, and is
part of no longer one; of these the ceil(0.05 L) are kept that are least likely word by word (the product of how often
their tokens occur in the corpus), L being the tokens of the text. (Liu et al. 2025, "OLMoTrace", section 3.)

A full stop inside a word (3.14) ends nothing here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.text.words import word_spans
from retold.trace.alphabet import Encoded

DENSITY = 0.05
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens start to end (exclusive) of the text, and the logarithm of how likely they are one by one."""

    start: int
    end: int
    likelihood: float = 0.0


@dataclass(frozen=True)
class Borders:
    """For each token: may a span begin with it, may one end before it (one place more), and does it end a span."""

    begins: Flags
    ends: Flags
    stops: Flags

    @classmethod
    def of(cls, encoded: Encoded) -> Borders:
        """The borders of a text."""
        text, count = encoded.text, len(encoded)
        inside = np.zeros(len(text) + 1, np.bool_)
        for start, end in word_spans(text):
            inside[start + 1 : end] = True
        begins, stops = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        ends = np.zeros(count + 1, np.bool_)
        for token, (start, end) in enumerate(zip(encoded.starts.tolist(), encoded.ends.tolist(), strict=True)):
            piece = text[start:end]
            shown = piece.strip()
            whole_before = token == 0 or encoded.ends[token - 1] <= start
            whole_after = token == count - 1 or encoded.starts[token + 1] >= end
            first = start + len(piece) - len(piece.lstrip())
            begins[token] = bool(shown) and whole_before and not inside[first]
            ends[token + 1] = bool(shown) and whole_after and not inside[start + len(piece.rstrip())]
            stops[token] = whole_after and ("\n" in piece or (shown.endswith(".") and not inside[end]))
        return cls(begins, ends, stops)

    def reach(self) -> NDArray[np.int64]:
        """For each token, how many a span that begins with it may have: up to the next stop, 0 where none begins."""
        count = len(self.begins)
        stops = np.append(np.flatnonzero(self.stops), count - 1)
        places = np.arange(count)
        return np.where(self.begins, stops[np.searchsorted(stops, places)] + 1 - places, 0)


def maximal(borders: Borders, lengths: NDArray[np.int64]) -> list[Span]:
    """The spans that keep the rules, in the order of the text; none holds another. No length is beyond its reach."""
    spans: list[Span] = []
    reached = 0
    for start in np.flatnonzero(borders.begins).tolist():
        end = start + int(lengths[start])
        while end > start and not borders.ends[end]:
            end -= 1
        if end > start and end > reached:
            spans.append(Span(start, end))
            reached = end
    return spans


def rarest(encoded: Encoded, spans: list[Span], counts: NDArray[np.int64], density: float = DENSITY) -> list[Span]:
    """The spans to show, the least likely first. `counts` is how often each id stands in the corpus."""
    total = max(1, int(counts.sum()))
    logs = np.log(np.maximum(counts[encoded.ids], 1) / total)
    sums = np.concatenate([[0.0], np.cumsum(logs)])
    rated = [Span(one.start, one.end, float(sums[one.end] - sums[one.start])) for one in spans]
    rated.sort(key=lambda one: (one.likelihood, one.start))
    return rated[: math.ceil(density * len(encoded))]
