"""The loops for the three kinds of step: feed, commit, count. They know no concrete step.

Each loop resumes by what is committed: a Map by finished parts (and, inside a part, by key), a Fold as a whole (its
rows by key), an Ask by answered requests. A killed run loses at most the open group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from retold.core.document import Prompt
from retold.core.schema import batch
from retold.core.step import Ask, Fold, Map, Part, Targeted, Witnessed
from retold.runner.answers import ANSWERS, adopt, answered_ids
from retold.runner.asking import Asking
from retold.runner.progress import Progress, Reporter
from retold.runner.stages import ALL, Stage
from retold.runner.target import Towards
from retold.store import Store, StoreView, Writer
from retold.workers import Done, Workers
from retold.workers.event_loop import run
from retold.workers.memory import steady


@dataclass
class Context:
    """What every loop needs: where to write, who works, who is told, and the limits of this run."""

    store: Store
    workers: Workers
    reporter: Reporter
    parts: tuple[Part, ...]
    group_seconds: float = 10.0
    failed_limit: float = 0.2

    def writer(self, label: str) -> Writer:
        """A writer for one stage."""
        return Writer(self.store, label, seconds=self.group_seconds)


def _process(task: tuple[Map, Part, StoreView]) -> Iterator[Any]:
    step, part, view = task
    yield from step.process(part, view)


def _sketch(task: tuple[Fold, Part, StoreView]) -> Iterator[Any]:
    step, part, view = task
    yield from step.sketch(part, view)


def run_map(stage: Stage, step: Map, context: Context, progress: Progress) -> None:
    """All parts that are not finished, in any order, each finished as a whole."""
    finished = stage.finished(context.store)
    todo = [part for part in context.parts if part.name not in finished]
    writer = context.writer(stage.label)
    writer.claim([part.name for part in todo])
    view = stage.view(context.store, context.parts)
    try:
        for index, result in context.workers.stream(_process, [(step, part, view) for part in todo]):
            if isinstance(result, Done):
                writer.finish(todo[index].name, writer.held(todo[index].name))
                progress.done += 1
            else:
                progress.count(result)
                writer.add(todo[index].name, result)
                if writer.due():
                    writer.flush()
            context.reporter.advanced(progress)
    except KeyboardInterrupt:
        writer.flush()
        raise


def run_fold(stage: Stage, step: Fold, context: Context, progress: Progress) -> None:
    """Sketch every part, merge once, commit what the merge yields."""
    view = stage.view(context.store, context.parts)
    writer = context.writer(stage.label)
    sketches: list[list[pa.RecordBatch]] = [[] for _ in context.parts]
    for index, result in context.workers.stream(_sketch, [(step, part, view) for part in context.parts]):
        if not isinstance(result, Done):
            sketches[index].append(result)
    for name, output in step.merge(zip(context.parts, sketches, strict=True), view):
        progress.count(output)
        writer.add(name, output)
        if writer.due():
            writer.flush()
        context.reporter.advanced(progress)
    writer.finish(ALL, writer.held())
    progress.done += 1


def run_ask(stage: Stage, step: Ask, context: Context, progress: Progress) -> None:
    """Answer every request that has no answer yet, or as many as the step's target takes; then mark it as finished."""
    steady()
    view = stage.view(context.store, context.parts)
    writer = Writer(context.store, stage.label, seconds=context.group_seconds, vouched=ANSWERS)
    writer.claim([part.name for part in context.parts])
    adopt(stage, context.store, context.parts, writer)
    prompts = step.prompts(view, lambda part: answered_ids(stage, context.store, part))
    gate: Towards | None = None
    if isinstance(step, Targeted) and step.target is not None:
        gate = Towards(step, stage, context.store, context.workers, context.parts, progress)
        following = next(prompts, None)
        gate.begin(following[1].position if following else None)
        prompts = chain([following] if following else [], prompts)
    if gate is None or gate.open:
        opened = max((one.number for one in stage.rounds), default=0)
        asking = Asking(writer, progress, context.reporter, context.failed_limit, gate, letters_round=opened)
        run(_opened(step, stage, context, asking, prompts))
    rows = progress.total if gate is None else gate.record()
    context.writer(stage.fingerprint).finish(ALL, rows)


async def _opened(
    step: Ask, stage: Stage, context: Context, asking: Asking, prompts: Iterator[tuple[str, Prompt]]
) -> None:
    """Open the engine, compare it with what the store knows of it, and ask."""
    engine = step.engine()
    known = witness_of(context.store, engine.identity) if isinstance(engine, Witnessed) else ""
    if isinstance(engine, Witnessed) and known:
        engine.expect(known)
    async with engine:
        if isinstance(engine, Witnessed) and engine.witness and not known:
            writer = context.writer(stage.label)
            row = {"identity": engine.identity, "witness": engine.witness}
            writer.add(ALL, {"engines": batch("engines", [row])})
            writer.flush()
        await asking.run(engine, prompts)


def witness_of(store: Store, identity: str) -> str:
    """The canary that the store knows of an engine; empty where it knows none."""
    rows = store.rows("engines", ds.field("identity") == identity, ["witness"])
    return str(rows[0]["witness"]) if rows else ""
