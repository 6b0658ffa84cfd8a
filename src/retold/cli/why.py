"""`retold why`: the whole story of a document or of one packed token."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from retold.cli.app import ANSWER, JsonOption, StoreOption, app, examples, stdout


@app.command(
    rich_help_panel=ANSWER,
    epilog=examples(
        "retold why 7f3a        a document, by the first characters of its id",
        "retold why 144:711     the token at place 711 of packed row 144",
    ),
)
def why(
    asked: Annotated[
        str,
        typer.Argument(
            help="The first characters of an id, or ROW:OFFSET of a packed token.", metavar="DOC|ROW:OFFSET"
        ),
    ],
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Tell where a document or a packed token comes from, what was decided, and what was made from it."""
    from retold.report.why import why as tell
    from retold.report.why_lines import why_lines

    answer = tell(asked, store)
    if as_json:
        typer.echo(json.dumps(answer.as_dict(), ensure_ascii=False))
    else:
        why_lines(answer, stdout)
