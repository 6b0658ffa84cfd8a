"""Training a quality classifier on two sets of examples, with figures on the part that it did not see.

In: files, folders or patterns of good and of bad examples, as under `sources`. Out: a Trained. A text counts once; one
that is in both sets says nothing and is left out, and counted. Which texts are held out is decided by the digest of the
text and the seed, so the same text is never on both sides and adding examples moves none. Near duplicates may be on
both sides, which flatters the figures: deduplicate first. The weights are those of the training part alone: the figures
are of this very classifier. Memory: all examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retold.clean.classifier_figures import figures
from retold.clean.extract import Refused, extract
from retold.core.errors import SourceError
from retold.core.fingerprint import digest, uniform
from retold.core.quantity import Share
from retold.core.settings import Settings, identity
from retold.core.verdict import Verdict
from retold.read import Source, pin, read
from retold.text.logistic import Learner, Logistic
from retold.text.shingles import columns

LEAST = 5
"""Examples of each kind that must be held out, and learned from."""


class Training(Settings):
    """How a classifier is trained."""

    seed: int = identity(7)
    held_out: Share = identity(0.2, gt=0, lt=1)
    at_least: float = identity(0.5, ge=0, le=1, description="the threshold that precision and recall are given for")
    buckets: int = identity(1 << 18, ge=1_000, le=1 << 24)
    epochs: int = identity(5, ge=1, le=1_000)
    rate: float = identity(2.0, gt=0, le=100)


@dataclass(frozen=True)
class Trained:
    """The classifier, and what its file says about it."""

    logistic: Logistic
    about: dict[str, Any]


def examples(paths: Sequence[str], base: Path) -> list[str]:
    """The distinct texts of the files, in the order of their digests. Raises SourceError where there is none."""
    source = Source.model_validate({"paths": list(paths)})
    found = {}
    for part in pin("examples", source, base):
        for item in read(part, source):
            if isinstance(item, Verdict):
                continue
            try:
                text = extract(item, source.extract, source.page_seconds).text
            except Refused:
                continue
            if text.strip():
                found[digest(text)] = text
    if not found:
        raise SourceError(f"the examples in {', '.join(paths)} hold no text", "Name files with texts of one kind.")
    return [found[key] for key in sorted(found)]


def train(good: Sequence[str], bad: Sequence[str], settings: Training) -> Trained:
    """Learn from most of the texts, measure on the rest. Raises SourceError where there are too few."""
    both = set(good) & set(bad)
    labelled = [(text, True) for text in good if text not in both] + [(text, False) for text in bad if text not in both]
    held = [pair for pair in labelled if uniform("held", settings.seed, pair[0]) < settings.held_out]
    taught = [pair for pair in labelled if uniform("held", settings.seed, pair[0]) >= settings.held_out]
    for pairs, what in ((taught, "to learn from"), (held, "to measure on")):
        if min(sum(label for _, label in pairs), sum(not label for _, label in pairs)) < LEAST:
            raise SourceError(f"there are fewer than {LEAST} examples of a kind {what}", "Give more examples.")
    learner = Learner(settings.buckets)
    for text, label in taught:
        learner.take(text, label)
    logistic = learner.learn(settings.seed, settings.epochs, settings.rate)
    measured = figures(probabilities(logistic, [text for text, _ in held]), [y for _, y in held], settings.at_least)
    about = {
        "settings": settings.identity(),
        "examples": digest(sorted(digest(text, label) for text, label in labelled)),
        "trained_on": {"good": sum(y for _, y in taught), "bad": sum(not y for _, y in taught)},
        "in_both": len(both),
        "held_out": measured,
    }
    return Trained(logistic, about)


def probabilities(logistic: Logistic, texts: Sequence[str]) -> list[float]:
    """For each text, how likely it is to be of the good kind."""
    found: list[float] = []
    for at in range(0, len(texts), 1_000):
        safe = [text.encode("utf-8", "replace").decode() for text in texts[at : at + 1_000]]
        odds = logistic.odds(*columns(pa.array(safe, pa.large_string())))
        found += sigmoid(odds).tolist()
    return found


def sigmoid(odds: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Log-odds as a probability, without overflow."""
    chance: np.ndarray[Any, np.dtype[np.float64]] = 1.0 / (1.0 + np.exp(-np.clip(odds, -700, 700)))
    return chance
