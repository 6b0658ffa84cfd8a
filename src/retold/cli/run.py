"""`retold run`: documents in, checked retellings out."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from retold.cli.app import JsonOption, OutOption, RecipeArgument, app, stdout
from retold.cli.session import run_for_machines, run_for_people
from retold.runner.session import Session


@app.command()
def run(
    recipe: RecipeArgument,
    out: OutOption = None,
    workers: Annotated[int | None, typer.Option(help="Processes (default: the recipe's).", min=1)] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the end.")] = False,
    take_over: Annotated[bool, typer.Option("--take-over", help="Fence out another run of this store.")] = False,
) -> None:
    """Run a recipe from where it was left to its end. Ctrl-C is safe: run again to continue."""
    session = Session.begin(recipe, out=out, workers=workers, take_over=take_over)
    if as_json:
        run_for_machines(session, sys.stdout)
    else:
        run_for_people(session, stdout, quiet=quiet)
