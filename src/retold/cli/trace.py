"""`retold trace`: which training documents hold the words of a text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import ANSWER, JsonOption, StoreOption, app, examples, stderr, stdout
from retold.core.errors import RetoldError
from retold.trace.limits import DOCUMENTS, MOST_CHARACTERS, too_long

LONGEST_NAME = 255
LONGEST_SUFFIX = 5
MOST_BYTES = 4 * MOST_CHARACTERS
"""A longer file has more characters than are traced, whatever they are; it is not read."""


@app.command(
    rich_help_panel=ANSWER,
    epilog=examples(
        'retold trace "words that a model said"',
        "retold trace answer.txt --json",
        "some-model | retold trace -",
    ),
)
def trace(
    text: Annotated[str, typer.Argument(help="A text, a file, or - for the standard input.", metavar="TEXT|FILE")],
    documents: Annotated[int, typer.Option(help="At most so many documents for each span.", min=1)] = DOCUMENTS,
    workers: Annotated[int, typer.Option(help="Processes that build the index.", min=1)] = 1,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Find the spans of a text that stand in the training corpus, then what is near, and the sources behind both."""
    from retold.trace.show import show
    from retold.trace.trace import trace as find

    answer = find(_text(text), store, documents=documents, workers=workers, told=_told)
    if as_json:
        sys.stdout.write(json.dumps(answer.as_dict(), ensure_ascii=False) + "\n")
    else:
        show(answer, stdout)


def _told(line: str) -> None:
    stderr.print(line, highlight=False, markup=False, soft_wrap=True)


def _text(given: str) -> str:
    """What is to be traced. Raises RetoldError for nothing, for too much, and for a file that cannot be read."""
    try:
        text = _read(given)
    except OSError as error:
        raise RetoldError(f"cannot read {given[:LONGEST_NAME]}: {error.strerror}", "name a text, or a file") from error
    if not text.strip():
        where = "the text is empty" if not given.strip() else f"{given[:LONGEST_NAME]} holds no text"
        raise RetoldError(f"nothing to trace: {where}", "give a text, a file that holds some, or - with text piped in")
    return text


def _read(given: str) -> str:
    if given == "-":
        return sys.stdin.read(MOST_CHARACTERS + 1)
    path = Path(given)
    if len(given) <= LONGEST_NAME and "\n" not in given and path.is_file():
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise too_long(f"{given} has {size:,} bytes")
        return path.read_text("utf-8", "replace")
    if _like_a_file(given):
        _told(f"note      no file is called {given}; traced as a text")
    return given


def _like_a_file(given: str) -> bool:
    """One word with a slash, or with a short suffix that begins with a letter."""
    suffix = Path(given).suffix[1:]
    short = suffix.isalnum() and suffix[0].isalpha() and len(suffix) <= LONGEST_SUFFIX
    return len(given.split()) == 1 and len(given) <= LONGEST_NAME and ("/" in given or short)
