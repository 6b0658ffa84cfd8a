"""One recipe with its store, and what the verbs do with them: plan, run, tell, report."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from rich.console import Console

from retold.cli.app import remember_recipe
from retold.core.step import Part
from retold.report.gather import Story, gather
from retold.report.page import write_page
from retold.report.show import story_lines
from retold.run.panel import LivePanel, duration, reporter_for
from retold.run.plan import Plan, make_plan
from retold.run.progress import Reporter, Silent
from retold.run.recipe import Recipe
from retold.run.run import Options, run_stages
from retold.run.stages import Stage
from retold.store import Store, StoreView

REPORT = "report.html"
END = "report"


@dataclass
class Session:
    """A recipe, pinned and staged, with its open store."""

    recipe: Recipe
    parts: list[Part]
    stages: list[Stage]
    store: Store
    options: Options

    @classmethod
    def open(cls, recipe: Path, out: Path | None, *, workers: int | None = None, take_over: bool = False) -> Session:
        """For planning and running: makes the store where there is none."""
        loaded = Recipe.load(recipe, out=out)
        parts = loaded.parts()
        stages = loaded.stages(parts)
        loaded.check_engines()
        store = Store.create(loaded.store)
        remember_recipe(loaded)
        settings = loaded.settings
        options = Options(
            workers=workers or settings.workers, failed_limit=settings.stop_if.failed, take_over=take_over
        )
        return cls(loaded, parts, stages, store, options)

    @classmethod
    def of(cls, recipe: Recipe) -> Session:
        """For looking: the store must be there."""
        parts = recipe.parts()
        return cls(recipe, parts, recipe.stages(parts), Store.open(recipe.store), Options())

    def view(self) -> StoreView:
        """Everything that the recipe's stages have made."""
        last = self.stages[-1]
        labels = {**last.before, last.name: last.label}
        return StoreView(self.store.folder, self.recipe.folder, labels, tuple(self.parts))

    def story(self) -> Story:
        """What the run made, counted."""
        return gather(self.view(), self.store, self.recipe.name)

    def plan(self) -> Plan:
        """What a run would do; the free stages are done and kept."""
        return make_plan(self.store, self.stages, self.parts, self.options, Silent())[0]

    def run_for_machines(self, stream: TextIO) -> None:
        """JSON lines: events, then one line with the story."""
        run_stages(
            self.store, self.stages, self.parts, self.options, reporter_for(Console(), as_json=stream, quiet=False)
        )
        story = self.story()
        self.write_report(None, story)
        stream.write(json.dumps({"event": END, "story": story.as_dict()}) + "\n")

    def run_for_people(self, console: Console, *, quiet: bool) -> None:
        """Plan, panel, summary, and what to type next."""
        begin = time.monotonic()
        if self._nothing_to_do():
            line = f"nothing to do: all {len(self.stages)} stages of {self.recipe.path} are finished"
            _say(console, f"{line} ({duration(time.monotonic() - begin)})")
            self._say_where(console)
            return
        if not quiet:
            self.print_plan(self.plan(), console)
        with _shown(console, quiet=quiet) as reporter:
            run_stages(self.store, self.stages, self.parts, self.options, reporter)
        story = self.story()
        self.write_report(None, story)
        story_lines(story, console)
        self._say_where(console)

    def write_report(self, to: Path | None, story: Story | None = None) -> Path:
        """Write the page; returns where."""
        path = to or self.recipe.folder / REPORT
        write_page(story or self.story(), path)
        return path

    def print_plan(self, plan: Plan, console: Console) -> None:
        """The plan in a few lines."""
        rules = len(self.recipe.settings.rephrase.rules) if self.recipe.settings.rephrase else 0
        asked = f"{plan.retellings:,} model-made retellings ({plan.requests:,} requests)"
        lines = [
            f"plan      {self.recipe.path}",
            f"  read    {plan.records:,} records, {plan.documents:,} documents kept, {plan.passages:,} passages",
            f"  ask     {asked}, {rules * plan.passages:,} rule-made",
            f"  reuse   {plan.answered:,} answers; {plan.to_ask:,} to ask{_time(plan)}",
        ]
        if plan.forgotten:
            lines.append(f"  kept    {plan.forgotten:,} answers of other prompts, models or settings stay unused")
        for line in lines:
            _say(console, line)

    def _nothing_to_do(self) -> bool:
        return all(set(stage.units(self.parts)) <= stage.finished(self.store) for stage in self.stages)

    def _say_where(self, console: Console) -> None:
        folder = self.recipe.folder
        _say(console, f"page      {folder / REPORT}")
        _say(console, f"next      retold show --store {folder}    retold plan {self.recipe.path}")


@contextmanager
def _shown(console: Console, *, quiet: bool) -> Iterator[Reporter]:
    reporter = reporter_for(console, as_json=None, quiet=quiet)
    if isinstance(reporter, LivePanel):
        with reporter:
            yield reporter
    else:
        yield reporter


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _time(plan: Plan) -> str:
    if not plan.to_ask:
        return ""
    return f", about {duration(plan.seconds)}" if plan.seconds is not None else ", time unknown before the first run"
