"""What a pilot found: a sample of the plan, retold, and what the whole of it would be.

In: the view of the sample, the view of the whole plan (its requests; none of them needs an answer), what the recipe
aims at. Out: `Pilot`, plain data. Counts come from `tally.py` and `gather.py`, extrapolation from `extrapolate.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from retold.core.step import Target
from retold.report.extrapolate import FEW, Estimate, Row, Totals, extrapolate, interval
from retold.report.gather import gather
from retold.report.outcomes import Counter, Outcome, outcomes, sizes_by_style
from retold.report.rows import Rows
from retold.report.story import Story
from retold.store import Store, StoreView

FIGURES = ("prompt_tokens", "cached_tokens", "completion_tokens", "accepted_tokens", "cost", "seconds")
PROMPT, CACHED, COMPLETION, ACCEPTED, COST, SECONDS = range(6)
NEVER = 1e6
"""A share of the plan that stands for none: nothing in the sample counted towards the target."""
WORDS = ("tokens read", "of them from a cache", "tokens written", "accepted tokens", "cost in USD")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: of the sample, for each retelling, and of the whole plan."""

    name: str
    words: str
    sample: float
    each: float
    whole: Estimate


@dataclass(frozen=True, slots=True)
class Reach:
    """What the recipe's target takes: share of the plan (more than 1: the plan is too small; `NEVER`: nothing counted
    towards it), retellings, USD, time."""

    target: str
    share: Estimate
    retellings: Estimate
    cost: Estimate
    seconds: Estimate | None


@dataclass(frozen=True, slots=True)
class Pilot:
    """A sample of `retellings` (of those planned) and what it says about the whole."""

    retellings: int
    planned: int
    requests: int
    planned_requests: int
    passages: int
    documents: int
    parts: int
    planned_parts: int
    figures: tuple[Figure, ...]
    seconds: Estimate | None
    sample_seconds: float | None
    reach: Reach | None
    unseen: tuple[str, ...]
    story: Story

    @property
    def few(self) -> bool:
        """Whether there are too few documents for an interval to be believed."""
        return self.documents < FEW and self.retellings < self.planned

    def as_dict(self) -> dict[str, Any]:
        """For `--json`; what is counted of styles and samples is under `story`."""
        return {**asdict(self), "few": self.few}


@dataclass(frozen=True, slots=True)
class Sample:
    """How a sample was taken: the two views, how tokens are counted, seconds for one answer where they are known."""

    sample: StoreView
    whole: StoreView
    counter: Counter
    seconds_each: float | None
    target: Target | None
    seed: int


def gather_pilot(taken: Sample, store: Store, recipe: str) -> Pilot:
    """Everything that a pilot says. Raises ValueError where the sample has no retelling."""
    rows, whole = Rows(taken.sample, store), Rows(taken.whole, store)
    found = list(outcomes(rows, taken.counter).values())
    sizes = sizes_by_style(whole)
    characters = {style: size[2] for style, size in sizes.items()}
    totals = extrapolate([_row(item) for item in found], characters, taken.seed)
    retellings = sum(size[0] for size in sizes.values())
    per_second = _per_second(found, taken.seconds_each)
    seen = {item.style for item in found}
    return Pilot(
        retellings=len(found),
        planned=max(retellings, len(found)),
        requests=sum(item.requests for item in found),
        planned_requests=sum(size[1] for size in sizes.values()),
        passages=len({item.passage_id for item in found}),
        documents=len({item.document_id for item in found}),
        parts=_parts(rows),
        planned_parts=_parts(whole),
        figures=tuple(_figure(place, totals, len(found)) for place in range(len(WORDS))),
        seconds=None if per_second is None else totals.estimate(SECONDS, per_second),
        sample_seconds=None if per_second is None else float(totals.sampled[SECONDS]) * per_second,
        reach=_reach(taken.target, totals, retellings, per_second),
        unseen=tuple(sorted(style for style in sizes if style not in seen)),
        story=gather(taken.sample, store, recipe),
    )


def _row(item: Outcome) -> Row:
    # An answer without a measured latency still takes its place: time then goes by answers.
    figures = tuple(float(getattr(item, name)) for name in FIGURES[:-1])
    return Row(item.style, item.document_id, item.characters, (*figures, item.seconds or 1e-9 * item.requests))


def _per_second(found: list[Outcome], seconds_each: float | None) -> float | None:
    """Wall seconds for a second that an answer takes: answers overlap."""
    busy = sum(item.seconds or 1e-9 * item.requests for item in found)
    requests = sum(item.requests for item in found)
    return None if seconds_each is None or not busy else seconds_each * requests / busy


def _figure(place: int, totals: Totals, retellings: int) -> Figure:
    sample = float(totals.sampled[place])
    return Figure(FIGURES[place], WORDS[place], sample, sample / max(1, retellings), totals.estimate(place))


def _parts(rows: Rows) -> int:
    """Parts of the input that have requests."""
    return sum(any(True for _ in rows.part("requests", part.name, ["unit"])) for part in rows.view.parts())


def _reach(target: Target | None, totals: Totals, planned: int, per_second: float | None) -> Reach | None:
    """How much of the plan the target takes; whichever bound is met first."""
    bounds: Mapping[int, tuple[float, str]] = (
        {}
        if target is None
        else {
            place: (wanted, words)
            for place, wanted, words in (
                (ACCEPTED, target.tokens, f"{target.tokens or 0:,} accepted tokens"),
                (COST, target.usd, f"{target.usd or 0:,.2f} USD"),
            )
            if wanted is not None
        }
    )
    if not bounds:
        return None
    with np.errstate(divide="ignore"):
        points = [wanted / totals.point[place] for place, (wanted, _) in bounds.items()]
        shares = np.min([wanted / totals.drawn[:, place] for place, (wanted, _) in bounds.items()], axis=0)
    share, shares = min([*points, NEVER]), np.minimum(shares, NEVER)
    most = np.minimum(shares, 1.0)
    end = min(share, 1.0)
    return Reach(
        target=" or ".join(words for _, words in bounds.values()),
        share=interval(share, shares),
        retellings=interval(end * planned, most * planned),
        cost=interval(end * totals.point[COST], most * totals.drawn[:, COST]),
        seconds=None
        if per_second is None
        else interval(end * totals.point[SECONDS] * per_second, most * totals.drawn[:, SECONDS] * per_second),
    )
