"""How well the support signals tell consistent from edited summaries: SummEdits, four domains, nothing fitted to it.

SummEdits (Laban et al. 2023) pairs documents with summaries that people edited by a few words; a third of the pairs
are consistent. It is hard for lexical checks on purpose: the floor is only that the signals are not against the truth.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from retold.verify.checks import measure
from retold.verify.judge import Limits, judge
from retold.verify.source import SourceText

DOMAINS = ("news", "podcast", "sales_email", "scitldr")
RESAMPLES = 1000
SIGNALS = ("combined", "numbers", "names", "support", "weakest_sentence", "accepted")


def _share(values: dict[str, float], what: str) -> float:
    return 1.0 - values[f"unsupported_{what}"] / values[what] if values[what] else 1.0


def _scores(values: dict[str, float]) -> list[float]:
    """Higher is better supported. `combined` was written down before any figure was seen: the plain mean of three."""
    number_share, name_share = _share(values, "numbers"), _share(values, "names")
    combined = (number_share + name_share + values["support"]) / 3
    kept = not judge(values, Limits())
    return [combined, number_share, name_share, values["support"], values["weakest_sentence"], float(kept)]


def _auroc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Probability that a consistent summary scores above an inconsistent one, ties counting half."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _interval(scores: np.ndarray, labels: np.ndarray, documents: np.ndarray) -> tuple[float, float]:
    """95 % of the AUROC over resampled documents: summaries of one document are not independent."""
    generator = np.random.default_rng(7)
    rows = [np.flatnonzero(documents == name) for name in np.unique(documents)]
    draws = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([rows[at] for at in generator.integers(0, len(rows), len(rows))])
        draws.append(_auroc(scores[chosen], labels[chosen]))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)


def _domain(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(scores: pairs x SIGNALS, labels: True is consistent, document of each pair)."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        pairs = json.load(stream)
    sources = {text: SourceText(text) for text in sorted({pair["doc"] for pair in pairs})}
    names = {text: f"{path.name}:{at}" for at, text in enumerate(sources)}
    scores = [_scores(measure(sources[pair["doc"]], pair["summary"])[0]) for pair in pairs]
    return (
        np.array(scores),
        np.array([pair["label"] == 1 for pair in pairs]),
        np.array([names[pair["doc"]] for pair in pairs]),
    )


@pytest.mark.gates
def test_summedits(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {
        name: _domain(shared_data / "faithfulness" / "summedits" / f"summedits_{name}.json.gz") for name in DOMAINS
    }
    everything = tuple(np.concatenate([found[name][at] for name in DOMAINS]) for at in range(3))
    lines = []
    for name, (scores, labels, documents) in {**found, "all": everything}.items():
        low, high = _interval(scores[:, 0], labels, documents)
        alone = "  ".join(f"{signal} {_auroc(scores[:, at], labels):.3f}" for at, signal in enumerate(SIGNALS))
        kept = scores[:, -1] == 1
        lines.append(
            f"{name:12} {len(labels):5} pairs {len(np.unique(documents)):3} documents  "
            f"AUROC {_auroc(scores[:, 0], labels):.3f} [{low:.3f}, {high:.3f}]  "
            f"kept {kept[labels].mean():.0%} of consistent, {kept[~labels].mean():.0%} of edited  | {alone}"
        )
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert _auroc(everything[0][:, 0], everything[1]) >= 0.5
