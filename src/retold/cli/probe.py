"""`retold probe`: ask a model about things that do not exist, begin its answers wrongly, and count what it does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retold.cli.app import UNDERSTAND, JsonOption, app, examples, stderr, stdout
from retold.core.errors import RecipeError

if TYPE_CHECKING:
    from retold.core.step import Engine
    from retold.probe import Sampled
    from retold.probe.outcome import Probed

ANSWERS, PAGE, RESULT = "answers.jsonl", "probe.html", "result.json"


@app.command(
    rich_help_panel=UNDERSTAND,
    epilog=examples(
        "retold probe embedded --battery emoji",
        "retold probe http://localhost:8000/v1 --name NAME",
        "retold probe checkpoints/last",
    ),
)
def probe(
    model: Annotated[str, typer.Argument(help="embedded, a .gguf file, a checkpoint folder, or a server's address.")],
    battery: Annotated[
        list[str] | None, typer.Option(help="absent, loops, recovery or emoji; may be repeated (default: all).")
    ] = None,
    targets: Annotated[int, typer.Option(help="Things to ask about in each group.", min=2, max=1000)] = 20,
    samples: Annotated[int, typer.Option(help="Sampled answers beside the greedy one.", min=0, max=100)] = 2,
    seed: Annotated[int, typer.Option(help="Chooses what is asked about and what is drawn.")] = 7,
    name: Annotated[str, typer.Option(help="The model's name at a server.")] = "",
    threads: Annotated[int, typer.Option(help="Threads of the embedded engine (default: found here).", min=0)] = 0,
    out: Annotated[Path, typer.Option(help="Folder for answers, page and result.json.")] = Path("retold-probe"),
    as_json: JsonOption = False,
) -> None:
    """Ask a model about members that do not exist, about real ones alike, and for recovery from wrong steps."""
    from retold.probe import BATTERIES, Sampled
    from retold.probe.outcome import as_dict
    from retold.report.page import write_whole
    from retold.report.probe_page import print_probe, probe_html

    chosen = battery or list(BATTERIES)
    for one in chosen:
        if one not in BATTERIES:
            raise RecipeError(f"there is no battery {one!r}", f"there are: {', '.join(BATTERIES)}")
    engine = _engine(model, name, threads)
    engine.check()
    out.mkdir(parents=True, exist_ok=True)
    how = Sampled(samples, seed=seed)
    found = asyncio.run(_probe(engine, chosen, targets, how, out / ANSWERS))
    result = as_dict(model, engine.identity, how, found)
    (out / RESULT).write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    write_whole(probe_html(model, engine.identity, found), out / PAGE)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    print_probe(found, stdout)
    stdout.print(f"page      {out / PAGE}   result {out / RESULT}", highlight=False, soft_wrap=True)


def _engine(model: str, name: str, threads: int) -> Engine:
    """The engine that a word names. Raises RecipeError where it names none."""
    from pydantic import ValidationError

    from retold.engines import build
    from retold.engines.settings import EngineSettings

    spelled: dict[str, Any]
    if model == "embedded" or model.endswith(".gguf"):
        spelled = {"embedded": {"model": "" if model == "embedded" else model, "threads": threads}}
    elif model.startswith(("http://", "https://")):
        spelled = {"http": [model], "model": name}
    elif Path(model).is_dir():
        spelled = {"checkpoint": {"model": model}}
    else:
        raise RecipeError(f"{model} is no model", "name: embedded, a .gguf file, a checkpoint folder, or an address")
    try:
        return build(EngineSettings.model_validate(spelled))
    except ValidationError as error:
        raise RecipeError(str(error.errors()[0]["msg"]), "see: retold probe --help") from None


async def _probe(engine: Engine, chosen: Sequence[str], targets: int, how: Sampled, answers: Path) -> list[Probed]:
    from retold.probe import BATTERIES, ask, missing
    from retold.probe.outcome import probed

    found: list[Probed] = []
    started = False
    async with AsyncExitStack() as stack:
        for name in chosen:
            battery = BATTERIES[name]
            questions = battery.questions(how.seed, targets)

            def tell(done: int, planned: int, name: str = name) -> None:
                if stderr.is_terminal:
                    stderr.print(f"{name}  {done} of {planned}", end="\r", highlight=False)

            if not started and missing(engine, questions, how, battery.max_tokens, answers):
                await stack.enter_async_context(engine)
                started = True
            given = await ask(engine, questions, how, battery.max_tokens, file=answers, tell=tell)
            found.append(probed(battery, len(questions) * (how.samples + 1), given, how.seed))
    return found
