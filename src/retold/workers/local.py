"""Workers on one machine: tasks in, a stream of results out.

A task is anything picklable; the function is a generator function of a module, `function(task) -> Iterator[result]`.
Results of different tasks interleave in any order, results of one task keep theirs, and `Done` follows its last.
Nothing downstream may depend on the interleaving (law 1): rows are keyed by part.

The pool starts its processes once (spawn: safe with the threads of Arrow and polars) and keeps them between stages. A
pipe per process holds about 64 kB, so a slow committer slows the workers instead of filling memory. A process that
dies (out of memory, a crash in a parser) is replaced and its task tried once more; what it had sent comes again and is
dropped by key. The second death ends the run with an error that names the task.
"""

from __future__ import annotations

import multiprocessing as mp
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Protocol

from retold.core.errors import RetoldError

DEATHS_ALLOWED = 1
STOP_SECONDS = 5.0

Work = Callable[[Any], Iterator[Any]]


class Done:
    """Follows the last result of a task."""


class WorkerDied(RetoldError):
    """A worker process died more than once on the same task."""


class Workers(Protocol):
    """Runs tasks somewhere."""

    @property
    def processes(self) -> int:
        """How many tasks run at a time."""
        ...

    def stream(self, function: Work, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """(index of the task, result or Done) until every task is done. The error of a task is raised here."""
        ...

    def __enter__(self) -> Workers: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class InProcess:
    """All tasks here, one after the other."""

    processes = 1

    def stream(self, function: Work, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """See `Workers.stream`."""
        for index, task in enumerate(tasks):
            for result in function(task):
                yield index, result
            yield index, Done()

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class ProcessPool:
    """A fixed number of spawned processes, each with one task at a time."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._idle: list[_Worker] = []
        self._all: list[_Worker] = []

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.stop()
        self._all.clear()
        self._idle.clear()

    def stream(self, function: Work, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """See `Workers.stream`. Raises WorkerDied, or the error that a task raised."""
        waiting = deque(enumerate(tasks))
        deaths: dict[int, int] = {}
        running: dict[Connection, tuple[_Worker, int, Any]] = {}
        while waiting or running:
            while waiting and len(running) < self.processes:
                index, task = waiting.popleft()
                worker = self._idle.pop() if self._idle else self._start()
                worker.connection.send((function, task))
                running[worker.connection] = (worker, index, task)
            for connection in wait(list(running)):
                worker, index, task = running[connection]  # type: ignore[index]
                kind, value = worker.receive()
                if kind == "result":
                    yield index, value
                    continue
                del running[worker.connection]
                if kind == "done":
                    self._idle.append(worker)
                    yield index, Done()
                elif kind == "error":
                    raise value
                else:
                    self._bury(worker, task, deaths, index)
                    waiting.appendleft((index, task))

    def _start(self) -> _Worker:
        worker = _Worker()
        self._all.append(worker)
        return worker

    def _bury(self, worker: _Worker, task: Any, deaths: dict[int, int], index: int) -> None:
        worker.stop()
        self._all.remove(worker)
        deaths[index] = deaths.get(index, 0) + 1
        if deaths[index] > DEATHS_ALLOWED:
            raise WorkerDied(
                f"a worker process died twice (exit code {worker.process.exitcode}) on {task!r:.200}",
                "memory is the usual reason: run with fewer workers, or leave that input out",
            )


class _Worker:
    """One process and this side of its pipe."""

    def __init__(self) -> None:
        context = mp.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def receive(self) -> tuple[str, Any]:
        try:
            message: tuple[str, Any] = self.connection.recv()
            return message
        except (EOFError, ConnectionResetError):
            return "died", None

    def stop(self) -> None:
        self.process.kill()
        self.process.join(STOP_SECONDS)
        self.connection.close()


def _serve(connection: Connection) -> None:
    """The loop of a worker process, until the driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to answer: it finishes the group
    while True:
        try:
            function, task = connection.recv()
        except EOFError:
            return
        try:
            for result in function(task):
                connection.send(("result", result))
            connection.send(("done", None))
        except RetoldError as error:
            connection.send(("error", error))
        except BrokenPipeError:
            return
        except Exception:
            connection.send(("error", RuntimeError(f"in a worker process:\n{traceback.format_exc()}")))


def open_workers(processes: int) -> Workers:
    """In process for one, a pool for more. Raises ValueError below one."""
    if processes < 1:
        raise ValueError(f"at least one worker is needed, not {processes}")
    return InProcess() if processes == 1 else ProcessPool(processes)
