"""What a classifier is worth on examples that it was not trained on: AUROC, precision and recall, with intervals.

Intervals are of 95 %. Shares: Wilson's. AUROC: the values for which the observed one is not surprising, with the
variance of Hanley and McNeil (R. G. Newcombe 2006, method 5); unlike a bootstrap it is no point where every good
example stands above every bad one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Z = 1.959964
Interval = list[float]


def auroc(good: npt.NDArray[np.float64], bad: npt.NDArray[np.float64]) -> float:
    """The chance that a good example has a higher score than a bad one; equal scores count half."""
    ordered = np.sort(bad)
    below = np.searchsorted(ordered, good, "left") + np.searchsorted(ordered, good, "right")
    return float(below.sum()) / (2 * len(good) * len(bad))


def auroc_interval(value: float, good: int, bad: int) -> Interval:
    """See the module."""

    def away(other: float) -> float:
        many = (good + bad) / 2
        inner = 1 + (many - 1) * ((1 - other) / (2 - other) + other / (1 + other))
        return abs(value - other) - Z * math.sqrt(max(other * (1 - other) * inner / (good * bad), 0.0))

    return [_border(away, value, 0.0), _border(away, value, 1.0)]


def _border(away: Any, inside: float, outside: float) -> float:
    """Where `away` turns positive between the observed value and the end of the scale; the end where it never does."""
    near, far = inside, outside
    for _ in range(60):
        middle = (near + far) / 2
        near, far = (near, middle) if away(middle) > 0 else (middle, far)
    return round(near, 6)


def wilson(right: int, of: int) -> Interval:
    """The interval of a share; of nothing, everything is possible."""
    if not of:
        return [0.0, 1.0]
    share, square = right / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return [round(max(middle - half, 0.0), 6), round(min(middle + half, 1.0), 6)]


def figures(scores: Sequence[float], labels: Sequence[bool], at_least: float) -> dict[str, Any]:
    """All figures of held-out examples, of which both kinds are there. `scores` are probabilities."""
    values, are_good = np.array(scores, np.float64), np.array(labels, bool)
    good, bad = values[are_good], values[~are_good]
    chosen = values >= at_least
    right = int((chosen & are_good).sum())
    area = auroc(good, bad)
    return {
        "good": len(good),
        "bad": len(bad),
        "at_least": at_least,
        "auroc": [round(area, 6), *auroc_interval(area, len(good), len(bad))],
        "precision": [round(right / max(int(chosen.sum()), 1), 6), *wilson(right, int(chosen.sum()))],
        "recall": [round(right / len(good), 6), *wilson(right, len(good))],
    }
