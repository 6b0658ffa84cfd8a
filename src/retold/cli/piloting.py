"""What `retold run --pilot` does and prints: a sample of the plan, retold, and what the whole of it would be."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from rich.console import Console

from retold.cli.app import say
from retold.cli.session import make_and_print_plan, shown
from retold.core.step import Ask
from retold.report.page import write_whole
from retold.report.pilot import Pilot, Sample, gather_pilot
from retold.report.pilot_page import pilot_html, print_pilot
from retold.runner.estimate import seconds_by_history
from retold.runner.panel import JsonLines
from retold.runner.plan import engines_of
from retold.runner.progress import Progress, Reporter, Silent
from retold.runner.session import Session

PAGE = "pilot.html"


def pilot_for_machines(session: Session, retellings: int, stream: TextIO) -> None:
    """JSON lines: one per event, the last with the pilot."""
    reporter = JsonLines(stream)
    session.plan(reporter)
    found = take(session, session.sample(retellings), reporter)
    write_whole(pilot_html(found), session.recipe.folder / PAGE)
    stream.write(json.dumps({"event": "pilot", "pilot": found.as_dict()}) + "\n")


def pilot_for_people(session: Session, retellings: int, console: Console, *, quiet: bool) -> None:
    """Plan of the whole, panel of the sample, what it says, and what to type next."""
    if quiet:
        session.plan(Silent())
    else:
        make_and_print_plan(session, console)
    with shown(console, quiet=quiet) as reporter:
        found = take(session, session.sample(retellings), reporter)
    print_pilot(found, console)
    page = session.recipe.folder / PAGE
    write_whole(pilot_html(found), page)
    say(console, f"page      {page}")
    say(console, f"next      retold run {session.recipe.path} (uses the pilot's answers)")


def take(whole: Session, sample: Session, reporter: Reporter) -> Pilot:
    """Run the sample; `whole` is planned already."""
    history = sample.run(reporter)
    settings = whole.recipe.settings.rephrase
    taken = Sample(
        sample=sample.view(),
        whole=whole.view(),
        counter=whole.recipe.counter()[0],
        seconds_each=seconds_each(sample, history),
        target=settings.until.target if settings else None,
        seed=whole.recipe.settings.seed,
    )
    return gather_pilot(taken, whole.store, whole.recipe.name)


def seconds_each(session: Session, history: list[Progress]) -> float | None:
    """Wall seconds for one answer: of this session, or of earlier runs where it asked nothing."""
    seconds, answers = asking_seconds(history)
    return seconds / answers if answers else seconds_by_history(session.store, 1, engines_of(session.stages))


def asking_seconds(history: list[Progress]) -> tuple[float, int]:
    """Wall seconds of asking in this session, and the answers that came in them."""
    asked = [item for item in history if item.kind == Ask.__name__.lower() and item.done > item.reused]
    return sum(item.seconds for item in asked), sum(item.done - item.reused for item in asked)


def run_pilot(session: Session, retellings: int, console: Console, *, as_json: bool, quiet: bool) -> None:
    """For machines or for people."""
    if as_json:
        pilot_for_machines(session, retellings, sys.stdout)
    else:
        pilot_for_people(session, retellings, console, quiet=quiet)
