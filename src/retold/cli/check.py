"""`retold check`: is the recipe right, and is its input there?"""

from __future__ import annotations

from retold.cli.app import MAKE, RecipeArgument, app, counted, examples, say, stdout


@app.command(
    rich_help_panel=MAKE,
    epilog=examples(
        "retold check recipe.yaml",
    ),
)
def check(recipe: RecipeArgument) -> None:
    """Check a recipe and its input; read nothing, write nothing."""
    from retold.runner.recipe import Recipe

    loaded = Recipe.load(recipe)
    parts = loaded.parts()
    loaded.check_terms(parts)
    loaded.check_engines()
    files = sum(len(part.uris) for part in parts)
    size = sum(part.bytes for part in parts)
    steps = ", ".join(stage.name for stage in loaded.stages(parts))
    found = f"{counted(files, 'inputs')} ({size / 1e6:,.1f} MB) in {counted(len(parts), 'parts')}"
    stdout.print(f"{recipe} is right: {found}", highlight=False)
    say(stdout, f"  steps   {steps}")
    say(stdout, f"  output  {loaded.folder}")
    if words := loaded.beyond():
        say(stdout, f"  note    {words}")
