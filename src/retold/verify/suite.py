"""How much of what was made false on purpose the checks notice, kind by kind.

In: texts that their sources support, with the sources. Out: for each kind of corruption (`corrupt.py`), the share
noticed at a share of false alarms on the untouched texts. A text's score is the greatest of its risk, of things
exchanged (1) and of how far its weakest sentence is below the default limit. Form is left out: that a sentence is
copied says nothing about whether it is true. The threshold is the least score that at most `alarms` of the untouched
texts exceed; intervals are 95 % over resampled documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retold.text.names import names
from retold.text.sentences import sentences
from retold.verify.calibrate import Figure, interval
from retold.verify.checks import measure
from retold.verify.corrupt import KINDS, Foreign, corrupt
from retold.verify.judge import Limits
from retold.verify.labelled import Pair
from retold.verify.source import SourceText


@dataclass(frozen=True, slots=True)
class Recall:
    """Of `texts` that could be changed in this way, the share noticed."""

    kind: str
    texts: int
    noticed: Figure


def score(source: SourceText, text: str) -> float:
    """From 0 to 1, the greatest of: the risk, an exchange (1), how foreign the weakest sentence is."""
    values, _ = measure(source, text)
    limit = Limits().weakest_sentence
    foreign = max(0.0, limit - values["weakest_sentence"]) / limit
    return max(values["risk"], min(1.0, values["exchanged"]), foreign)


def foreign(pairs: Sequence[Pair]) -> Foreign:
    """Names and sentences of all texts, each once, in order."""
    found = [mention.text for pair in pairs for mention in names(pair.text) if mention.text[0].isupper()]
    pieces = [pair.text[start:end] for pair in pairs for start, end in sentences(pair.text)]
    return Foreign(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(pieces)))


def suite(pairs: Sequence[Pair], alarms: float = 0.05) -> tuple[float, list[Recall]]:
    """(share of false alarms at the threshold, recall of each kind). The pairs are all supported."""
    pool = foreign(pairs)
    untouched: list[float] = []
    noticed: dict[str, list[float]] = {kind: [] for kind in KINDS}
    documents: dict[str, list[str]] = {kind: [] for kind in KINDS}
    source: SourceText | None = None
    for pair in pairs:
        if source is None or source.text != pair.source:
            source = SourceText(pair.source)
        untouched.append(score(source, pair.text))
        for kind in KINDS:
            made = corrupt(kind, pair.text, pair.source, pool)
            if made is not None:
                noticed[kind].append(score(source, made.text))
                documents[kind].append(pair.document)
    threshold = _threshold(np.array(untouched), alarms)
    recalls = [
        Recall(kind, len(scores), _share(np.array(scores) > threshold, documents[kind]))
        for kind, scores in noticed.items()
        if scores
    ]
    return float((np.array(untouched) > threshold).mean()), recalls


def _threshold(scores: np.ndarray, alarms: float) -> float:
    return float(min(value for value in np.unique(scores) if (scores > value).mean() <= alarms))


def _share(flags: np.ndarray, documents: Sequence[str]) -> Figure:
    return interval(lambda values, _: float(values.mean()), flags.astype(float), flags, documents)
