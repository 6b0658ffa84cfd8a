"""What `retold retry` prints: the letters, one with its prompt, what is asked again, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TextIO

from rich.console import Console

from retold.cli.app import say
from retold.cli.session import run_for_machines, run_for_people
from retold.core.errors import RetoldError
from retold.report.letters import Letters, gather_letters, print_letters, print_prompt
from retold.runner.letters import Letter, prompt_of
from retold.runner.retry import Retry
from retold.runner.session import Session

ID_NEEDED = 4


def letters_of(session: Session, each: int, prefix: str = "") -> Letters:
    """The letters of a recipe, or those whose ids begin so."""
    found = (letter for _, letter in session.letters() if letter.request_id.startswith(prefix))
    return gather_letters(session.view(), session.store, found, each)


def list_letters(session: Session, each: int, to: Console | TextIO) -> None:
    """`--list`."""
    letters = letters_of(session, each)
    if not isinstance(to, Console):
        to.write(json.dumps(letters.as_dict()) + "\n")
        return
    print_letters(letters, to)
    if letters.total:
        say(to, f"\nnext      retold retry {session.recipe.path}    or one with its prompt: --show ID")


def show_letter(session: Session, prefix: str, to: Console | TextIO) -> None:
    """`--show ID`: the one letter whose id begins so, with its prompt."""
    found = [pair for pair in session.letters() if len(prefix) >= ID_NEEDED and pair[1].request_id.startswith(prefix)]
    if len(found) != 1:
        what = f"{len(found)} requests without an answer have ids that begin with {prefix!r}"
        raise RetoldError(what, f"list them with --list; {ID_NEEDED} characters or more are needed")
    stage, letter = found[0]
    prompt = prompt_of(stage, session.store, session.parts, letter.request_id)
    (told,) = _told(session, letter).shown
    if isinstance(to, Console):
        print_prompt(told, prompt, to)
    else:
        to.write(json.dumps({**asdict(told), "prompt": asdict(prompt)}) + "\n")


def _told(session: Session, letter: Letter) -> Letters:
    return gather_letters(session.view(), session.store, [letter], 1)


def retry_and_print(
    session: Session, failures: Sequence[str], to: Console | TextIO, *, dry_run: bool, quiet: bool
) -> None:
    """Open a round (or go on with one) and run; a dry run only says what it would be."""
    decided, session = (session.plan_retry(failures), session) if dry_run else session.retry(failures)
    if not isinstance(to, Console):
        to.write(json.dumps({"event": "retry", **decided.as_dict()}) + "\n")
        if decided.requests:
            run_for_machines(session, to)
        return
    for line in _words(decided, failures, dry_run=dry_run):
        say(to, line)
    if decided.requests and not dry_run:
        run_for_people(session, to, quiet=quiet)


def _words(decided: Retry, failures: Sequence[str], *, dry_run: bool) -> list[str]:
    left = f"left      {_counted(decided.left)} (see them: --list; ask them: --reason {','.join(decided.left)})"
    lines = [left] if decided.left else []
    if not decided.requests:
        return [*lines, f"nothing to ask again: no request failed with {', '.join(failures)}"]
    verb = "would ask" if dry_run else "asks"
    if decided.resumed:
        return [f"retry     round {decided.round} was not finished: {verb} {_counted(decided.asked)}", *lines]
    number = f" as round {decided.round}" if decided.round else ""
    return [f"retry     {verb} {_counted(decided.asked)} again{number}", *lines]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{failure} {count:,}" for failure, count in counts.items())
