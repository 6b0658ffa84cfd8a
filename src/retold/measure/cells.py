"""Trains the cells of an experiment one after another; each result is a file that is there as a whole or not at all.

In: an experiment. Out: `cells/NAME.json` and a checkpoint folder `cells/NAME` for each cell, `state.json` about what is
running. A cell that has a result with its fingerprint is not trained again; one with another fingerprint is. Only one
process works on a folder at a time. Before the first, the builder checks that no arm trains on what is held out.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retold.measure.experiment import Cell, Experiment
from retold.measure.train import Outcome, Progress, train
from retold.pack.files import space_checked
from retold.runner.lock import only_run

CELLS = "cells"
STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told while cells are trained."""

    cell: Cell
    place: int
    of: int
    budget: int
    progress: Progress

    def line(self) -> str:
        """For a person, one line."""
        at = self.progress
        pace = at.tokens / at.seconds if at.seconds else 0.0
        left = (self.budget - at.tokens) / pace if pace else 0.0
        scores = "".join(f"  {name} {value:.3f}" for name, value in at.curve[-1]["scores"].items()) if at.curve else ""
        return (
            f"cell {self.place}/{self.of} {self.cell.name}  {at.tokens / 1e6:.2f}/{self.budget / 1e6:.2f}M tokens  "
            f"loss {at.loss:.3f}{scores}  {pace:,.0f} tokens/s  {left:.0f} s left"
        )


def write(path: Path, value: Any) -> None:
    """JSON, put in place as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with space_checked(path.parent):
        fresh.write_text(json.dumps(value, indent=1) + "\n", "utf-8")
        fresh.replace(path)


def read(experiment: Experiment, cell: Cell) -> dict[str, Any] | None:
    """The result of a cell, if it is there and belongs to the experiment as it is now."""
    path = experiment.folder / CELLS / f"{cell.name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found if found["fingerprint"] == experiment.fingerprint(cell) else None


def run(experiment: Experiment, watch: Callable[[Seen], None]) -> int:
    """Train what has no result yet; returns how many cells were trained."""
    experiment.folder.mkdir(parents=True, exist_ok=True)
    with only_run(experiment.folder):
        cells = list(experiment.cells())
        experiment.builder.check(dict.fromkeys(cell.arm for cell in cells))
        done = 0
        for place, cell in enumerate(cells, 1):
            if read(experiment, cell) is None:
                _one(experiment, cell, (place, len(cells)), watch)
                done += 1
        write(experiment.folder / STATE, {"cells": len(cells), "finished": len(cells), "running": None})
        return done


def _one(experiment: Experiment, cell: Cell, place: tuple[int, int], watch: Callable[[Seen], None]) -> None:
    folder = experiment.folder / CELLS / cell.name

    def tell(progress: Progress) -> None:
        seen = Seen(cell, *place, experiment.settings.budget, progress)
        write(
            experiment.folder / STATE, {"cells": place[1], "running": cell.name, "line": seen.line(), "at": time.time()}
        )
        watch(seen)

    outcome = train(experiment, cell, folder, tell)
    write(folder.with_name(f"{cell.name}.json"), _result(experiment, cell, outcome))


def _result(experiment: Experiment, cell: Cell, outcome: Outcome) -> dict[str, Any]:
    progress = outcome.progress
    return {
        "fingerprint": experiment.fingerprint(cell),
        "size": cell.size,
        "seed": cell.seed,
        "arm": cell.arm,
        "parameters": outcome.parameters,
        "tokens": progress.tokens,
        "seconds": round(progress.seconds, 1),
        "losses": progress.losses,
        "loss": progress.loss,
        "curve": progress.curve,
        "items": {name: [round(value, 5) for value in values] for name, values in outcome.items.items()},
    }


def finished(experiment: Experiment) -> Iterator[dict[str, Any]]:
    """Results that are there, in the order of work."""
    for cell in experiment.cells():
        if (found := read(experiment, cell)) is not None:
            yield found
