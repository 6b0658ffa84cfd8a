"""The application and what every verb shares: consoles, the options for recipe, store and JSON, finding a store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import retold
from retold.core.errors import RetoldError
from retold.run.recipe import Recipe
from retold.store.tables import MARKER

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

POINTER = "recipe.path"

RecipeArgument = Annotated[Path, typer.Argument(help="The recipe file (YAML).", show_default=False)]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for everything the recipe makes (default: out/NAME beside it)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", envvar="RETOLD_STORE", help="The folder a recipe wrote to (default: the one found here)."),
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


def find_recipe(store: Path | None) -> Recipe:
    """The recipe whose output is meant: by --store or RETOLD_STORE, else the only one that was run from here.

    A run leaves a copy of its recipe's path beside its store, so the rows of exactly that recipe are shown.
    """
    here = Path()
    folders = [store] if store else [here, *here.glob("*/"), *here.glob("out/*/")]
    found = [folder for folder in folders if _is_output(folder)]
    if not found:
        where = store or Path.cwd()
        raise RetoldError(f"nothing that retold made is in {where}", "run a recipe first: retold run RECIPE")
    if len(found) > 1:
        names = ", ".join(str(folder) for folder in sorted(found))
        raise RetoldError(f"several outputs are here: {names}", "say which: --store FOLDER, or set RETOLD_STORE")
    return recipe_of(found[0])


def _is_output(folder: Path) -> bool:
    return (folder / "store" / MARKER).is_file() or (folder / MARKER).is_file()


def recipe_of(folder: Path) -> Recipe:
    """The recipe that wrote to this folder."""
    folder = folder if (folder / "store").is_dir() else folder.parent
    pointer = folder / POINTER
    if not pointer.is_file():
        raise RetoldError(f"{folder} does not say which recipe made it", "run the recipe again: retold run RECIPE")
    path = Path(os.path.normpath(folder / pointer.read_text("utf-8").strip()))
    return Recipe.load(path, out=folder)


def remember_recipe(recipe: Recipe) -> None:
    """Leave the way from an output folder to its recipe (relative, so that both can move together)."""
    recipe.folder.mkdir(parents=True, exist_ok=True)
    relative = os.path.relpath(recipe.path.resolve(), recipe.folder.resolve())
    (recipe.folder / POINTER).write_text(relative + "\n", "utf-8")
