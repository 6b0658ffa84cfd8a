"""`retold report`: one self-contained page about what was made."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import MAKE, JsonOption, StoreOption, app, examples, say, stdout


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold report",
        "retold report --store out/demo --to page.html",
    ),
)
def report(
    store: StoreOption = None,
    to: Annotated[
        Path | None, typer.Option(help="Where to write the page (default: report.html in the output).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report: funnel with reasons, acceptance per style, tokens, lengths, samples good and bad."""
    from retold.cli.session import story_of, write_report
    from retold.runner.session import Session

    session = Session.open(store)
    if as_json:
        json.dump(story_of(session).as_dict(), sys.stdout)
        sys.stdout.write("\n")
        return
    say(stdout, f"page      {write_report(session, to)}")
