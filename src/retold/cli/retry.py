"""`retold retry`: requests that failed are asked again, or looked at."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from retold.cli.app import MAKE, JsonOption, OutOption, RecipeArgument, app, examples, stdout


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold retry recipe.yaml --list              what has no answer, and why",
        "retold retry recipe.yaml --reason timeout",
    ),
)
def retry(
    recipe: RecipeArgument,
    reason: Annotated[
        str, typer.Option(help="Only these classes of failure, such as: timeout,server (default: all but poison).")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="Show what has no answer and why; ask nothing.")] = False,
    show: Annotated[str, typer.Option(help="Show one request with its prompt (the first characters of its id).")] = "",
    limit: Annotated[int, typer.Option(help="With --list: how many of each class.", min=1)] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked again; ask nothing.")] = False,
    out: OutOption = None,
    workers: Annotated[int | None, typer.Option(help="Processes (default: the recipe's).", min=1)] = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the end.")] = False,
) -> None:
    """Ask again what failed, as a new round; what depends on the answers is made anew. Ctrl-C is safe."""
    from retold.cli.retrying import list_letters, retry_and_print, show_letter
    from retold.runner.rounds import chosen_failures
    from retold.runner.session import Session

    failures = chosen_failures(reason)
    session = Session.begin(recipe, out=out, workers=workers)
    if show:
        show_letter(session, show, sys.stdout if as_json else stdout)
    elif listed:
        list_letters(session, limit, sys.stdout if as_json else stdout)
    elif dry_run and as_json:
        sys.stdout.write(json.dumps(session.plan_retry(failures).as_dict()) + "\n")
    else:
        retry_and_print(session, failures, sys.stdout if as_json else stdout, dry_run=dry_run, quiet=quiet)
