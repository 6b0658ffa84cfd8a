"""From a sample of a plan to the whole of it: totals with 95 % intervals.

In: figures of each retelling of the sample, and how many characters of source the whole plan has in each style
(counted, not guessed). Out: `Estimate` of each figure's total.

Method: within each style, the sample's figure for each character of source, times the plan's characters in that style
(a ratio estimate, W. G. Cochran, Sampling Techniques, 1977, chapter 6; stratified by style). Intervals: documents are
drawn again with replacement, all retellings of one together (cluster bootstrap, B. Efron 1979), 2,000 times from the
recipe's seed; deviations are shrunk by the share of the plan that is in the sample already (finite population
correction: a sample that is the whole plan has no interval); percentiles 2.5 and 97.5. A style that the sample does not
have goes by the ratio of all others.

The sample is the beginning of the planned order, which goes part after part: what differs between the parts of the
input that are in it and those that are not, no interval can know. With few documents intervals come out too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
AT_ONCE = 200
FEW = 20
LOW, HIGH = 2.5, 97.5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A total, with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One retelling: its style, the document it is drawn with, characters of source, and its figures."""

    style: str
    cluster: str
    characters: int
    figures: tuple[float, ...]


@dataclass(frozen=True)
class Totals:
    """Figures of the whole plan: `point` by figure, `drawn` by resample and figure, and what the sample itself has."""

    point: Floats
    drawn: Floats
    sampled: Floats

    def estimate(self, figure: int, times: float = 1.0) -> Estimate:
        """The total of one figure; never less than the sample has already."""
        return interval(self.point[figure] * times, self.drawn[:, figure] * times, self.sampled[figure] * times)


def interval(value: float, drawn: Floats, least: float = 0.0) -> Estimate:
    """An estimate with the percentiles of its resamples."""
    low, high = np.percentile(drawn, [LOW, HIGH])
    return Estimate(float(value), float(max(low, least)), float(max(high, least)))


def draws(clusters: int, seed: int) -> list[Floats]:
    """How often each cluster is drawn, by resample; in blocks of `AT_ONCE` resamples."""
    random = np.random.default_rng(seed)
    even = np.full(clusters, 1 / clusters)
    return [random.multinomial(clusters, even, AT_ONCE).astype(np.float64) for _ in range(RESAMPLES // AT_ONCE)]


def extrapolate(rows: Sequence[Row], characters: Mapping[str, int], seed: int) -> Totals:
    """Totals over a plan with so many characters of source in each style. Raises ValueError without rows."""
    if not rows:
        raise ValueError("nothing was sampled")
    clusters = {name: place for place, name in enumerate(dict.fromkeys(row.cluster for row in rows))}
    styles = sorted({row.style for row in rows} | set(characters))
    sums = np.zeros((len(styles), len(clusters), 1 + len(rows[0].figures)))
    for row in rows:
        sums[styles.index(row.style), clusters[row.cluster]] += (row.characters, *row.figures)
    planned = np.array([float(characters.get(style, 0)) for style in styles])
    sampled = sums.sum(axis=1)
    planned = np.maximum(planned, sampled[:, 0])
    point = _total(sampled[None], planned)[0]
    drawn = np.concatenate(
        [_total(np.einsum("bd,sdf->bsf", block, sums), planned, sampled) for block in draws(len(clusters), seed)]
    )
    shrink = np.sqrt(max(0.0, 1.0 - sampled[:, 0].sum() / max(1.0, planned.sum())))
    return Totals(point, point + (drawn - point) * shrink, sampled[:, 1:].sum(axis=0))


def _total(sums: Floats, planned: Floats, otherwise: Floats | None = None) -> Floats:
    """Figures of the plan by resample: each style's ratio to characters, times the characters planned."""
    whole = sums.sum(axis=1, keepdims=True)
    ratios = _ratio(sums, _ratio(whole, np.zeros_like(whole[..., 1:])))
    if otherwise is not None:  # a style that this resample happens not to have keeps the sample's own ratio
        missing = (sums[..., 0] == 0) & (otherwise[None, :, 0] > 0)
        ratios = np.where(missing[..., None], _ratio(otherwise[None], ratios[:1]), ratios)
    totals: Floats = np.einsum("bsf,s->bf", ratios, planned)
    return totals


def _ratio(sums: Floats, otherwise: Floats) -> Floats:
    characters = sums[..., :1]
    return np.where(characters > 0, sums[..., 1:] / np.maximum(characters, 1.0), otherwise)
