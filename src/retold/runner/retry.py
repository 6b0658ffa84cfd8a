"""Asking dead letters again: what a retry would do, and the one commit that decides it.

A retry goes on with a round that is not finished (it was stopped), or opens the next one for the letters of the chosen
classes; the run after it asks them, since the round is in the fingerprint of the Ask. Killed before the commit, nothing
has happened; killed after it, `retold run` and `retold retry` alike go on with the same round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from retold.core.step import Part
from retold.runner.letters import asks, letters_of
from retold.runner.lock import only_run
from retold.runner.rounds import open_round
from retold.runner.stages import Stage
from retold.store import Store


@dataclass(frozen=True)
class Retry:
    """What is asked again, by class of failure, and what is left alone. `resumed`: the round was open already."""

    asked: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    resumed: bool = False
    round: int = 0

    @property
    def requests(self) -> int:
        """Requests that are asked again."""
        return sum(self.asked.values())

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {**asdict(self), "requests": self.requests}


def plan_retry(store: Store, stages: Sequence[Stage], parts: Sequence[Part], failures: Sequence[str]) -> Retry:
    """What a retry of these classes would do; it changes nothing."""
    return _decide(store, stages, parts, failures)[1]


def open_retry(
    store: Store, stages: Sequence[Stage], parts: Sequence[Part], failures: Sequence[str], *, take_over: bool = False
) -> Retry:
    """Open a round where there is something to ask again and none is open. Raises StoreError while a run goes on."""
    with only_run(store.place, take_over=take_over):
        stage, decided = _decide(store, stages, parts, failures)
        if stage is None or decided.resumed:
            return decided
        opened = open_round(store, stage.base, failures, decided.requests)
        return Retry(decided.asked, decided.left, round=opened.number)


def _decide(
    store: Store, stages: Sequence[Stage], parts: Sequence[Part], failures: Sequence[str]
) -> tuple[Stage | None, Retry]:
    """The first Ask with something to ask again, and what that is."""
    alone: Counter[str] = Counter()
    for stage in asks(stages):
        waiting: Counter[str] = Counter()
        chosen: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for letter in letters_of(stage, store, parts):
            kind = waiting if letter.waiting else chosen if letter.failure in failures else others
            kind[letter.failure] += 1
        if waiting:
            number = max(one.number for one in stage.rounds)
            return stage, Retry(_ordered(waiting), _ordered(chosen + others), resumed=True, round=number)
        if chosen:
            return stage, Retry(_ordered(chosen), _ordered(others))
        alone += others
    return None, Retry(left=_ordered(alone))


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
