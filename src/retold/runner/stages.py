"""From steps to stages: a step with the fingerprint of everything that decides its output.

The chain is linear: a stage's fingerprint covers its step's name, version and identity and the fingerprint before it,
so whatever changes upstream, nothing old can be mixed in (law 3). A Fold looks at all parts, so their names are in its
fingerprint; a Map's parts are finished one by one and stay finished when others are added.

Rows of an Ask are labelled with the step's name alone: a completion is identified by its request id, which holds
prompt, engine and sampling, so an identical request is never paid for twice, whatever else has changed. Rounds of
asking dead letters again (`rounds.py`) are in the fingerprint of the Ask: what follows it sees the new answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.dataset as ds

from retold.core.fingerprint import digest
from retold.core.step import Ask, Filing, Fold, Map, Part, Step
from retold.runner.made import made_by
from retold.runner.rounds import Round, Rounds, identity, no_rounds
from retold.store import Store, StoreView

ALL = "all"
OWN = "target"
"""An Ask's answers carry its name; where its target was met is a row of its own fingerprint, under NAME/target."""


@dataclass(frozen=True)
class Stage:
    """A step in its place. `label` is what its rows carry in the column `stage`; `base` the fingerprint but rounds."""

    step: Step
    fingerprint: str
    label: str
    before: dict[str, str]
    base: str = ""
    rounds: tuple[Round, ...] = ()

    @property
    def name(self) -> str:
        """The step's name."""
        return self.step.name

    def units(self, parts: Sequence[Part]) -> list[str]:
        """What is finished one by one: parts for a Map, everything at once for the others."""
        return [part.name for part in parts] if isinstance(self.step, Map) else [ALL]

    def finished(self, store: Store) -> set[str]:
        """The units that are finished."""
        if not made_by(store.beside, self.files, self.made_for(store)):
            return set()
        marks = store.rows("parts", ds.field("stage") == self.fingerprint, ["name"])
        return {row["name"] for row in marks}

    def made_for(self, store: Store) -> str:
        """What says of files beside a store that this stage made them from its rows."""
        return f"{self.fingerprint} {store.place}" if store.place.remote else self.fingerprint

    @property
    def files(self) -> tuple[str, ...]:
        """Files that the step writes beside its rows."""
        return self.step.files if isinstance(self.step, Filing) else ()

    def view(self, store: Store, parts: Sequence[Part]) -> StoreView:
        """What the step may see."""
        return StoreView(store.place, store.beside, self.before, tuple(parts))


def chain(steps: Sequence[Step], parts: Sequence[Part], rounds: Rounds = no_rounds) -> list[Stage]:
    """Steps as stages, in order; `rounds` are those of the store.

    Raises ValueError where two steps have one name or a step is of no known kind.
    """
    stages: list[Stage] = []
    before: dict[str, str] = {}
    fingerprint = ""
    for step in steps:
        if step.name in before:
            raise ValueError(f"two steps are named {step.name!r}")
        if not isinstance(step, Map | Fold | Ask):
            raise ValueError(f"{type(step).__name__} is neither Map nor Fold nor Ask")
        scope = sorted(part.name for part in parts) if isinstance(step, Fold) else []
        base = digest("stage", step.name, step.version, step.identity(), fingerprint, scope)
        opened = rounds(base) if isinstance(step, Ask) else ()
        fingerprint = digest("rounds", base, identity(opened)) if opened else base
        label = step.name if isinstance(step, Ask) else fingerprint
        stages.append(Stage(step, fingerprint, label, dict(before), base, opened))
        before[step.name] = label
        if isinstance(step, Ask):
            before[f"{step.name}/{OWN}"] = fingerprint
    return stages
