"""An experiment file, read and checked; its cells in the order of work.

In: a YAML file (`settings.ExperimentSettings`). Out: `Experiment`, with mistakes told by line, the builder made and
the settings of every arm checked, so that a run of hours does not end in a typo. Cells are ordered block by block, and
inside a block seed by seed: after any interruption every arm has as many seeds as every other, give or take one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from retold.core.errors import RecipeError, plainly
from retold.core.fingerprint import digest, digest_bytes
from retold.core.located import Lines, advice, explain, nearest, values_of
from retold.measure.builder import Builder
from retold.measure.builders import BUILDERS
from retold.measure.settings import ExperimentSettings, Size

VERSION = 1
"""Raised when the meaning of a cell's figures changes: cells of older versions are trained again."""
LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Cell:
    """One model to train."""

    size: str
    seed: int
    arm: str

    @property
    def name(self) -> str:
        """As its file is called."""
        return f"{self.size}-{self.seed:03d}-{self.arm}"


@dataclass(frozen=True)
class Experiment:
    """A checked experiment with its builder."""

    path: Path
    settings: ExperimentSettings
    builder: Builder
    digest: str
    """Of the file's bytes."""

    @property
    def folder(self) -> Path:
        """Where cells and checkpoints go."""
        return self.path.parent / (self.settings.out or f"out/{self.settings.name}")

    def size(self, cell: Cell) -> Size:
        """The shape of a cell's model."""
        return self.settings.sizes[cell.size]

    def cells(self) -> Iterator[Cell]:
        """In the order of work, each once."""
        seen: set[Cell] = set()
        first = self.settings.first_seed
        for size, arms in self.settings.blocks:
            for seed in range(first, first + self.settings.seeds):
                for arm in arms:
                    cell = Cell(size, seed, arm)
                    if cell not in seen:
                        seen.add(cell)
                        yield cell

    def fingerprint(self, cell: Cell) -> str:
        """All that decides the figures of a cell, and nothing about other cells."""
        settings = self.settings
        return digest(
            VERSION,
            self.builder.identity(cell.arm),
            self.size(cell).identity(),
            cell.seed,
            settings.training.identity(),
            [settings.budget, settings.every],
        )


def load(path: Path) -> Experiment:
    """Read and check. Raises RecipeError with file and line."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except FileNotFoundError as error:
        near = nearest(path.name, (one.name for one in path.parent.glob("*.y*ml")) if path.parent.is_dir() else ())
        hint = (
            f"did you mean {path.parent / near}?"
            if near
            else "an experiment is a YAML file with name, builder and arms"
        )
        raise RecipeError(f"no experiment at {path}", hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"cannot read the experiment {path}: {plainly(error)}", "name a YAML file in UTF-8"
        ) from error
    if len(text) > LIMIT:
        raise RecipeError(f"{path} has {len(text):,} characters; an experiment is small", "is this a data file?")
    value, lines = values_of(text, str(path))
    if not isinstance(value, dict):
        raise RecipeError(f"{path}:1: an experiment is a list of `key: value` lines", "start with `name:`")
    try:
        settings = ExperimentSettings.model_validate(value)
    except ValidationError as error:
        raise explain(error, ExperimentSettings, lines) from error
    return Experiment(path, settings, _builder(settings, path, lines), digest_bytes(content))


def _builder(settings: ExperimentSettings, path: Path, lines: Lines) -> Builder:
    if settings.builder not in BUILDERS:
        raise lines.error(("builder",), f"there is no builder {settings.builder!r}", advice(settings.builder, BUILDERS))
    kind = BUILDERS[settings.builder]
    try:
        world = kind.World.model_validate(settings.world)
    except ValidationError as error:
        raise explain(error, kind.World, lines, ("world",)) from error
    arms = {}
    for name, values in settings.arms.items():
        try:
            arms[name] = kind.Arm.model_validate(values)
        except ValidationError as error:
            raise explain(error, kind.Arm, lines, ("arms", name)) from error
    builder: Builder = kind(world, arms, path.parent)
    if settings.primary.score not in builder.scores:
        fix = advice(settings.primary.score, builder.scores)
        raise lines.error(("primary", "score"), f"{settings.builder} has no score {settings.primary.score!r}", fix)
    return builder
