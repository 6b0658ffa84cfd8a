"""Ports of this machine for tests that start servers, and looking at processes."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path


def free_port(count: int = 1) -> int:
    """The first of `count` ports in a row that nothing listens on now."""
    for _ in range(100):
        with ExitStack() as stack, socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                for number in range(1, count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port + number))
            except OSError:
                continue
            return port
    raise AssertionError("no ports are free")


def alive(process: int) -> bool:
    """Whether a process runs; one that ended and was not yet reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def below(process: int) -> dict[int, str]:
    """All processes that a process has started, and those that they have: id to command line. Linux."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found: dict[int, str] = {}
    todo = list(parents.get(process, []))
    while todo:
        one = todo.pop()
        todo += parents.get(one, [])
        with suppress(OSError):
            found[one] = Path(f"/proc/{one}/cmdline").read_text().replace("\0", " ")
    return found


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until something holds. Raises AssertionError if it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)
