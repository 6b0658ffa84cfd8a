"""What a run would do, before it costs anything.

Planning does the stages before the first Ask for real (reading, cleaning, cutting, choosing: no engine, no money) and
keeps them for the run, so that the numbers it prints are counts and not guesses. What follows is compared with what the
store holds: reuse so much, ask so much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeVar

import pyarrow.compute as pc

from retold.core.step import Ask, Part
from retold.runner.answers import answered_ids
from retold.runner.estimate import seconds_by_history, seconds_by_pace
from retold.runner.letters import letters_of
from retold.runner.outlook import outlook
from retold.runner.progress import Progress, Reporter
from retold.runner.run import Options, run_stages, type_of
from retold.runner.stages import Stage
from retold.store import Store, StoreView

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class StagePlan:
    """One stage: units in all, and how many are finished already."""

    name: str
    kind: str
    total: int
    reused: int


@dataclass(frozen=True)
class Plan:
    """Counts of what is there, reused and left to do.

    `expected` requests of those are needed to reach the target (`until`); `cost` is in USD. None: not known before.
    `given_up` requests were asked in vain and are not asked again; `letters` counts them by class.
    """

    parts: int
    bytes: int
    records: int
    documents: int
    passages: int
    retellings: int
    requests: int
    answered: int
    given_up: int
    until: str
    expected: int | None
    cost: float | None
    forgotten: int
    letters: dict[str, int]
    seconds: float | None
    stages: tuple[StagePlan, ...]

    @property
    def to_ask(self) -> int:
        """Requests that an engine has to answer, at most."""
        return self.requests - self.answered - self.given_up

    @property
    def nothing_to_do(self) -> bool:
        """True when every stage is finished."""
        return all(stage.reused == stage.total for stage in self.stages)

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "to_ask": self.to_ask, "nothing_to_do": self.nothing_to_do}


def make_plan(
    store: Store, stages: Sequence[Stage], parts: Sequence[Part], options: Options, reporter: Reporter
) -> tuple[Plan, list[Progress]]:
    """Do what is free, then count. Returns the plan and what the free stages did."""
    free = _before_asking(stages)
    asks = [stage for stage in stages if isinstance(stage.step, Ask)]
    before = {stage.name: len(stage.finished(store)) for stage in free}
    history = run_stages(store, free, parts, options, reporter)
    ahead = [outlook(stage, stage.step, store, parts) for stage in stages if isinstance(stage.step, Ask)]
    left = _known(item.expected for item in ahead)
    letters = Counter(
        letter.failure for stage in asks for letter in letters_of(stage, store, parts) if not letter.waiting
    )
    answered = max(0, sum(item.answered for item in ahead) - letters.total())
    last = stages[-1]  # what it made counts too: a recipe may have one stage
    view = StoreView(store.place, store.beside, {**last.before, last.name: last.label}, tuple(parts))

    def count(table: str) -> int:
        return sum(rows.num_rows for rows in view.read(table, columns=["part"]))

    units = (rows["unit"] for rows in view.read("requests", columns=["unit"]))
    retellings = sum(pc.sum(pc.equal(unit, 0)).as_py() or 0 for unit in units)
    plans = [
        StagePlan(
            stage.name,
            type_of(stage),
            len(stage.units(parts)),
            before.get(stage.name, len(stage.finished(store) & set(stage.units(parts)))),
        )
        for stage in stages
    ]
    kept = sum(rows.num_rows for rows in view.documents(["source"], columns=["document_id"]))
    plan = Plan(
        parts=len(parts),
        bytes=sum(part.bytes for part in parts),
        records=count("records"),
        documents=kept,
        passages=count("passages"),
        retellings=retellings,
        requests=sum(item.planned for item in ahead),
        answered=answered,
        given_up=letters.total(),
        until=" or ".join(item.until for item in ahead if item.until),
        expected=left,
        cost=_known(item.cost for item in ahead),
        forgotten=max(0, store.dataset("completions").count_rows() - answered),
        letters=dict(letters.most_common()),
        seconds=None if left is None else _seconds(asks, store, parts, int(left)),
        stages=tuple(plans),
    )
    return plan, history


def _known(values: Iterable[Number | None]) -> Number | None:
    """The sum, or None where one of them is not known."""
    found = list(values)
    return None if None in found else sum(value for value in found if value is not None)


def _before_asking(stages: Sequence[Stage]) -> list[Stage]:
    """The stages before the first Ask; without one, those that say how many passages there are; without passages,
    all that decide which documents are kept: what comes before a file is written beside the store, or a row packed."""
    for place, stage in enumerate(stages):
        if isinstance(stage.step, Ask):
            return list(stages[:place])
    for place, stage in reversed(list(enumerate(stages))):
        if "passages" in stage.step.writes:
            return list(stages[: place + 1])
    made = (place for place, stage in enumerate(stages) if stage.files or "packed" in stage.step.writes)
    return list(stages[: next(made, len(stages))])


def engines_of(stages: Sequence[Stage]) -> set[str]:
    """The identities of all engines that are asked."""
    return {stage.step.engine().identity for stage in stages if isinstance(stage.step, Ask)}


def _seconds(asks: Sequence[Stage], store: Store, parts: Sequence[Part], requests: int) -> float | None:
    known = seconds_by_history(store, requests, engines_of(asks))
    if known is not None or not requests:
        return known
    guesses = [
        seconds_by_pace(stage.step, stage.view(store, parts), partial(answered_ids, stage, store), requests)
        for stage in asks
        if isinstance(stage.step, Ask)
    ]
    return None if None in guesses else sum(guess for guess in guesses if guess is not None)
