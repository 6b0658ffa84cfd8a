"""Opening a recipe file: what is said where there is none, or something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from retold.core.errors import RecipeError, plainly
from retold.core.located import Lines, nearest, values_of

RECIPE_LIMIT = 1 << 20


def read_recipe(path: Path) -> tuple[dict[str, Any], Lines]:
    """A recipe file as plain values with lines. Raises RecipeError for a file that is no such thing."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        near = nearest(path.name, (item.name for item in path.parent.glob("*.y*ml")) if path.parent.is_dir() else ())
        hint = f"did you mean {path.parent / near}?" if near else "make one with: retold new YOUR_FILES"
        raise RecipeError(f"no recipe at {path}", hint) from error
    except IsADirectoryError as error:
        raise RecipeError(
            f"{path} is a folder, not a recipe", "make a recipe for its files with: retold new"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot read {path}: {plainly(error)}", "a recipe is a YAML file in UTF-8") from error
    if len(text) > RECIPE_LIMIT:
        raise RecipeError(f"{path} has {len(text):,} characters; a recipe is small", "is this a data file?")
    value, lines = values_of(text, str(path))
    if not isinstance(value, dict):
        raise RecipeError(f"{path}:1: a recipe is a list of `key: value` lines", "start with `sources:`")
    return value, lines
