"""`retold card`: the dataset card, and the same facts for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import ANSWER, JsonOption, StoreOption, app, examples, say, stdout

CARD, SHEET = "README.md", "datasheet.json"


@app.command(
    rich_help_panel=ANSWER,
    epilog=examples(
        "retold card",
        "retold card --json",
    ),
)
def card(
    to: Annotated[Path | None, typer.Option("--to", help="Folder to write to (default: that of the data).")] = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Write the dataset card (Markdown with Hugging Face metadata) and the datasheet (JSON) of what was made."""
    from retold.pack.files import write_whole
    from retold.report.card import datasheet
    from retold.report.card_page import markdown
    from retold.runner.session import Session

    session = Session.open(store)
    sheet = datasheet(session)
    text = json.dumps(sheet, indent=1, ensure_ascii=False) + "\n"
    if as_json:
        typer.echo(text, nl=False)
        return
    folder = to or session.recipe.folder
    write_whole(folder / CARD, markdown(sheet).encode())
    write_whole(folder / SHEET, text.encode())
    say(stdout, f"card      {folder / CARD}")
    say(stdout, f"facts     {folder / SHEET}")
