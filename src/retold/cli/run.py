"""`retold run`: documents in, checked retellings out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import MAKE, JsonOption, OutOption, RecipeArgument, app, examples, stdout


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold run recipe.yaml",
        "retold run recipe.yaml --pilot 200            what all would give and cost",
        "retold run recipe.yaml --against other.yaml   two prompts or models, compared",
        "retold run recipe.yaml --out s3://bucket/prefix --workers 8",
    ),
)
def run(
    recipe: RecipeArgument,
    out: OutOption = None,
    workers: Annotated[int | None, typer.Option(help="Processes (default: the recipe's).", min=1)] = None,
    pilot: Annotated[
        int | None,
        typer.Option(help="Retell only so many, first ones of the plan, and say what all would take.", min=1),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with another recipe on the same passages (200, or --pilot so many).")
    ] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the end.")] = False,
    take_over: Annotated[bool, typer.Option("--take-over", help="Fence out another run of this store.")] = False,
) -> None:
    """Run a recipe from where it was left to its end. Ctrl-C is safe: run again to continue."""
    from retold.cli.comparing import COMPARED, run_against
    from retold.cli.piloting import run_pilot
    from retold.cli.session import run_for_machines, run_for_people
    from retold.runner.session import Session

    session = Session.begin(recipe, out=out, workers=workers, take_over=take_over)
    if against is not None:
        other = Session.begin(against, workers=workers, take_over=take_over)
        run_against(session, other, pilot or COMPARED, stdout, as_json=as_json, quiet=quiet)
    elif pilot is not None:
        run_pilot(session, pilot, stdout, as_json=as_json, quiet=quiet)
    elif as_json:
        run_for_machines(session, sys.stdout)
    else:
        run_for_people(session, stdout, quiet=quiet)
