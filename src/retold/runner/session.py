"""A recipe with its store, from Python: what the command line does, without the printing.

import retold

session = retold.run("recipes/demo.yaml")
session.scan("documents").filter(style="tutorial")     # a polars frame of what the recipe made, refused ones too
session.accepted()                                     # kept sources and accepted retellings
retold.open("out/demo")                                # later, without running
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from retold.core.errors import RetoldError
from retold.core.schema import TABLES
from retold.core.step import Part
from retold.runner import outputs
from retold.runner.answers import ANSWERS
from retold.runner.letters import Letter, asks, letters_of
from retold.runner.plan import Plan, make_plan
from retold.runner.progress import Progress, Reporter, Silent
from retold.runner.recipe import Recipe
from retold.runner.retry import Retry, open_retry, plan_retry
from retold.runner.rounds import rounds_of
from retold.runner.run import Options, not_half_erased, run_stages
from retold.runner.stages import Stage, chain
from retold.store import Place, Store, StoreView

if TYPE_CHECKING:
    import polars as pl

ACCEPTED = ("source", "retelling")


@dataclass(frozen=True)
class Session:
    """A recipe, its input pinned, its stages fingerprinted, its store open."""

    recipe: Recipe
    parts: tuple[Part, ...]
    stages: tuple[Stage, ...]
    store: Store
    options: Options

    @classmethod
    def begin(
        cls,
        recipe: Recipe | Path | str,
        *,
        out: Path | str | None = None,
        workers: int | None = None,
        take_over: bool = False,
    ) -> Session:
        """For planning and running. Checks recipe, input and engine first, then makes the store where there is none."""
        loaded = recipe if isinstance(recipe, Recipe) else Recipe.load(recipe, out=out)
        parts = tuple(loaded.parts())
        stages = tuple(loaded.stages(parts))
        loaded.check_terms(parts)
        loaded.check_engines()
        store = Store.create(loaded.store, loaded.folder)
        not_half_erased(store)  # also where all stages are finished, so that nothing would be run
        outputs.remember(loaded)
        settings = loaded.settings
        options = Options(
            workers=workers or settings.workers,
            group_seconds=settings.group_seconds,
            failed_limit=settings.stop_if.failed,
            take_over=take_over,
        )
        return cls(loaded, parts, stages, store, options).up_to_date()

    @classmethod
    def open(cls, folder: Place | Path | str | None = None) -> Session:
        """For looking at what was made. Without a folder, the only output found in or below the current one."""
        recipe = outputs.recipe_of(Place.of(folder) if folder else outputs.find(Path()))
        store = Store.open(recipe.store, recipe.folder)
        parts = _read(recipe, store)
        return cls(recipe, parts, tuple(recipe.stages(parts)), store, Options()).up_to_date()

    def plan(self, reporter: Reporter | None = None) -> Plan:
        """What a run would do; the stages that cost nothing are done and kept."""
        return make_plan(self.store, self.stages, self.parts, self.options, reporter or Silent())[0]

    def run(self, reporter: Reporter | None = None) -> list[Progress]:
        """Run from where it was left to the end."""
        return run_stages(self.store, self.stages, self.parts, self.options, reporter or Silent())

    def up_to_date(self) -> Session:
        """With the rounds of asking again that the store knows now."""
        steps = [stage.step for stage in self.stages]
        return replace(self, stages=tuple(chain(steps, self.parts, rounds_of(self.store))))

    def sample(self, retellings: int) -> Session:
        """The same store with the recipe's first so many retellings. Raises RecipeError where no model is asked."""
        return self.of(self.recipe.sample(retellings))

    def of(self, recipe: Recipe) -> Session:
        """The same store and input with another form of the recipe."""
        return replace(self, recipe=recipe, stages=tuple(recipe.stages(self.parts))).up_to_date()

    def letters(self) -> Iterator[tuple[Stage, Letter]]:
        """Planned requests that were asked and have no answer, each with the stage that asked."""
        for stage in asks(self.stages):
            yield from ((stage, letter) for letter in letters_of(stage, self.store, self.parts))

    def plan_retry(self, failures: Sequence[str]) -> Retry:
        """What asking dead letters of these classes again would do."""
        return plan_retry(self.store, self.stages, self.parts, failures)

    def retry(self, failures: Sequence[str]) -> tuple[Retry, Session]:
        """Take up dead letters of these classes (or go on with the round that takes some up): run what comes back."""
        decided = open_retry(self.store, self.stages, self.parts, failures, take_over=self.options.take_over)
        return decided, self.up_to_date()

    def nothing_to_do(self) -> bool:
        """True when every stage is finished."""
        return all(set(stage.units(self.parts)) <= stage.finished(self.store) for stage in self.stages)

    def view(self) -> StoreView:
        """Everything that this recipe's stages have made."""
        last = self.stages[-1]
        labels = {**last.before, last.name: last.label}
        return StoreView(self.store.place, self.recipe.folder, labels, self.parts)

    def scan(self, table: str) -> pl.DataFrame:
        """The rows of a table that this recipe made. Raises KeyError for a name that is no table.

        Answers belong to their requests and stay in the store when a recipe changes; those that it does not ask for
        any more (of another model, or to another prompt) are not among them.
        """
        found = _frame(table, self.view().read(table))
        if table not in ANSWERS:
            return found
        asked = _frame("requests", self.view().read("requests", columns=["request_id"]), ["request_id"])
        return found.join(asked, on="request_id", how="semi")

    def accepted(self, kinds: Sequence[str] = ACCEPTED) -> pl.DataFrame:
        """Documents that no verdict drops: kept sources and accepted retellings."""
        return _frame("documents", self.view().documents(kinds))


def _read(recipe: Recipe, store: Store) -> tuple[Part, ...]:
    """The input; where it is not there any more, the parts of it that were read: what was made of them can still be
    looked at, and forgotten. Raises the error that says what is missing where nothing was read."""
    try:
        return tuple(recipe.parts())
    except RetoldError:
        names = recipe.stages(())[0].finished(store)
        if not names:
            raise
        return tuple(Part(name, "") for name in sorted(names))


def _frame(table: str, batches: Iterator[pa.RecordBatch], columns: Sequence[str] | None = None) -> pl.DataFrame:
    schema = TABLES[table].columns
    chosen = pa.schema([schema.field(name) for name in columns]) if columns else schema
    import polars as pl  # loaded when somebody asks for a frame: a run needs none

    found = pl.from_arrow(pa.Table.from_batches(list(batches), schema=chosen))
    assert isinstance(found, pl.DataFrame)
    return found


def plan(recipe: Path | str, *, out: Path | str | None = None) -> Plan:
    """What a run of this recipe would do, reuse and ask."""
    return Session.begin(recipe, out=out).plan()


def run(recipe: Path | str, *, out: Path | str | None = None, workers: int | None = None) -> Session:
    """Run a recipe from where it was left to its end, and return it with what it made."""
    session = Session.begin(recipe, out=out, workers=workers)
    session.run()
    return session
