"""Two recipes compared on the same passages: acceptance, tokens, cost and time, as pairs.

In: the outcomes of both samples and which styles stand for each other. Out: `Against`, plain data. A pair is one
passage retold in one style by both. Shares of each side have Wilson's interval; differences (B less A) are those of
pairs, with an interval from drawing documents again, all pairs of one together (cluster bootstrap as in
`extrapolate.py`). Pairs of which one side was not judged (it failed) are counted and left out of acceptance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from retold.core.fingerprint import digest
from retold.report.extrapolate import FEW, Estimate, draws, interval
from retold.report.outcomes import Counter, Outcome, outcomes
from retold.report.rows import Rows
from retold.report.samples import fetch
from retold.report.story import Rate, Sample, rate
from retold.store import Store, StoreView

JUDGED = ("accepted", "refused")
SHOWN_OF_EACH = 4
FIGURES = (
    ("prompt_tokens", "tokens read"),
    ("completion_tokens", "tokens written"),
    ("accepted_tokens", "accepted tokens"),
    ("cost", "cost in USD"),
    ("seconds", "seconds an answer takes"),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One recipe's sample: how it is called, its view and store, seconds of asking and how tokens are counted."""

    name: str
    view: StoreView
    store: Store
    engine: str
    counter: Counter
    wall_seconds: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """B less A: `estimate`, and in words whether the interval contains zero."""

    estimate: Estimate

    @property
    def none_shown(self) -> bool:
        """Whether the interval contains zero."""
        return self.estimate.low <= 0 <= self.estimate.high


@dataclass(frozen=True, slots=True)
class StylePair:
    """One style (or all) of both, over the pairs that both sides judged; `only_a`: accepted by A and refused by B."""

    style_a: str
    style_b: str
    pairs: int
    unjudged: int
    a: Rate
    b: Rate
    only_a: int
    only_b: int
    difference: Difference


@dataclass(frozen=True, slots=True)
class FigurePair:
    """A figure for each retelling, and the difference of pairs."""

    words: str
    a: float
    b: float
    difference: Difference


@dataclass(frozen=True, slots=True)
class Beside:
    """One passage retold by both."""

    a: Sample
    b: Sample


@dataclass(frozen=True, slots=True)
class Against:
    """A and B compared."""

    a: str
    b: str
    engines: tuple[str, str]
    pairs: int
    documents: int
    wall_seconds: tuple[float | None, float | None]
    styles: tuple[StylePair, ...]
    whole: StylePair
    figures: tuple[FigurePair, ...]
    said: tuple[str, ...]
    shown: tuple[Beside, ...]

    @property
    def few(self) -> bool:
        """Whether there are too few documents for an interval to be believed."""
        return self.documents < FEW

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "few": self.few, "none_shown": self.whole.difference.none_shown}


Pair = tuple[Outcome, Outcome]


def gather_against(a: Side, b: Side, pairing: Sequence[tuple[str, str]], said: Sequence[str], seed: int) -> Against:
    """Compare. Raises ValueError where no passage was retold by both."""
    rows_a, rows_b = Rows(a.view, a.store), Rows(b.view, b.store)
    pairs = _paired(outcomes(rows_a, a.counter).values(), outcomes(rows_b, b.counter).values(), dict(pairing))
    if not pairs:
        raise ValueError("no passage was retold by both recipes")
    chosen = _choose(pairs)
    by_a = {sample.retelling_id: sample for sample in fetch(rows_a, [one.retelling_id for one, _ in chosen])}
    by_b = {sample.retelling_id: sample for sample in fetch(rows_b, [two.retelling_id for _, two in chosen])}
    return Against(
        a=a.name,
        b=b.name,
        engines=(a.engine, b.engine),
        pairs=len(pairs),
        documents=len({one.document_id for one, _ in pairs}),
        wall_seconds=(a.wall_seconds, b.wall_seconds),
        styles=tuple(
            _style([pair for pair in pairs if pair[0].style == name], name, other, seed) for name, other in pairing
        ),
        whole=_style(pairs, "all", "all", seed),
        figures=tuple(_figure(pairs, name, words, seed) for name, words in FIGURES),
        said=tuple(said),
        shown=tuple(Beside(by_a[one.retelling_id], by_b[two.retelling_id]) for one, two in chosen),
    )


def _paired(a: Iterable[Outcome], b: Iterable[Outcome], names: dict[str, str]) -> list[Pair]:
    """Retellings of one passage in styles that stand for each other, in A's planned order."""
    theirs = {(item.passage_id, item.style): item for item in b}
    keys = [(item, (item.passage_id, names.get(item.style, ""))) for item in a]
    return [(item, theirs[key]) for item, key in keys if key in theirs]


def _style(pairs: Sequence[Pair], a: str, b: str, seed: int) -> StylePair:
    judged = [pair for pair in pairs if pair[0].verdict in JUDGED and pair[1].verdict in JUDGED]
    good = [(one.verdict == "accepted", two.verdict == "accepted") for one, two in judged]
    return StylePair(
        style_a=a,
        style_b=b,
        pairs=len(judged),
        unjudged=len(pairs) - len(judged),
        a=rate(sum(one for one, _ in good), len(good)),
        b=rate(sum(two for _, two in good), len(good)),
        only_a=sum(one and not two for one, two in good),
        only_b=sum(two and not one for one, two in good),
        difference=difference(
            judged, lambda one, two: float(two.verdict == "accepted") - (one.verdict == "accepted"), seed
        ),
    )


def _figure(pairs: Sequence[Pair], name: str, words: str, seed: int) -> FigurePair:
    a, b = (sum(float(getattr(pair[side], name)) for pair in pairs) / len(pairs) for side in (0, 1))
    return FigurePair(
        words, a, b, difference(pairs, lambda one, two: float(getattr(two, name) - getattr(one, name)), seed)
    )


def difference(pairs: Sequence[Pair], less: Callable[[Outcome, Outcome], float], seed: int) -> Difference:
    """The mean of `less` over pairs; without pairs everything is possible."""
    if not pairs:
        return Difference(Estimate(0.0, -1.0, 1.0))
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one, two in pairs:
        sums[one.document_id][0] += less(one, two)
        sums[one.document_id][1] += 1
    table = np.array(list(sums.values()))
    drawn = np.concatenate([block @ table for block in draws(len(table), seed)])
    return Difference(interval(float(table[:, 0].sum() / len(pairs)), drawn[:, 0] / drawn[:, 1], least=-np.inf))


def _choose(pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs to look at: those that the two sides judge differently first, then those that they do not."""
    kinds: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: digest("sample", pair[0].retelling_id)):
        kinds[pair[0].verdict, pair[1].verdict].append(pair)
    order = sorted(kinds, key=lambda kind: (not set(kind) <= set(JUDGED), kind[0] == kind[1], kind))
    return [pair for kind in order for pair in kinds[kind][:SHOWN_OF_EACH]]
