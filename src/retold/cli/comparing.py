"""What `retold run A --pilot N --against B` does and prints: both recipes on the same passages."""

from __future__ import annotations

import json
import sys

from rich.console import Console

from retold.cli.app import say
from retold.cli.piloting import asking_seconds
from retold.cli.session import shown
from retold.core.step import Ask
from retold.report.against import Side, gather_against
from retold.report.against_page import against_html, print_against
from retold.report.page import write_whole
from retold.runner.against import samples
from retold.runner.panel import JsonLines
from retold.runner.progress import Reporter, Silent
from retold.runner.session import Session

PAGE = "against.html"
COMPARED = 200
"""Retellings that are compared where nobody says how many."""


def run_against(a: Session, b: Session, retellings: int, console: Console, *, as_json: bool, quiet: bool) -> None:
    """Plan both as far as their passages, run both samples, compare."""
    small_a, small_b, pairing = samples(a, b, retellings)
    sides = []
    for name, session in (("A", small_a), ("B", small_b)):
        if as_json:
            sides.append(_run(session, JsonLines(sys.stdout)))
            continue
        say(console, f"{name}         {session.recipe.path}")
        with shown(console, quiet=quiet) as reporter:
            sides.append(_run(session, reporter))
    found = gather_against(sides[0], sides[1], pairing.pairs, pairing.words, a.recipe.settings.seed)
    page = a.recipe.folder / PAGE
    write_whole(against_html(found), page)
    if as_json:
        sys.stdout.write(json.dumps({"event": "against", "against": found.as_dict()}) + "\n")
        return
    print_against(found, console)
    say(console, f"page      {page}")
    say(console, f"next      retold run {a.recipe.path}    retold run {b.recipe.path} (each uses its answers)")


def _run(session: Session, reporter: Reporter | None = None) -> Side:
    history = session.run(reporter or Silent())
    engines = [stage.step.engine().identity for stage in session.stages if isinstance(stage.step, Ask)]
    seconds, answers = asking_seconds(history)
    return Side(
        name=session.recipe.name,
        view=session.view(),
        store=session.store,
        engine=", ".join(engines),
        counter=session.recipe.counter()[0],
        wall_seconds=seconds if answers else None,
    )
