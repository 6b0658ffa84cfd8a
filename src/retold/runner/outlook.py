"""What an Ask still has to ask, how long that takes and what it costs, as far as that can be known beforehand.

In: a stage, the store, the parts. Out: `Outlook`. Requests and reuse are counts. With a target, how many requests it
takes is expected from what stretches of plans brought in this store so far (`yields`), and unknown before. The price is
that of the answers that this engine gave in this store; before the first, of a sample of the prompts, with answers of
half the allowed length, where the engine names prices by tokens (`core.step.Priced`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.step import Ask, Part, Priced, Target, Targeted
from retold.runner.answers import answered_ids, size_of
from retold.runner.estimate import ANSWERS_FOR_AN_ESTIMATE, sizes_of
from retold.runner.stages import ALL, Stage
from retold.store import Store


@dataclass(frozen=True)
class Outlook:
    """Requests planned and answered; `until` says a target in words and `expected` how many more it takes."""

    planned: int
    answered: int
    expected: int | None
    until: str
    cost: float | None

    @property
    def to_ask(self) -> int:
        """At most so many."""
        return self.planned - self.answered


def outlook(stage: Stage, step: Ask, store: Store, parts: Sequence[Part]) -> Outlook:
    """Look ahead, asking nobody."""
    size = size_of(stage, store, parts)
    target = step.target if isinstance(step, Targeted) else None
    if ALL in stage.finished(store):
        return Outlook(size.reused, size.reused, 0, words(target), 0.0)
    left = size.planned - size.reused
    expected: int | None = left
    if target is not None:
        needed = _needed(target, store)
        expected = None if needed is None else max(0, min(left, needed - size.reused))
    each = _price_of_one(stage, step, store, parts) if left else 0.0
    cost = 0.0 if each == 0.0 else None if each is None or expected is None else each * expected
    return Outlook(size.planned, size.reused, expected, words(target), cost)


def words(target: Target | None) -> str:
    """A target as a person says it."""
    if target is None:
        return ""
    said = [f"{target.tokens:,} accepted tokens"] if target.tokens is not None else []
    said += [f"{target.usd:,.2f} USD"] if target.usd is not None else []
    return " or ".join(said)


def _needed(target: Target, store: Store) -> int | None:
    """Requests that a target takes at the yield so far, from the beginning of the plan; None before there is one."""
    data = store.dataset("yields").to_table(columns=["first", "end", "tokens", "cost"])
    asked = pc.sum(pc.subtract(data["end"], data["first"])).as_py() or 0
    bounds = []
    for wanted, column in ((target.tokens, "tokens"), (target.usd, "cost")):
        each = (pc.sum(data[column]).as_py() or 0) / asked if asked else 0
        if wanted is not None and each:
            bounds.append(math.ceil(wanted / each))
    return min(bounds, default=None)


def _price_of_one(stage: Stage, step: Ask, store: Store, parts: Sequence[Part]) -> float | None:
    """USD of one answer; None where nothing is known."""
    engine = step.engine()
    mine = ds.field("engine") == engine.identity
    costs = store.dataset("completions").to_table(columns=["cost"], filter=mine)["cost"]
    if len(costs) >= ANSWERS_FOR_AN_ESTIMATE:
        return float(pc.mean(costs).as_py())
    if not isinstance(engine, Priced):
        return 0.0
    sizes = sizes_of(step, stage.view(store, parts), partial(answered_ids, stage, store))
    return None if sizes is None else engine.price(round(sizes.prompt), round(sizes.written))
