"""`retold keys`: every key that a recipe may have."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from retold.cli.app import MAKE, app, examples, say, stdout
from retold.core.errors import RecipeError

if TYPE_CHECKING:
    from retold.report.keys import Section


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold keys                    the parts of a recipe, and the keys at its top",
        "retold keys pack               keys, defaults and meanings of one part",
        "retold keys minhash",
    ),
)
def keys(
    part: Annotated[str, typer.Argument(help="A part, such as: sources, http, language, rephrase, pack.")] = "",
    as_page: Annotated[bool, typer.Option("--markdown", help="Print all of them as one page.")] = False,
) -> None:
    """Say what one may write in a recipe: every key, its default and its meaning."""
    from retold.core.located import advice
    from retold.report.keys import markdown, sections

    if as_page:
        sys.stdout.write(markdown())
        return
    found = {section.path: section for section in sections()}
    chosen = [section for path, section in found.items() if part in (path, path.rpartition(".")[2], path.split(".")[0])]
    if not chosen:
        words = {word for path in found for word in path.split(".") if word and word != "NAME"}
        raise RecipeError(f"a recipe has no part {part!r}", advice(part, words))
    for section in chosen:
        _print(section)
    if not part:
        say(stdout, f"\nparts     {', '.join(path for path in found if path)}")
        say(stdout, "next      retold keys PART")


def _print(section: Section) -> None:
    stdout.print(Text.assemble((section.path or "recipe", "bold"), f"  {section.about}"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for column in ("key", "default", "meaning"):
        table.add_column(column, no_wrap=column == "key", max_width=None if column == "meaning" else 32)
    for key in section.keys:
        table.add_row(Text(f"  {key.name}"), Text(key.default or "required", style="dim"), Text(key.meaning))
    if section.keys:
        stdout.print(table)
