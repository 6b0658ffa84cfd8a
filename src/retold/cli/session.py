"""What the verbs print around a session: the plan, the panel, the summary, and what to type next."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console

from retold.cli.app import counted, say
from retold.report.foreseen import foreseen
from retold.report.gather import Story, gather
from retold.report.mixture import mixture, told
from retold.report.page import write_page
from retold.report.show import story_lines
from retold.runner.panel import JsonLines, LivePanel, duration, reporter_for
from retold.runner.plan import Plan
from retold.runner.progress import Reporter
from retold.runner.session import Session

REPORT = "report.html"


def story_of(session: Session) -> Story:
    """What the recipe made, counted."""
    return gather(session.view(), session.store, session.recipe.name)


def write_report(session: Session, to: Path | None = None, story: Story | None = None) -> Path:
    """Write the page; returns where."""
    path = to or session.recipe.folder / REPORT
    write_page(story or story_of(session), path)
    return path


def run_for_machines(session: Session, stream: TextIO) -> None:
    """JSON lines: one per event, the last with the story."""
    session.run(JsonLines(stream))
    story = story_of(session)
    write_report(session, story=story)
    stream.write(json.dumps({"event": "report", "story": story.as_dict()}) + "\n")


def run_for_people(session: Session, console: Console, *, quiet: bool) -> None:
    """Plan, panel, summary, and what to type next."""
    begin = time.monotonic()
    if session.nothing_to_do():
        done = f"nothing to do: all {len(session.stages)} stages of {session.recipe.path} are finished"
        say(console, f"{done} ({duration(time.monotonic() - begin)})")
    else:
        if not quiet:
            make_and_print_plan(session, console)
        with shown(console, quiet=quiet) as reporter:
            session.run(reporter)
        story = story_of(session)
        write_report(session, story=story)
        story_lines(story, console)
        for words in told(mixture(session.view(), session.recipe.settings.mix)):
            say(console, f"  mixed     {words}")
        if failed := story.requests.failed:
            say(console, f"letters   {failed:,} requests have no answer: retold retry {session.recipe.path} --list")
    folder = session.recipe.folder
    if session.recipe.settings.pack is not None:
        say(console, f"shards    {folder / 'shards'}/*.parquet   texts {folder / 'texts'}/*.parquet")
    say(console, f"page      {folder / REPORT}")
    say(console, f"next      retold show --store {folder}    retold plan {session.recipe.path}")


def make_and_print_plan(session: Session, console: Console) -> Plan:
    """Do what is free, showing it, then say what is left."""
    say(console, f"plan      {session.recipe.path}")
    with shown(console, quiet=False) as reporter:
        plan = session.plan(reporter)
    print_plan(session, plan, console)
    return plan


def print_plan(session: Session, plan: Plan, console: Console) -> None:
    """The plan in a few lines."""
    if not plan.documents:
        say(console, f"  note       no document is kept; see why: retold show --store {session.recipe.folder}")
    retold = session.recipe.settings.rephrase
    passages = f", {counted(plan.passages, 'passages')}" if retold else ""
    kept = counted(plan.documents, "documents")
    say(console, f"  read       {counted(plan.records, 'records')}, {kept} kept{passages}")
    if retold:
        asked = f"{plan.retellings:,} model-made retellings ({plan.requests:,} requests), " if retold.styles else ""
        say(console, f"  ask        {asked}{len(retold.rules) * plan.passages:,} rule-made")
    if plan.requests:
        say(console, f"  reuse      {plan.answered:,} answers; {_to_ask(plan)}{_time(plan)}{_cost(plan)}")
    if plan.letters:
        say(console, f"  letters    {letters_line(plan.letters, session)}")
    if plan.forgotten:
        say(console, f"  aside      {plan.forgotten:,} answers of other prompts, models or settings stay unused")
    for words in mixed(session):
        say(console, f"  mix        {words}")
    if words := session.recipe.beyond():
        say(console, f"  note       {words}")


def mixed(session: Session) -> tuple[str, ...]:
    """What the recipe's mixture will repeat too often, or has too little for."""
    return foreseen(session.view(), session.recipe.settings.mix, session.recipe.portions())


def letters_line(letters: Mapping[str, int], session: Session) -> str:
    """How many requests failed for good, and what to do about it."""
    counted = ", ".join(f"{failure} {count:,}" for failure, count in letters.items())
    total = sum(letters.values())
    return f"{total:,} failed for good ({counted}); ask them again: retold retry {session.recipe.path}"


@contextmanager
def shown(console: Console, *, quiet: bool) -> Iterator[Reporter]:
    """The reporter that fits, for as long as something is shown."""
    reporter = reporter_for(console, quiet=quiet)
    if isinstance(reporter, LivePanel):
        with reporter:
            yield reporter
    else:
        yield reporter


def _to_ask(plan: Plan) -> str:
    """How many requests, and where a target ends them."""
    if not plan.until or not plan.to_ask:
        return f"{plan.to_ask:,} to ask"
    if plan.expected is None:
        return f"at most {plan.to_ask:,} to ask until {plan.until}"
    return f"about {plan.expected:,} of {plan.to_ask:,} to ask until {plan.until}"


def _cost(plan: Plan) -> str:
    if not plan.to_ask or plan.cost == 0:
        return ""
    return ", cost unknown before the first run" if plan.cost is None else f", about {plan.cost:,.2f} USD"


def _time(plan: Plan) -> str:
    if not plan.to_ask or plan.expected is None:
        return ""
    return f", about {duration(plan.seconds)}" if plan.seconds is not None else ", time unknown before the first run"
