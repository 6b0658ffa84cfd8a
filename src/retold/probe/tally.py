"""Shares of outcomes by group, with intervals that resample the things asked about.

In: answers and the battery that judges them. Out: a `Figure` for each group, way of drawing (greedy or sampled) and
outcome. The interval is a percentile bootstrap over targets (2,000 draws from a fixed seed), because several forms and
samples of one target say nearly the same. Where nothing was seen of any target, or everything of all, resampling
knows no width, and the exact bound for n targets stands instead (about 3 / n).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from retold.probe.ask import Given
from retold.probe.battery import Battery

DRAWS: Final = 2_000
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its interval. `targets` things were asked about, in `answers` answers."""

    battery: str
    group: str
    drawn: str
    outcome: str
    share: float
    low: float
    high: float
    answers: int
    targets: int


def outcomes(battery: Battery, given: Given) -> dict[str, bool]:
    """Everything that is said of an answer: the battery's outcomes, and whether it came to an end."""
    return {**battery.judge(given.question, given.text), "unfinished": given.finish == "length"}


def figures(battery: Battery, answers: Iterable[Given], seed: int = 7) -> list[Figure]:
    """All figures of a battery, in the order of groups, ways and outcomes."""
    by_cell: dict[tuple[str, str], dict[str, list[dict[str, bool]]]] = {}
    for given in answers:
        cell = (given.question.group, "sampled" if given.sample else "greedy")
        by_cell.setdefault(cell, {}).setdefault(given.question.target, []).append(outcomes(battery, given))
    found: list[Figure] = []
    for (group, drawn), targets in by_cell.items():
        for outcome in (*battery.outcomes, "unfinished"):
            counts = [(sum(said[outcome] for said in rows), len(rows)) for rows in targets.values()]
            share, low, high = share_of(counts, seed)
            total = sum(count for _, count in counts)
            found.append(Figure(battery.name, group, drawn, outcome, share, low, high, total, len(counts)))
    return found


def share_of(counts: Sequence[tuple[int, int]], seed: int = 7) -> tuple[float, float, float]:
    """(share, low, high) of (seen, asked) for each target. Raises ValueError where nothing was asked."""
    if not counts:
        raise ValueError("nothing was asked")
    seen, asked = np.array(counts, np.float64).T
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(counts), size=(DRAWS, len(counts)))
    shares = seen[drawn].sum(1) / asked[drawn].sum(1)
    low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    unseen = (1 - LEVEL) ** (1 / len(counts))
    if not seen.any():
        high = 1 - unseen
    if (seen == asked).all():
        low = unseen
    return float(seen.sum() / asked.sum()), float(low), float(high)
