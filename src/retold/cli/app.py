"""The application and what every verb shares: consoles, the options for recipe, store and JSON, finding a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import retold

app = typer.Typer(
    name="retold",
    help="Existing text, retold by small models, checked against its source, traceable for ever.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
stdout = Console(soft_wrap=False)
stderr = Console(stderr=True)


MAKE, ANSWER, UNDERSTAND = "Make data", "Answer for it", "Understand and improve"
"""The groups of `retold --help`."""


def examples(*lines: str) -> str:
    """What stands below a verb's options: commands as one types them, each on a line."""
    return "\n\n".join(("Examples", *lines))


def say(console: Console, line: str) -> None:
    """One line, whole, as it is."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def counted(count: int, many: str) -> str:
    """ "1 document", "2,000 documents"."""
    return f"{count:,} {many if count != 1 else many.removesuffix('s')}"


RecipeArgument = Annotated[Path, typer.Argument(help="The recipe file (YAML).", show_default=False)]
OutOption = Annotated[
    str | None,
    typer.Option(
        "--out", help="Folder for everything the recipe makes (default: out/NAME beside it), or s3://BUCKET/PREFIX."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", envvar="RETOLD_STORE", help="The folder or s3:// prefix a recipe wrote to (default: found here)."
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        stdout.print(retold.__version__, highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Existing text, retold by small models, checked against its source, traceable for ever."""
