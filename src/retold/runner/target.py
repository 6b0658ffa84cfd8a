"""Where an Ask ends: the shortest prefix of the planned order whose results are worth the recipe's target.

In: which prompts are on their way and what has come; the judgement of stretches of the plan (`core.step.Targeted`).
Out: rows of `yields`, one for each stretch judged, and one row of `cuts`: the position at which the target was met, or
where the plan ended without it.

Prompts go in planned order, so everything before the earliest one that is not committed yet is known. That stretch is
judged after each committed group, in the committing thread or in the worker processes, and summed in planned order: the
end does not depend on who answered first, on the number of workers or on restarts. No prompt is sent that the target
is not likely to need: what is sent and not judged counts with the mean of what was judged, and before anything was with
the longest answer. What was answered behind the end is overrun: it is kept, is used when the target is raised, and is
not data of this recipe. Falling short costs a pause and one more judging; to make that rare, one standard deviation
more is sent (tokens only; money is never spent on a margin).

State: the positions in flight. A resumed run goes on after the last stretch judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from retold.core.document import Completion, Prompt
from retold.core.schema import batch
from retold.core.step import Part, Target, Targeted, View, Yield
from retold.runner.progress import Progress
from retold.runner.stages import ALL, Stage
from retold.store import Store, StoreView, Writer
from retold.workers import Done, Workers

STRETCH: Final = 4096
"""Positions that one worker judges at a time."""
SUPPOSED: Final = 4
"""What is assumed before anything was judged weighs as much as so many requests."""
CUT: Final = "target"


@dataclass
class Worth:
    """Sums over judged requests, in planned order."""

    end: int = 0
    results: int = 0
    accepted: int = 0
    tokens: int = 0
    tokens_squared: float = 0.0
    cost: float = 0.0

    def add(self, found: Yield) -> None:
        """One more result."""
        self.end = found.end
        self.results += 1
        self.accepted += found.tokens > 0
        self.tokens += found.tokens
        self.tokens_squared += float(found.tokens) ** 2
        self.cost += found.cost

    def since(self, before: Worth) -> dict[str, Any]:
        """A row of `yields`: what was added after `before`."""
        mine, theirs = vars(self), vars(before)
        row = {name: mine[name] - theirs[name] for name in mine if name != "end"}
        return {"first": before.end, "end": self.end, **row}


class Towards:
    """A Gate (`gate.py`) that shuts when the target is as good as met, and knows when it is met."""

    def __init__(
        self, step: Targeted, stage: Stage, store: Store, workers: Workers, parts: Sequence[Part], progress: Progress
    ) -> None:
        assert step.target is not None
        self.step = step
        self.target: Target = step.target
        self.progress = progress
        self.planned = progress.total
        self.cut: dict[str, Any] | None = None
        self._workers = workers
        self._view = answers_too(stage, store, parts)
        self._writer = Writer(store, stage.fingerprint)
        self._flying: dict[str, int] = {}
        self._next = 0
        self._known = 0
        self._idle = True
        self._answers, self._spent = 0, 0.0
        self.sum = Worth()
        self._resume(StoreView(store.place, store.beside, {CUT: stage.fingerprint}, tuple(parts)))

    def _resume(self, own: StoreView) -> None:
        """Stretches that were judged before a restart."""
        for rows in own.in_order("yields"):
            for row in rows.to_pylist():
                if row["first"] == self.sum.end:
                    for name in vars(self.sum):
                        setattr(self.sum, name, row["end"] if name == "end" else getattr(self.sum, name) + row[name])
        self._next = self._known = self.sum.end

    def begin(self, first: int | None) -> None:
        """Before anything is asked: `first` is the first position without an answer; None: all have one."""
        self._next = self._known = max(self._next, self.planned if first is None else first)
        self._judge()

    @property
    def done(self) -> bool:
        """The target is met: what is in flight is not needed."""
        return self.cut is not None

    @property
    def open(self) -> bool:
        """See Gate."""
        return self.cut is None and (self._idle or not self._enough())

    def sent(self, prompt: Prompt) -> None:
        """See Gate."""
        self._flying[prompt.request_id] = prompt.position
        self._next = prompt.position + 1
        self._idle = False

    def took(self, part: str, answer: Completion) -> None:
        """See Gate."""
        self._flying.pop(answer.request_id, None)
        self._answers += 1
        self._spent += answer.cost

    def ended(self) -> None:
        """See Gate."""
        self._next = self.planned

    def closing(self) -> None:
        """See Gate: what is not in flight now is committed when the group is."""
        self._known = min(self._flying.values(), default=self._next)

    def work(self, *, last: bool) -> None:
        """See Gate."""
        self._judge()
        self._idle = last

    def record(self) -> int:
        """After the end: where it was, written and returned. A target that the plan could not meet cuts nothing."""
        end = self.cut or {"end": self.planned, "tokens": self.sum.tokens, "cost": self.sum.cost, "met": ""}
        self._writer.add(ALL, {"cuts": batch("cuts", [{"name": CUT, **end}])})
        self._writer.flush()
        return int(end["end"])

    def _enough(self) -> bool:
        """Whether what is sent will meet the target, as far as can be told."""
        pending = self._next - self.sum.end
        if self.target.tokens is not None:
            mean, deviation = self._tokens_each()
            margin = deviation * math.sqrt(max(1, pending)) if self.sum.results else 0.0
            if self.sum.tokens + pending * mean >= self.target.tokens + margin:
                return True
        if self.target.usd is None:
            return False
        asked = self.sum.end + self._answers
        each = (self.sum.cost + self._spent) / asked if asked else 0.0
        return self.sum.cost + pending * each >= self.target.usd

    def _tokens_each(self) -> tuple[float, float]:
        """Accepted tokens of one request: mean and standard deviation."""
        supposed = self.step.tokens_expected
        asked = self.sum.end + SUPPOSED
        mean = (self.sum.tokens + SUPPOSED * supposed) / asked
        squared = (self.sum.tokens_squared + SUPPOSED * supposed * supposed) / asked
        return mean, math.sqrt(max(0.0, squared - mean * mean))

    def _judge(self) -> None:
        """Judge everything that is known, and note where the target is met."""
        while self.cut is None and self.sum.end < self._known:
            before = Worth(**vars(self.sum))
            for found in self._results(before.end, self._known):
                self.sum.add(found)
                met = self._met()
                if met:
                    self.cut = {"end": found.end, "tokens": self.sum.tokens, "cost": self.sum.cost, "met": met}
                    break
            if self.sum.end == before.end:
                break  # the rest of a result is still being asked
            self._writer.add(ALL, {"yields": batch("yields", [self.sum.since(before)])})
            self._writer.flush()
            self._tell()

    def _met(self) -> str:
        if self.target.tokens is not None and self.sum.tokens >= self.target.tokens:
            return "accepted_tokens"
        return "usd" if self.target.usd is not None and self.sum.cost >= self.target.usd else ""

    def _results(self, first: int, known: int) -> list[Yield]:
        """Results of the next stretches, in planned order; each worker takes one."""
        edges = range(first, known, STRETCH)[: 2 * self._workers.processes]
        tasks = [(self.step, self._view, edge, min(edge + STRETCH, known), known) for edge in edges]
        found = [result for _, result in self._workers.stream(_appraise, tasks) if not isinstance(result, Done)]
        return sorted((item for results in found for item in results), key=lambda item: item.first)

    def _tell(self) -> None:
        words = []
        if self.target.tokens is not None:
            words.append(f"accepted {self.sum.tokens:,} of {self.target.tokens:,} tokens")
            each = max(1e-9, self._tokens_each()[0])
            needed = self.sum.end + math.ceil(max(0, self.target.tokens - self.sum.tokens) / each)
            self.progress.total = max(self.progress.done, min(self.planned, needed))
        if self.target.usd is not None:
            words.append(f"{self.sum.cost:,.2f} of {self.target.usd:,.2f} USD")
        self.progress.towards = " · ".join(words)


def _appraise(task: tuple[Targeted, View, int, int, int]) -> Iterator[list[Yield]]:
    step, view, first, end, known = task
    yield list(step.worth(view, first, end, known))


def answers_too(stage: Stage, store: Store, parts: Sequence[Part]) -> StoreView:
    """What the stage may see, and its own answers."""
    labels = {**stage.before, stage.name: stage.label}
    return StoreView(store.place, store.beside, labels, tuple(parts))
