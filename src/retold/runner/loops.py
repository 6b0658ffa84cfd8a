"""The loops for the three kinds of step: feed, commit, count. They know no concrete step.

Each loop resumes by what is committed: a Map by finished parts (and, inside a part, by key), a Fold as a whole (its
rows by key), an Ask by answered requests. A killed run loses at most the open group.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from retold.core.document import Completion, Prompt
from retold.core.errors import EngineError, TooManyBad
from retold.core.schema import batch, plain
from retold.core.step import Ask, Engine, Fold, Map, Part
from retold.runner.progress import Progress, Reporter
from retold.runner.stages import ALL, Stage
from retold.store import Store, StoreView, Writer
from retold.workers import Done, Workers

WAKE_SECONDS = 0.5
ANSWERS_BEFORE_JUDGING = 50


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
    """Answer every request that has no answer yet, then mark the stage as finished."""
    answered = answered_ids(stage, context.store)
    view = stage.view(context.store, context.parts)
    writer = context.writer(stage.label)
    asyncio.run(_Asking(step, context, writer, progress).run(step.prompts(view, lambda _: answered)))
    context.writer(stage.fingerprint).finish(ALL, progress.total)


def answered_ids(stage: Stage, store: Store) -> set[str]:
    """Requests that need not be asked: answered, or given up on."""
    ids: set[str] = set()
    for table in ("completions", "dead_letters"):
        for rows in store.dataset(table).to_batches(columns=["stage", "request_id"]):
            ids.update(row["request_id"] for row in rows.to_pylist() if row["stage"] == stage.label)
    return ids


class _Asking:
    """One Ask: keeps `engine.capacity` prompts in flight, commits answers in groups."""

    def __init__(self, step: Ask, context: Context, writer: Writer, progress: Progress) -> None:
        self.step = step
        self.context = context
        self.writer = writer
        self.progress = progress
        self.answers: asyncio.Queue[tuple[str, Completion | BaseException]] = asyncio.Queue()
        self.tasks: set[asyncio.Task[None]] = set()
        self.failed = 0
        self.received = 0

    async def run(self, prompts: Iterator[tuple[str, Prompt]]) -> None:
        """Ask them all. Cancelled (Ctrl-C), it commits what it has before it lets go."""
        async with self.step.engine() as engine:
            try:
                await self._loop(engine, prompts)
            finally:
                for task in self.tasks:
                    task.cancel()
                await asyncio.gather(*self.tasks, return_exceptions=True)
                while not self.answers.empty():
                    part, answer = self.answers.get_nowait()
                    if isinstance(answer, Completion):
                        self._take(part, answer)
                self.writer.flush()

    async def _loop(self, engine: Engine, prompts: Iterator[tuple[str, Prompt]]) -> None:
        exhausted = False
        while not exhausted or self.tasks or not self.answers.empty():
            while not exhausted and len(self.tasks) < engine.capacity:
                following = next(prompts, None)
                if following is None:
                    exhausted = True
                    break
                task = asyncio.create_task(self._ask(engine, *following))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            await self._receive()
            if self.writer.due():
                self.writer.flush()

    async def _ask(self, engine: Engine, part: str, prompt: Prompt) -> None:
        try:
            answer: Completion | BaseException = await engine.complete(prompt)
        except Exception as error:
            answer = error
        self.answers.put_nowait((part, answer))

    async def _receive(self) -> None:
        """Wait for one answer (or for the group to grow old), then take all that are there."""
        if not self.tasks and self.answers.empty():
            return
        try:
            part, answer = await asyncio.wait_for(self.answers.get(), WAKE_SECONDS)
        except TimeoutError:
            return
        while True:
            if isinstance(answer, BaseException):
                raise answer if isinstance(answer, EngineError) else EngineError(f"the engine failed: {answer!r}")
            self._take(part, answer)
            self._judge()
            if self.answers.empty():
                break
            part, answer = self.answers.get_nowait()
        self.context.reporter.advanced(self.progress)

    def _take(self, part: str, answer: Completion) -> None:
        self.received += 1
        if answer.finish == "error":
            self.failed += 1
            output = {"dead_letters": batch("dead_letters", [{**plain(answer), "failure": answer.failure or "engine"}])}
        else:
            output = {"completions": batch("completions", [answer])}
        self.progress.count(output)
        self.progress.done += 1
        self.writer.add(part, output)

    def _judge(self) -> None:
        if self.received >= ANSWERS_BEFORE_JUDGING and self.failed > self.context.failed_limit * self.received:
            raise TooManyBad(
                f"{self.failed} of {self.received} requests failed, more than the limit of "
                f"{self.context.failed_limit:.0%} (stop_if: failed)",
                "look at the errors in the table dead_letters; the answers received so far are kept",
            )
