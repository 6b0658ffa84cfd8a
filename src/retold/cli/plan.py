"""`retold plan`: what a run would do, reuse and cost."""

from __future__ import annotations

import json
import sys

from retold.cli.app import MAKE, JsonOption, OutOption, RecipeArgument, app, examples, say, stdout


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold plan recipe.yaml",
        "retold plan recipe.yaml --json > plan.json",
    ),
)
def plan(recipe: RecipeArgument, out: OutOption = None, as_json: JsonOption = False) -> None:
    """Read and clean the input, and say what a run would ask, reuse and cost. Asks no engine for retellings."""
    from retold.cli.session import make_and_print_plan, mixed
    from retold.runner.session import Session

    session = Session.begin(recipe, out=out)
    if as_json:
        json.dump(
            {**session.plan().as_dict(), "mixture": mixed(session), "beyond": session.recipe.beyond()}, sys.stdout
        )
        sys.stdout.write("\n")
        return
    found = make_and_print_plan(session, stdout)
    if not found.nothing_to_do:
        say(stdout, f"  next       retold run {recipe}")
