"""The process between `retold engine serve` and one model server: a server ends when the one who asked for it does.

    python -I -S leash.py GRACE_SECONDS COMMAND...

In: a pipe as standard input, which nobody writes to. Out: the server's exit code (128 + signal where one ended it).
When the pipe closes (its other end was closed, or its owner died, of SIGKILL too) the server and everything that it
started get SIGTERM and, after the grace, SIGKILL. SIGTERM to this process skips the grace. Model servers start workers,
and a worker that outlives its server holds its GPU's memory for ever: on Linux this process adopts all that was started
below it (PR_SET_CHILD_SUBREAPER), so it finds them even where they have left the process group; elsewhere it knows the
server only. If this process itself is killed, the server gets SIGTERM (PR_SET_PDEATHSIG, Linux).

Only the standard library, and little of it: one small process for each server.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LOOK_SECONDS = 0.2
LEFTOVER_SECONDS = 3.0


def main(words: list[str]) -> int:
    """Run the command until it ends or the pipe does."""
    grace = float(words[0])
    at_once: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: at_once.append(True))
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    _control(PR_SET_CHILD_SUBREAPER, 1)
    try:
        server = subprocess.Popen(words[1:], stdin=subprocess.DEVNULL, preexec_fn=_tied(os.getpid()))  # noqa: PLW1509
    except OSError as error:
        sys.stderr.write(f"{words[1]} cannot be started: {error.strerror}\n")
        return 127
    while server.poll() is None and not at_once and not _closed():
        pass
    code = server.poll()
    _end(server, grace if code is None else min(grace, LEFTOVER_SECONDS), at_once)
    code = server.wait()
    return code if code >= 0 else 128 - code


def _closed() -> bool:
    """Whether the pipe is at its end; waits a moment."""
    with suppress(InterruptedError):
        ready, _, _ = select.select([0], [], [], LOOK_SECONDS)
        return bool(ready) and not os.read(0, 1024)
    return False


def _end(server: subprocess.Popen[bytes], grace: float, at_once: list[bool]) -> None:
    """Ask all to end, then make them."""
    until = time.monotonic() + grace
    _signal_all(server, signal.SIGTERM)
    while _below(server) and time.monotonic() < until and not at_once:
        _reap(server)
        time.sleep(0.05)
    for _ in range(100):
        if not _below(server):
            return
        _signal_all(server, signal.SIGKILL)
        _reap(server)
        time.sleep(0.05)


def _reap(server: subprocess.Popen[bytes]) -> None:
    """Take the exit codes of adopted processes; the server's own stays with its object."""
    server.poll()
    for process in _below(server):
        if process != server.pid:
            with suppress(ChildProcessError):
                os.waitpid(process, os.WNOHANG)


def _signal_all(server: subprocess.Popen[bytes], number: signal.Signals) -> None:
    for process in _below(server):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _below(server: subprocess.Popen[bytes]) -> list[int]:
    """All processes below this one, without the dead that others have to reap; the server where there is no /proc."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112
        return [server.pid] if server.poll() is None else []
    parents: dict[int, list[int]] = {}
    ended = set()
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                # After the command's name in brackets: state, parent.
                fields = file.read().rpartition(b")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(name))
                if fields[0] == b"Z":
                    ended.add(int(name))
    found, todo = [], [os.getpid()]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    own = set(parents.get(os.getpid(), []))
    return [process for process in found if process not in ended or process in own]


def _tied(parent: int) -> Callable[[], None]:
    """In the new process, before its program: end when the leash does."""

    def prepare() -> None:
        _control(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died just before
            os._exit(1)

    return prepare


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        with suppress(Exception):
            import ctypes

            ctypes.CDLL(None).prctl(option, int(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
