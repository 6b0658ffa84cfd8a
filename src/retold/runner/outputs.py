"""The folders that recipes write to: leaving the way back to the recipe, and finding a folder again.

A run leaves the relative path of its recipe beside its store, so that `show`, `report` and `retold.open` read the rows
of exactly that recipe, and both can move together.
"""

from __future__ import annotations

import os
from pathlib import Path

from retold.core.errors import RetoldError
from retold.runner.recipe import Recipe
from retold.store.tables import MARKER

POINTER = "recipe.path"
STORE = "store"


def remember(recipe: Recipe) -> None:
    """Make the output folder and leave the way to its recipe."""
    recipe.folder.mkdir(parents=True, exist_ok=True)
    relative = os.path.relpath(recipe.path.resolve(), recipe.folder.resolve())
    (recipe.folder / POINTER).write_text(relative + "\n", "utf-8")


def recipe_of(folder: Path) -> Recipe:
    """The recipe that wrote to this folder (or whose store it is). Raises RetoldError where that is not said."""
    output = _output(folder)
    if output is None:
        raise RetoldError(f"nothing that retold made is in {folder}", "run a recipe first: retold run RECIPE")
    pointer = output / POINTER
    if not pointer.is_file():
        raise RetoldError(f"{output} does not say which recipe made it", "run the recipe again: retold run RECIPE")
    return Recipe.load(Path(os.path.normpath(output / pointer.read_text("utf-8").strip())), out=output)


def find(here: Path) -> Path:
    """The one output folder in or below `here` (also in `here/out`). Raises RetoldError where none or several are."""
    candidates = (here, *sorted(here.glob("*/")), *sorted(here.glob("out/*/")))
    found = sorted({output for folder in candidates if (output := _output(folder)) is not None})
    if not found:
        raise RetoldError(f"nothing that retold made is in {here.absolute()}", "run a recipe first: retold run RECIPE")
    if len(found) > 1:
        names = ", ".join(str(folder) for folder in found)
        raise RetoldError(f"several outputs are here: {names}", "say which: --store FOLDER, or set RETOLD_STORE")
    return found[0]


def _output(folder: Path) -> Path | None:
    """The output folder that `folder` is, or is the store of."""
    if (folder / STORE / MARKER).is_file():
        return folder
    return Path(os.path.normpath(folder / "..")) if (folder / MARKER).is_file() else None
