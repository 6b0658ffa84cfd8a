"""Fit a combination of signals to labelled pairs, and say how good it is, with intervals.

In: pairs (`labelled.py`) and the checks to combine. Out: a `Calibration`: the combination, and how well it tells
supported from unsupported texts that it was not fitted on: cross-validation by document, in `FOLDS` folds. Balanced
accuracy is that of the threshold 0.5 on the risk; AUROC counts ties half. Intervals are 95 % over `RESAMPLES`
resampled documents, since the texts about one document are not independent (bootstrap by cluster).

The fit is a ridge-penalised logistic regression by Newton steps, each label weighing half in all. Weights below zero
are not allowed (`combination.py` says why): the worst of them is taken out and the rest fitted again until there is
none. A threshold for a wanted precision is the greatest risk below which so large a share of texts is supported, in
cross-validation; it is None where no tenth of the texts reaches it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from retold.core.errors import RetoldError
from retold.verify.check import Check, Reading
from retold.verify.combination import FORMAT, Combination, Term, reading
from retold.verify.labelled import Pair
from retold.verify.source import SourceText

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FOLDS: Final = 10
RESAMPLES: Final = 1000
RIDGE: Final = 5.0
SEED: Final = 7
LEAST_SHARE: Final = 0.1
"""A threshold for a precision that lets through less than this share of the texts is no threshold worth having."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval over resampled documents."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What came of it. `precision` is the share supported among the texts below the threshold, `kept` their share."""

    combination: Combination
    pairs: int
    documents: int
    supported: float
    auroc: Figure
    balanced_accuracy: Figure
    threshold: float | None
    precision: float
    kept: float
    data: str

    def values(self) -> dict[str, Any]:
        """What is written to the file: the combination, then the figures, which decide nothing."""
        terms = [{"signal": t.signal, "reading": t.reading, "weight": t.weight} for t in self.combination.terms]
        figures = {
            "pairs": self.pairs,
            "documents": self.documents,
            "supported": round(self.supported, 4),
            "auroc": [round(v, 4) for v in (self.auroc.value, self.auroc.low, self.auroc.high)],
            "balanced_accuracy": [
                round(v, 4)
                for v in (self.balanced_accuracy.value, self.balanced_accuracy.low, self.balanced_accuracy.high)
            ],
            "precision": round(self.precision, 4),
            "kept": round(self.kept, 4),
        }
        return {
            "format": FORMAT,
            "name": self.combination.name,
            "bias": self.combination.bias,
            "threshold": self.combination.threshold,
            "terms": terms,
            "data": self.data,
            "cross_validated": figures,
        }


def measured(pairs: Sequence[Pair], checks: Sequence[Check]) -> list[dict[str, float]]:
    """The signals of every pair, in order; a source is cut up once for the pairs that follow each other about it."""
    found: list[dict[str, float]] = []
    source: SourceText | None = None
    for pair in pairs:
        if source is None or source.text != pair.source:
            source = SourceText(pair.source)
        values: dict[str, float] = {}
        for check in checks:
            values |= check.measure(source, pair.text)[0]
        found.append(values)
    return found


def readings(signals: Sequence[Mapping[str, float]], terms: Sequence[tuple[str, Reading]]) -> Array:
    """Evidence of shape (texts, terms)."""
    rows = [[reading(values[name], how) for name, how in terms] for values in signals]
    return np.array(rows, np.float64).reshape(len(rows), len(terms))


def auroc(risk: Array, unsupported: Flags) -> float:
    """Probability that an unsupported text has the greater risk, ties counting half; nan without both kinds."""
    _, place, counts = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    many = int(unsupported.sum())
    few = len(risk) - many
    if not many or not few:
        return float("nan")
    return float((ranks[unsupported].sum() - many * (many + 1) / 2) / (many * few))


def balanced_accuracy(risk: Array, unsupported: Flags) -> float:
    """The mean of the shares told rightly of both kinds, at a risk of 0.5; nan without both kinds."""
    if unsupported.all() or not unsupported.any():
        return float("nan")
    refused = risk > 0.5
    return float((refused[unsupported].mean() + (~refused[~unsupported]).mean()) / 2)


def interval(
    statistic: Callable[[Array, Flags], float], risk: Array, unsupported: Flags, documents: Sequence[str]
) -> Figure:
    """A statistic with its interval over resampled documents."""
    names = np.array(documents)
    rows = [np.flatnonzero(names == name) for name in np.unique(names)]
    generator = np.random.default_rng(SEED)
    draws = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([rows[at] for at in generator.integers(0, len(rows), len(rows))])
        draws.append(statistic(risk[chosen], unsupported[chosen]))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Figure(statistic(risk, unsupported), float(low), float(high))


def fit(evidence: Array, unsupported: Flags) -> tuple[Array, float]:
    """(weights, bias): no weight below zero, both labels weighing the same."""
    spread = evidence.std(axis=0)
    chosen = [at for at in range(evidence.shape[1]) if spread[at] > 1e-9]
    while True:
        slopes, bias = _newton(evidence[:, chosen] / spread[chosen], unsupported)
        if not len(slopes) or slopes.min() >= 0:
            break
        del chosen[int(slopes.argmin())]
    weights = np.zeros(evidence.shape[1])
    weights[chosen] = slopes / spread[chosen]
    return weights, bias


def _newton(evidence: Array, unsupported: Flags) -> tuple[Array, float]:
    rows, columns = evidence.shape
    design = np.c_[np.ones(rows), evidence]
    penalty = np.diag([1e-6, *[RIDGE] * columns])
    share = np.where(unsupported, 0.5 / unsupported.mean(), 0.5 / (~unsupported).mean())
    solution = np.zeros(columns + 1)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ solution, -30, 30)))
        slope = design.T @ (share * (chance - unsupported)) + penalty @ solution
        curve = (design.T * (share * chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curve, slope)
        solution -= step
        if np.abs(step).max() < 1e-9:
            break
    return solution[1:], float(solution[0])


def risks(evidence: Array, weights: Array, bias: float) -> Array:
    """Risk of each row."""
    return 1 / (1 + np.exp(-np.clip(evidence @ weights + bias, -500, 500)))


def cross_validated(evidence: Array, unsupported: Flags, documents: Sequence[str]) -> Array:
    """The risk of each text by a fit that has not seen its document."""
    order = sorted(set(documents), key=lambda name: hashlib.blake2b(name.encode("utf-8", "surrogatepass")).digest())
    fold_of = {name: at % FOLDS for at, name in enumerate(order)}
    folds = np.array([fold_of[name] for name in documents])
    found = np.zeros(len(documents))
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any():
            found[inside] = risks(evidence[inside], *fit(evidence[~inside], unsupported[~inside]))
    return found


def calibrate(
    pairs: Sequence[Pair],
    checks: Sequence[Check],
    name: str,
    precision: float | None,
    *,
    strict: bool = False,
    least: float = LEAST_SHARE,
) -> Calibration:
    """Fit the checks' terms to pairs, `strict`: those for small models too. Raises RetoldError where too little is
    labelled.

    With a wanted precision the threshold is the highest that has it among what is kept, of at least a share `least`.
    """
    documents = [pair.document for pair in pairs]
    unsupported = np.array([not pair.supported for pair in pairs], bool)
    if len(set(documents)) < FOLDS or min(unsupported.sum(), (~unsupported).sum()) < FOLDS:
        raise RetoldError(
            f"too little is labelled: {len(set(documents))} documents, {int((~unsupported).sum())} supported texts "
            f"and {int(unsupported.sum())} unsupported ones",
            f"{FOLDS} of each are the least",
        )
    terms = [term for check in checks for term in (*check.terms, *(check.strict_terms if strict else ()))]
    evidence = readings(measured(pairs, checks), terms)
    unseen = cross_validated(evidence, unsupported, documents)
    weights, bias = fit(evidence, unsupported)
    threshold = 0.5 if precision is None else _threshold(unseen, unsupported, precision, least)
    kept = unseen <= (0.5 if threshold is None else threshold)
    found = tuple(
        Term(signal, how, round(float(weight), 6))
        for (signal, how), weight in zip(terms, weights, strict=True)
        if weight > 0
    )
    return Calibration(
        Combination(name, found, round(bias, 6), 0.5 if threshold is None else round(threshold, 6)),
        len(pairs),
        len(set(documents)),
        float((~unsupported).mean()),
        interval(auroc, unseen, unsupported, documents),
        interval(balanced_accuracy, unseen, unsupported, documents),
        threshold,
        float((~unsupported)[kept].mean()) if kept.any() else 0.0,
        float(kept.mean()),
        hashlib.blake2b(repr(sorted(map(repr, pairs))).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
    )


def _threshold(risk: Array, unsupported: Flags, precision: float, least: float) -> float | None:
    order = np.argsort(risk, kind="stable")
    share = np.cumsum(~unsupported[order]) / np.arange(1, len(order) + 1)
    last = np.append(risk[order][1:] > risk[order][:-1], True)  # a threshold cannot part equal risks
    enough = np.arange(1, len(order) + 1) >= least * len(order)
    good = np.flatnonzero(last & enough & (share >= precision))
    return float(risk[order][good[-1]]) if len(good) else None
