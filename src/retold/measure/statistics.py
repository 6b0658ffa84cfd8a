"""Intervals and corrections for a handful of seeds and some hundred items.

    t_interval(values, confidence)   mean of seed-level values with Student's interval, and its two-sided p
    bootstrap(differences, groups)   interval of the mean difference over items, pairs kept, drawn by group
    holm(p_values)                   adjusted p-values (Holm 1979)
    binomial_interval(...)           Clopper-Pearson by bisection

Seeds are the unit of the primary claim: items of one model share its luck. The bootstrap over items says what other
questions would have given with these models, and nothing about other models. Student's distribution is the finite
series for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4): exact, and no library for it alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its interval; without one (a single value) the ends are the mean and `p` is 1."""

    mean: float
    low: float
    high: float
    p: float
    count: int

    @property
    def known(self) -> bool:
        """Whether there were enough values for an interval."""
        return self.count > 1


def t_within(value: float, freedom: int) -> float:
    """Probability that |T| is at most `value`, for whole degrees of freedom."""
    angle = math.atan(value / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for index in range(3, freedom - 1, 2):
            term *= cosine * cosine * (index - 1) / index
            total += term
        return 2 / math.pi * (angle + sine * total)
    term = total = 1.0
    for index in range(2, freedom - 1, 2):
        term *= cosine * cosine * (index - 1) / index
        total += term
    return sine * total


def t_quantile(confidence: float, freedom: int) -> float:
    """The value within which |T| lies with this probability."""
    low, high = 0.0, 1e9
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if t_within(middle, freedom) < confidence else (low, middle)
    return high


def t_interval(values: Sequence[float], confidence: float) -> Interval:
    """Mean, Student's interval and two-sided p against 0. All values equal: an interval of no width."""
    count = len(values)
    mean = math.fsum(values) / count
    if count < 2:
        return Interval(mean, mean, mean, 1.0, count)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    error = deviation / math.sqrt(count)
    if error < 1e-12:
        return Interval(mean, mean, mean, 1.0 if abs(mean) < 1e-12 else 0.0, count)
    reach = t_quantile(confidence, count - 1) * error
    return Interval(mean, mean - reach, mean + reach, 1 - t_within(abs(mean) / error, count - 1), count)


def bootstrap(
    differences: Sequence[Sequence[float]], groups: Sequence[Sequence[str]], confidence: float, seed: int = 0
) -> tuple[float, float]:
    """Percentile interval of the mean over seeds of the mean difference over items, groups of items drawn together.

    `differences[s][i]`: treatment less control on item i of seed s; `groups[s][i]`: what the item is about. Where all
    seeds are asked about the same, a draw is one of questions for all of them: five models are not five sets of
    questions. Where each has a world of its own, each is drawn from by itself.
    """
    draw = np.random.default_rng(seed)
    means: NDArray[np.float64] = np.zeros(DRAWS)
    shared = all(set(names) == set(groups[0]) for names in groups)
    for values, names in zip(differences, groups, strict=True):
        if shared:
            draw = np.random.default_rng(seed)
        numbers = {name: index for index, name in enumerate(dict.fromkeys(groups[0] if shared else names))}
        where = np.array([numbers[name] for name in names])
        sums = np.bincount(where, weights=np.asarray(values, dtype=np.float64), minlength=len(numbers))
        sizes = np.bincount(where, minlength=len(numbers)).astype(np.float64)
        chosen = draw.integers(0, len(numbers), size=(DRAWS, len(numbers)))
        means += sums[chosen].sum(1) / sizes[chosen].sum(1)
    means /= len(differences)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p-values: compare each with the level as it is."""
    ordered, adjusted, least = sorted(p_values.items(), key=lambda item: item[1]), {}, 0.0
    for place, (name, p) in enumerate(ordered):
        least = max(least, min(1.0, p * (len(ordered) - place)))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}


def binomial_interval(hits: int, trials: int, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share."""
    tail = (1 - confidence) / 2

    def at_most(share: float, count: int) -> float:
        return math.fsum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(count + 1))

    def solve(count: int, wanted: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(middle, count) > wanted else (low, middle)
        return low

    lower = 0.0 if hits == 0 else solve(hits - 1, 1 - tail)
    upper = 1.0 if hits == trials else solve(hits, tail)
    return lower, upper
