"""The story of a run as plain data: what the page, the terminal and a machine are told.

Frozen dataclasses of numbers, texts and tuples; `Story.as_dict()` is JSON as it stands. Nothing here depends on the
clock: the same store gives the same story, byte by byte.

Intervals are Wilson score intervals at 95 % (E. B. Wilson, 1927): with 0 of 30 accepted they say 0 to 11 %, where the
normal approximation says 0 to 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Z95 = 1.959964
SILENT = "nothing_to_say"
"""The reason of a rule that found nothing to retell: nothing was made, so nothing was wrong."""


@dataclass(frozen=True, slots=True)
class Drop:
    """`count` subjects refused by one stage for one reason; `explanation` is a sentence for a person."""

    stage: str
    reason: str
    explanation: str
    count: int


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """What is left after one stage: `count` of `unit`; `drops` is what that stage took away."""

    stage: str
    unit: str
    count: int
    drops: tuple[Drop, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Quartiles of a count of words over `size` texts, with a histogram: (first word count of the bin, texts)."""

    size: int
    lower: int
    median: int
    upper: int
    bins: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `size`, as a share with its 95 % interval. With no trials the interval is everything."""

    hits: int
    size: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StyleStory:
    """One style. asked == accepted + refused + failed + waiting, always.

    `failed`: the engine gave no answer. `waiting`: not yet answered or not yet judged (a run that was stopped). `rate`
    is the share accepted of those judged. Words are those of accepted retellings and of the passages they retell.
    """

    style: str
    made_by: str
    asked: int
    accepted: int
    refused: int
    failed: int
    waiting: int
    drops: tuple[Drop, ...]
    rate: Rate
    words_in: Spread
    words_out: Spread
    accepted_tokens: int


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests to an engine: asked, of these answered, cut off at the token limit (counted as answered), failed."""

    asked: int
    answered: int
    cut_off: int
    failed: int


@dataclass(frozen=True, slots=True)
class Goal:
    """Where the recipe's target ended the asking: after `end` requests of those planned, with so much.

    `met` names what was met; empty: the plan ended before. `overrun` answers came from behind the end and are kept for
    a higher target.
    """

    met: str
    end: int
    planned: int
    tokens: int
    cost: float
    overrun: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as the engine counts them, for the requests of this recipe; `accepted` is an estimate (text/tokens).

    `generated` tokens in `seconds`, over all runs of this store, give `per_second`.
    """

    prompt: int
    cached: int
    completion: int
    generated: int
    seconds: float
    per_second: float
    accepted: int


@dataclass(frozen=True, slots=True)
class Packed:
    """Packed rows. `tokens` are those that train (loss mask), `slots` all places in the rows; `mix` by origin."""

    rows: int
    tokens: int
    slots: int
    utilisation: float
    documents: int
    real_tokens: int
    retold_tokens: int
    mix: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Pointed:
    """A range of a sample's own text that a check points at, and why. `decided`: the sample was refused for it."""

    start: int
    end: int
    reason: str
    explanation: str
    decided: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A retelling beside the passage it retells. `verdict` is accepted, refused, failed or waiting."""

    retelling_id: str
    document_id: str
    style: str
    made_by: str
    verdict: str
    stage: str
    reason: str
    explanation: str
    detail: str
    title: str
    uri: str
    source: str
    source_cut: bool
    text: str
    text_cut: bool
    marks: tuple[Pointed, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """One refusal, told: what the retelling says, the words at fault, and the source's sentence nearest to them."""

    retelling_id: str
    style: str
    said: str
    words: str
    reason: str
    explanation: str
    nearest: str


@dataclass(frozen=True, slots=True)
class RunStory:
    """One run of this store: when, how long, how it ended."""

    started: str
    seconds: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Making:
    """How it was made: enough to make it again."""

    recipe: str
    version: str
    engines: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]
    runs: tuple[RunStory, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything a report says."""

    funnel: tuple[FunnelStep, ...]
    retold: tuple[FunnelStep, ...]
    passages: int
    requests: Requests
    goal: Goal | None
    styles: tuple[StyleStory, ...]
    words_in: Spread
    words_out: Spread
    tokens: Tokens
    packed: Packed | None
    samples: tuple[Sample, ...]
    explained: Explained | None
    making: Making

    @property
    def asked(self) -> int:
        """Retellings asked for, over all styles."""
        return sum(style.asked for style in self.styles)

    @property
    def accepted(self) -> int:
        """Retellings accepted, over all styles."""
        return sum(style.accepted for style in self.styles)

    @property
    def rate(self) -> Rate:
        """Share accepted of what was made and judged: by a model, if one was asked (rules would flatter it)."""
        chosen = [style for style in self.styles if style.made_by == "model"] or self.styles
        silent = sum(drop.count for style in chosen for drop in style.drops if drop.reason == SILENT)
        return rate(sum(style.accepted for style in chosen), sum(style.rate.size for style in chosen) - silent)

    def as_dict(self) -> dict[str, Any]:
        """The story as dicts, lists, texts and numbers."""
        return asdict(self)


def rate(hits: int, size: int) -> Rate:
    """`hits` of `size` with the Wilson score interval. Raises ValueError for more hits than trials."""
    if not 0 <= hits <= size:
        raise ValueError(f"{hits} of {size} is no share")
    if not size:
        return Rate(0, 0, 0.0, 0.0, 1.0)
    share, square = hits / size, Z95 * Z95
    middle = (share + square / (2 * size)) / (1 + square / size)
    half = Z95 / (1 + square / size) * math.sqrt(share * (1 - share) / size + square / (4 * size * size))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == size else min(1.0, middle + half)
    return Rate(hits, size, share, low, high)


def spread(counts: Mapping[int, int], width: int = 0, last: int = 0) -> Spread:
    """Quartiles of the values in `counts` (value -> how often); bins of `width` up to `last`, which takes the rest."""
    size = sum(counts.values())
    if not size:
        return Spread(0, 0, 0, 0)
    ordered = sorted(counts.items())
    bins: dict[int, int] = {}
    if width:
        bins = dict.fromkeys(range(0, last + 1, width), 0)
        for value, often in ordered:
            bins[min(value // width * width, last // width * width)] += often
    lower, median, upper = (_at(ordered, math.ceil(size * quarter / 4)) for quarter in (1, 2, 3))
    return Spread(size, lower, median, upper, tuple(sorted(bins.items())))


def _at(ordered: list[tuple[int, int]], rank: int) -> int:
    """The value of the `rank`-th smallest (from 1)."""
    seen = 0
    for value, often in ordered:
        seen += often
        if seen >= rank:
            return value
    return ordered[-1][0]
