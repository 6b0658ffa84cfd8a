"""Run a recipe: stage after stage, each resumed where it was left.

The order of stages is the recipe's; the loops are in `loops.py`. A run that is stopped (Ctrl-C, SIGKILL, a full disk)
is continued by running the same command again.
"""

from __future__ import annotations

import datetime
import json
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass

from retold.core.errors import RetoldError, StoreError
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Ask, Fold, Map, Part
from retold.runner.answers import size_of
from retold.runner.lock import only_run
from retold.runner.loops import Context, run_ask, run_fold, run_map
from retold.runner.made import forget, remember
from retold.runner.progress import Progress, Reporter
from retold.runner.stages import ALL, Stage
from retold.store import Store, Writer
from retold.store.erase import unfinished
from retold.workers import open_workers


@dataclass(frozen=True)
class Options:
    """How to run, never what comes out."""

    workers: int = 1
    group_seconds: float = 10.0
    failed_limit: float = 0.2
    take_over: bool = False


def run_stages(
    store: Store, stages: Sequence[Stage], parts: Sequence[Part], options: Options, reporter: Reporter
) -> list[Progress]:
    """Run what is not finished. Returns what was done, stage by stage (reused ones included).

    Raises StoreError while another run writes to the store, and where an erasure was begun in it and not finished.
    """
    with only_run(store.place, take_over=options.take_over), open_workers(options.workers) as workers:
        not_half_erased(store)
        context = Context(store, workers, reporter, tuple(parts), options.group_seconds, options.failed_limit)
        started, begin = datetime.datetime.now(datetime.UTC), time.monotonic()
        history: list[Progress] = []
        try:
            for stage in stages:
                history.append(_run_stage(stage, context))
        except BaseException as error:
            _remember(store, started, time.monotonic() - begin, history, _outcome(error))
            raise
        if any(progress.reused < progress.total for progress in history):
            _remember(store, started, time.monotonic() - begin, history, "finished")
        return history


def not_half_erased(store: Store) -> None:
    """Raises StoreError where an erasure was begun and not finished.

    What it left would be read, packed and exported again as if it had never been asked to go.
    """
    if store.delta("forgettings") is not None and unfinished(store.rows("forgettings")):
        command = f"retold forget --yes --store {shlex.quote(str(store.beside))}"
        raise StoreError("an erasure was begun in this store and not finished", f"finish it first: {command}")


def _run_stage(stage: Stage, context: Context) -> Progress:
    units = stage.units(context.parts)
    reused = len(stage.finished(context.store) & set(units))
    kind = type_of(stage)
    progress = Progress(stage.name, kind, total=len(units), done=reused, reused=reused)
    if reused < len(units):
        if isinstance(stage.step, Ask):
            _size_of_ask(stage, context, progress)
        context.reporter.started(progress)
        begin = time.monotonic()
        forget(context.store.beside, stage.files)
        _loop(stage, context, progress)
        remember(context.store.beside, stage.files, stage.made_for(context.store))
        progress.seconds = time.monotonic() - begin
    else:
        context.reporter.started(progress)
    context.reporter.finished(progress)
    return progress


def _loop(stage: Stage, context: Context, progress: Progress) -> None:
    match stage.step:
        case Ask() as ask:
            run_ask(stage, ask, context, progress)
        case Fold() as fold:
            run_fold(stage, fold, context, progress)
        case Map() as each:
            run_map(stage, each, context, progress)


def type_of(stage: Stage) -> str:
    """The kind of a stage's step, as one word."""
    return next(kind.__name__.lower() for kind in (Ask, Fold, Map) if isinstance(stage.step, kind))


def _size_of_ask(stage: Stage, context: Context, progress: Progress) -> None:
    """Count requests instead of parts: an Ask's progress is its answers."""
    size = size_of(stage, context.store, context.parts)
    progress.total, progress.done, progress.reused = size.planned, size.reused, size.reused
    progress.retried = size.retried
    progress.engine = stage.step.engine().identity if isinstance(stage.step, Ask) else ""


def _outcome(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return type(error).__name__ if isinstance(error, RetoldError) else "crashed"


def _remember(store: Store, started: datetime.datetime, seconds: float, history: list[Progress], outcome: str) -> None:
    """One row in `runs`: when, how long, how it ended, and what each stage did."""
    report = [
        {
            "stage": item.name,
            "kind": item.kind,
            "engine": item.engine,
            "seconds": round(item.seconds, 3),
            "tokens": item.tokens,
            "done": item.done,
            "reused": item.reused,
            "total": item.total,
        }
        for item in history
    ]
    name = digest("run", started.isoformat(), seconds)
    row = {
        "run_id": name, "recipe": "", "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3), "outcome": outcome, "report": json.dumps(report),
    }  # fmt: skip
    try:
        writer = Writer(store, "runs")
        writer.add(ALL, {"runs": batch("runs", [row])})
        writer.flush()
    except (RetoldError, OSError):
        if outcome == "finished":
            raise
