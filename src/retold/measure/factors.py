"""How many times fewer tokens, or parameters, an arm needs for a score: ratios with intervals, censored where unknown.

    tokens_to(curve, score, level)   tokens at which a curve has reached a level to stay; None: not within the budget
    factor(pairs, budget, ...)       control's tokens over the arm's, seed by seed

A level counts as reached where this point and the next are at or above it (the last point: itself), so that one lucky
point is not a result; between points the curve is a straight line. Where the control never gets there, its tokens are
more than the budget, and the ratio is a lower bound (">"), as where the arm is there at its first point already; where
the arm never does, or the control is there at once, an upper one ("<"); where neither does, nothing is said. Means are
of logarithms. With lower bounds among the ratios, the mean of all is itself a lower bound, and so is the lower end of
its interval; an upper end is then not given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from retold.measure.statistics import t_interval

Kind = Literal["=", ">", "<", "?"]
Curve = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Factor:
    """Control's need over the arm's. `kind`: exact, a lower bound, an upper bound, or not to be said."""

    kind: Kind
    mean: float
    low: float | None
    high: float | None
    count: int
    censored: int

    def words(self) -> str:
        """For a person: "3.1 (2.5 to 3.8)", "> 4.2 (at least 3.6)"."""
        if self.kind == "?":
            return "not to be said: curves begin too late or end too early"
        start = "" if self.kind == "=" else f"{self.kind} "
        if self.kind == ">" and self.low is not None:
            return f"{start}{self.mean:.1f} (at least {self.low:.1f})"
        if self.kind == "<" and self.high is not None:
            return f"{start}{self.mean:.1f} (at most {self.high:.1f})"
        span = f" ({self.low:.1f} to {self.high:.1f})" if self.low is not None and self.high is not None else ""
        return f"{start}{self.mean:.1f}{span}"


def tokens_to(curve: Curve, score: str, level: float, sign: int = 1) -> float | None:
    """Tokens at which `score` reaches `level`, or None where it does not within the curve. `sign` -1: falls to it."""
    points = [(float(point["tokens"]), sign * float(point["scores"][score])) for point in curve]
    level *= sign
    for place, (tokens, value) in enumerate(points):
        following = points[min(place + 1, len(points) - 1)][1]
        if value >= level and following >= level:
            if place == 0:
                return tokens
            before_tokens, before = points[place - 1]
            if before >= level or value == before:
                return tokens
            return before_tokens + (tokens - before_tokens) * (level - before) / (value - before)
    return None


def factor(
    needs: Sequence[tuple[float | None, float | None]], most: float, confidence: float, least: float = 0.0
) -> Factor:
    """Of (control, arm) needs by seed, None where not within `most`, `least` where that or less; as ratios."""
    logs, lower, upper = [], 0, 0
    for control, arm in needs:
        if control is None and arm is None:
            return Factor("?", math.nan, None, None, len(needs), len(needs))
        lower += control is None or (arm is not None and arm <= least)
        upper += arm is None or (control is not None and control <= least)
        logs.append(math.log((control or most) / (arm or most)))
    if not logs or (lower and upper):
        return Factor("?", math.nan, None, None, len(needs), lower + upper)
    found = t_interval(logs, confidence)
    low = math.exp(found.low) if found.known and not upper else None
    high = math.exp(found.high) if found.known and not lower else None
    return Factor(">" if lower else "<" if upper else "=", math.exp(found.mean), low, high, len(logs), lower + upper)


def parameters_to(scores: Sequence[tuple[int, float]], level: float, sign: int = 1) -> tuple[Kind, float]:
    """Parameters with which (parameters, score), by size, reach a level: exact between sizes, else a bound."""
    ordered, level = [(size, sign * score) for size, score in sorted(scores)], sign * level
    if ordered[0][1] >= level:
        return "<", float(ordered[0][0])
    for (small, low), (large, high) in pairwise(ordered):
        if low < level <= high:
            share = (level - low) / (high - low)
            return "=", math.exp(math.log(small) + share * (math.log(large) - math.log(small)))
    return ">", float(ordered[-1][0])
