"""The command line of retold, run by a process that writes down at once what happens in it, for proofs with kills.

    python tests/support/witnessed_run.py LOG CANARY_SECONDS run recipe.yaml ...

Each line of LOG is `kind seconds what`, written before the next thing happens and therefore there after a SIGKILL:
`answer` (the scripted engine gives one), `begin` and `end` (of the commit of a group), `ask` and `told` (a canary),
`late` (the loop that asks did not come round for so many seconds: the processor was busy, or it was reading).
CANARY_SECONDS takes the place of the ten seconds (or fifty times what a canary takes) for which the engine of servers
holds answers back, so that runs that live for seconds get on.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path


class Log:
    """Lines that are in the file when `write` returns."""

    def __init__(self, path: str | Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, kind: str, what: str = "-") -> None:
        os.write(self._file, f"{kind} {time.time():.6f} {what}\n".encode())


@dataclass(frozen=True)
class Line:
    kind: str
    seconds: float
    what: str


def lines_of(path: Path) -> list[Line]:
    if not path.exists():
        return []
    found = [line.split() for line in path.read_text("utf-8").splitlines()]
    return [Line(kind, float(seconds), what) for kind, seconds, what in found]


class Watch:
    """Writes down the time in which the event loop does not come round."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.came_round = time.monotonic()

    async def beat(self) -> None:
        while True:
            self.came_round = time.monotonic()
            await asyncio.sleep(0.02)

    def look(self) -> None:
        before = time.monotonic()
        while True:
            time.sleep(0.05)
            now = time.monotonic()
            if now - self.came_round > 0.1:
                self.log.write("late", f"{now - before:.3f}")
            before = now


def main() -> None:
    from retold.cli import main as command_line
    from retold.engines import canary
    from retold.engines.scripted import ScriptedEngine
    from retold.runner.asking import Asking
    from retold.store import Writer

    log = Log(sys.argv[1])
    canary.SECONDS, canary.SHARE_OF_TIME = float(sys.argv[2]), 1.0
    complete, flush, run, watched = ScriptedEngine.complete, Writer.flush, Asking.run, canary.Canaries.__init__
    watch = Watch(log)

    async def witnessed_run(self, *words):
        beating = asyncio.create_task(watch.beat())
        threading.Thread(target=watch.look, daemon=True).start()
        try:
            await run(self, *words)
        finally:
            beating.cancel()

    def witnessed_canaries(self, ask, *words):
        async def timed(endpoint):
            log.write("ask")
            digest = await ask(endpoint)
            log.write("told")
            return digest

        watched(self, timed, *words)

    async def witnessed_complete(self, prompt):
        answer = await complete(self, prompt)
        log.write("answer", prompt.request_id)
        return answer

    def witnessed_flush(self):
        answers = bool({"completions", "dead_letters"} & self._pending.keys())
        if answers:
            log.write("begin")
        flush(self)
        if answers:
            log.write("end")

    ScriptedEngine.complete, Writer.flush = witnessed_complete, witnessed_flush
    Asking.run, canary.Canaries.__init__ = witnessed_run, witnessed_canaries
    sys.argv = ["retold", *sys.argv[3:]]
    command_line()


if __name__ == "__main__":
    main()
