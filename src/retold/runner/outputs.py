"""The places that recipes write to: leaving the way back to the recipe, and finding a place again.

A run leaves the relative path of its recipe beside its store, so that `show`, `report` and `retold.open` read the rows
of exactly that recipe, and both can move together. Where the store is in object storage, the local folder for files
also says where that is, and the prefix holds the recipe's full path: it is found from either end, on the machine that
has the recipe.
"""

from __future__ import annotations

import os
from pathlib import Path

from retold.core.errors import RetoldError
from retold.runner.recipe import Recipe
from retold.store import Place
from retold.store.tables import MARKER

POINTER = "recipe.path"
ELSEWHERE = "store.path"
STORE = "store"


def remember(recipe: Recipe) -> None:
    """Make the output folder and leave the way to its recipe."""
    here = Place.of(recipe.folder)
    here.write(POINTER, os.path.relpath(recipe.path.resolve(), recipe.folder.resolve()) + "\n")
    if recipe.out.remote:
        here.write(ELSEWHERE, f"{recipe.out}\n")
        recipe.out.write(POINTER, f"{recipe.path.resolve()}\n")
    else:
        (recipe.folder / ELSEWHERE).unlink(missing_ok=True)


def recipe_of(where: Place | Path | str) -> Recipe:
    """The recipe that wrote to this place (or whose store it is). Raises RetoldError where that is not said."""
    place = Place.of(where)
    output = _output(place)
    if output is None:
        raise RetoldError(f"nothing that retold made is in {place}", "run a recipe first: retold run RECIPE")
    pointer = output.read(POINTER)
    if pointer is None:
        raise RetoldError(f"{output} does not say which recipe made it", "run the recipe again: retold run RECIPE")
    if output.remote:
        path = Path(pointer.strip())
        if not path.is_file():
            raise RetoldError(
                f"{output} was made by {path}, which is not on this machine",
                "run the recipe here, then look at the folder beside it",
            )
        return Recipe.load(path, out=output)
    elsewhere = output.read(ELSEWHERE)
    path = Path(os.path.normpath(output.local / pointer.strip()))
    return Recipe.load(path, out=elsewhere.strip() if elsewhere else output)


def find(here: Path) -> Place:
    """The one output folder in or below `here` (also in `here/out`). Raises RetoldError where none or several are."""
    candidates = (here, *sorted(here.glob("*/")), *sorted(here.glob("out/*/")))
    found = sorted({str(output) for folder in candidates if (output := _output(Place.of(folder))) is not None})
    if not found:
        raise RetoldError(f"nothing that retold made is in {here.absolute()}", "run a recipe first: retold run RECIPE")
    if len(found) > 1:
        raise RetoldError(
            f"several outputs are here: {', '.join(found)}", "say which: --store FOLDER, or set RETOLD_STORE"
        )
    return Place.of(found[0])


def _output(place: Place) -> Place | None:
    """The output that `place` is, or is the store of."""
    if (place / STORE).read(MARKER) is not None or place.read(ELSEWHERE) is not None:
        return place
    if place.read(MARKER) is None:
        return None
    if place.remote:
        return Place.of(place.address.rpartition("/")[0])
    return Place.of(os.path.normpath(place.local / ".."))
