"""`retold show`: a document beside its retellings, or what was dropped for a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from retold.cli.app import ANSWER, StoreOption, app, examples, stdout


@app.command(
    rich_help_panel=ANSWER,
    epilog=examples(
        "retold show                      some ids, and what was dropped",
        "retold show 7f3a                 a document beside its retellings",
        "retold show --dropped too_short --limit 20",
    ),
)
def show(
    prefix: Annotated[str, typer.Argument(help="The first characters of an id.")] = "",
    dropped: Annotated[str, typer.Option(help="Show samples dropped for this reason.")] = "",
    limit: Annotated[int, typer.Option(help="How many samples.", min=1)] = 5,
    store: StoreOption = None,
) -> None:
    """Show a document, its retellings and their verdicts side by side; without an id, what there is to see."""
    from retold.report.show import show as show_document
    from retold.report.show import show_dropped
    from retold.runner.session import Session

    session = Session.open(store)
    if dropped:
        show_dropped(session.view(), dropped, stdout, limit)
    else:
        show_document(session.view(), session.store, prefix, stdout)
