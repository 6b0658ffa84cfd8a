"""`retold new`: a commented recipe for the files that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from retold.cli.app import MAKE, app, examples, stdout
from retold.core.errors import RecipeError


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold new crawl/ notes.md",
        "retold new 's3://bucket/dump/*.parquet' -o dump.yaml",
    ),
)
def new(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders, patterns or addresses of documents.", show_default=False)
    ],
    recipe: Annotated[Path, typer.Option("--recipe", "-o", help="Where to write the recipe.")] = Path("recipe.yaml"),
) -> None:
    """Write a commented recipe for the given files and folders."""
    from retold.runner.recipe import Recipe
    from retold.runner.scaffold import scaffold

    if recipe.exists():
        raise RecipeError(f"{recipe} exists already", "name another with --recipe, or delete it")
    recipe.parent.mkdir(parents=True, exist_ok=True)
    recipe.write_text(scaffold(paths, recipe), "utf-8")
    parts = Recipe.load(recipe).parts()
    stdout.print(f"{recipe} reads {sum(len(part.uris) for part in parts):,} files", highlight=False, markup=False)
    stdout.print(f"next      retold plan {recipe}    retold run {recipe}", highlight=False, markup=False)
