"""The scripted server of `server.py` as a process of its own, which survives the kills of those who ask it.

with ServerProcess(log, seconds=1.0) as server:     # server.url; a line of the log for each answer it gives
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import TracebackType


class ServerProcess:
    """Starts the process; it ends with its standard input."""

    def __init__(self, log: Path, seconds: float) -> None:
        self.log = log
        self.seconds = seconds

    def __enter__(self) -> ServerProcess:
        command = [sys.executable, __file__, str(self.log), str(self.seconds)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.url = self._process.stdout.readline().decode().strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


async def serve(log: str, seconds: float) -> None:
    """Answers after `seconds`, canaries at once. Each is written down when it is given, by the digits in its text."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from aiohttp import web

    from support.server import CANARY, TestServer, answer_to
    from support.witnessed_run import Log

    written = Log(log)

    class Witnessed(TestServer):
        async def _behave(self, behaviour, request, body):
            text = str(body.get("prompt") or body.get("messages"))
            if CANARY not in text:
                await asyncio.sleep(seconds)
                if request.transport is None or request.transport.is_closing():
                    return web.Response()  # who asked is dead: nothing is given
                written.write("answer", answer_to(text).split()[-1])
            self.bodies.clear()
            self.headers.clear()
            return await super()._behave(behaviour, request, body)

    async with Witnessed() as server:
        print(server.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2])))
