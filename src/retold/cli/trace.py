"""`retold trace`: which training documents hold the words of a text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import JsonOption, StoreOption, app, stderr, stdout
from retold.core.errors import RetoldError
from retold.trace.show import show
from retold.trace.trace import DOCUMENTS
from retold.trace.trace import trace as find

LONGEST_NAME = 255


@app.command()
def trace(
    text: Annotated[str, typer.Argument(help="A text, a file, or - for the standard input.", metavar="TEXT|FILE")],
    documents: Annotated[int, typer.Option(help="At most so many documents for each span.", min=1)] = DOCUMENTS,
    workers: Annotated[int, typer.Option(help="Processes that build the index.", min=1)] = 1,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Find the spans of a text that stand in the training corpus, then what is near, and the sources behind both."""
    answer = find(_text(text), store, documents=documents, workers=workers, told=_told)
    if as_json:
        sys.stdout.write(json.dumps(answer.as_dict(), ensure_ascii=False) + "\n")
    else:
        show(answer, stdout)


def _told(line: str) -> None:
    stderr.print(line, highlight=False, markup=False, soft_wrap=True)


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    try:
        path = Path(given)
        there = len(given) <= LONGEST_NAME and "\n" not in given and path.is_file()
        return path.read_text("utf-8", "replace") if there else given
    except OSError as error:
        raise RetoldError(f"cannot read {given[:LONGEST_NAME]}: {error.strerror}", "name a text, or a file") from error
