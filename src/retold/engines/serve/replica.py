"""One server: started, waited for until it is ready, watched, and started again when it dies.

In: a `Launch`. Out: `state`, `restarts`, what it works on, and a log. Ready is who answers /health with 200 and offers
the model by its name. A server that dies starts again after 1, 2, 4, ... 60 s; `Limits.deaths` deaths within
`Limits.window` seconds, or one death before it was ever ready with a cause that time does not heal (no such model, an
unknown argument), and it is given up. One that does not answer for `Limits.hung` seconds is ended and counts as dead.
Each time the port is tried first: what else listens there would be taken for ours.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from retold.core.errors import EngineError
from retold.engines.connections import Address, Connections, Reply, ReplyProblem, request_bytes
from retold.engines.metrics import queue_of
from retold.engines.serve.causes import PORT, Cause, cause_of
from retold.engines.serve.launch import Launch, check_port
from retold.engines.serve.log_file import LogFile
from retold.engines.wire import models_of

State = Literal["waiting", "starting", "ready", "silent", "stopped", "given up"]
LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True)
class Limits:
    """When to give up, in deaths and seconds. `grace`: how long a server may take to end by itself."""

    deaths: int = 5
    window: float = 600.0
    first_rest: float = 1.0
    longest_rest: float = 60.0
    start: float = 3600.0
    hung: float = 120.0
    answer: float = 10.0
    look: float = 2.0
    grace: float = 20.0


class Replica:
    """`run` until it is stopped or given up; `stop` ends it, `kill` at once. For one event loop."""

    def __init__(
        self, launch: Launch, log: LogFile, changed: Callable[[Replica], None], limits: Limits | None = None
    ) -> None:
        self.launch = launch
        self.log = log
        self.state: State = "waiting"
        self.pid: int | None = None
        self.restarts = 0
        self.running: float | None = None
        self.queued: float | None = None
        self.cause: Cause | None = None
        self.limits = limits or Limits()
        self._changed = changed
        self._was_ready = False
        self._deaths: list[float] = []
        self._stopping = asyncio.Event()
        self._leash: asyncio.subprocess.Process | None = None
        self._connections = Connections()

    async def run(self) -> None:
        """Keep it alive."""
        try:
            while not self._stopping.is_set():
                code = await self._live()
                if self._stopping.is_set() or not await self._rest(code):
                    break
        finally:
            self._set("stopped" if self._stopping.is_set() else "given up")
            self._connections.close()
            self.log.close()

    def stop(self) -> None:
        """End it in order."""
        self._stopping.set()
        if self._leash is not None and self._leash.stdin is not None:
            self._leash.stdin.close()

    def kill(self) -> None:
        """End it at once, with all that it started."""
        self.stop()
        if self._leash is not None and self._leash.returncode is None:
            with suppress(ProcessLookupError):
                self._leash.send_signal(signal.SIGTERM)

    def _set(self, state: State) -> None:
        if state != "ready":
            self.running = self.queued = None
        if state != self.state:
            self.state = state
            self._changed(self)

    async def _rest(self, code: int | None) -> bool:
        """Why it died, and whether to start it again, after a while."""
        now = time.monotonic()
        self.cause = cause_of(self.log.tail, code)
        self.log.say(f"it ended: {self.cause.what}")
        self._deaths = [*(death for death in self._deaths if now - death < self.limits.window), now]
        if (self.cause.hopeless and not self._was_ready) or len(self._deaths) >= self.limits.deaths:
            return False
        seconds = min(self.limits.longest_rest, self.limits.first_rest * 2.0 ** (len(self._deaths) - 1))
        self._set("waiting")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        self.restarts += 1
        return not self._stopping.is_set()

    async def _live(self) -> int | None:
        """One life of the server, from its start to its exit code."""
        self.log.forget_tail()
        try:
            check_port(self.launch.host, self.launch.port)
        except EngineError as error:
            self.log.say(f"{error.message} ({PORT.what}: address already in use)")
            return None
        self._leash = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(LEASH), str(self.limits.grace), *self.launch.words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self.launch.environment},
            start_new_session=True,  # Ctrl-C in the terminal is for us to pass on
        )  # fmt: skip
        self.pid = self._leash.pid
        if self._stopping.is_set():
            self.stop()
        self._set("starting")
        watching = asyncio.create_task(self._watch())
        pumping = asyncio.create_task(self._pump(self._leash))
        try:
            code = await self._leash.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(pumping, 2.0)
        finally:
            for task in (watching, pumping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            self.pid = None
            if self._leash.stdin is not None:
                self._leash.stdin.close()
        return code

    async def _pump(self, leash: asyncio.subprocess.Process) -> None:
        assert leash.stdout is not None
        while data := await leash.stdout.read(1 << 16):
            self.log.write(data)

    async def _watch(self) -> None:
        """Until it is cancelled: is it ready, does it still answer, what does it work on?"""
        begun = answered = time.monotonic()
        ready = False
        while True:
            well = await self._is_well(whole=not ready)
            now = time.monotonic()
            if well:
                answered, ready, self._was_ready = now, True, True
                self._set("ready")
                await self._look()
            elif ready:
                self._set("silent")
            late = now - answered > self.limits.hung if ready else now - begun > self.limits.start
            if late and self._leash is not None and self._leash.stdin is not None:
                self.log.say("it does not answer any more" if ready else "it does not become ready")
                self._leash.stdin.close()
                return
            await asyncio.sleep(self.limits.look if ready else min(0.5, self.limits.look))

    async def _is_well(self, *, whole: bool) -> bool:
        """`whole`: it must also offer the model."""
        health = await self._get("/health")
        if health is None or health.status != 200:
            return False
        if not whole:
            return True
        models = await self._get("/v1/models")
        return models is not None and models.status == 200 and self.launch.model in models_of(models.body)

    async def _look(self) -> None:
        reply = await self._get("/metrics")
        found = queue_of(reply.body.decode("utf-8", "replace")) if reply is not None and reply.status == 200 else None
        changed = found is not None and found != (self.running, self.queued)
        self.running, self.queued = found or (None, None)
        if changed:
            self._changed(self)

    async def _get(self, path: str) -> Reply | None:
        address = Address.of(self.launch.url)
        headers = f"Authorization: Bearer {self.launch.secret}\r\n" if self.launch.secret else ""
        try:
            data = request_bytes("GET", address, path, headers)
            return await self._connections.request(address, data, self.limits.answer)
        except (OSError, ReplyProblem):
            return None
