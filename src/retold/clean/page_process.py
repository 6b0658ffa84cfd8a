"""Pages are extracted in a process of their own, so that one which hangs or kills the parser costs only itself.

In: the bytes of a page. Out: `Extracted`, or `Refused`: `took_too_long` when the page needs more than its seconds,
`unreadable_page` when the process dies of it twice. Each process that reads pages starts one such child at its first
page (about a second of processor time and 100 MB) and keeps it. Messages are bytes of JSON on a socket pair: nothing
that a page made is unpickled.

Seconds are the child's processor time, counted by the kernel (ITIMER_PROF, whose signal ends the child whatever the
parser is doing): other work on the machine does not change which pages are dropped, and a child whose parent was killed
ends too. A page that waits instead of working is ended after ten times its seconds by the parent's clock. A page close
to the limit may still pass on one run or machine and fail on another, which is why the limit is generous: the slowest
of 1,120 real pages took 0.2 s. A child that was killed is replaced and its page tried once more, for the page may not
have been the reason.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

import orjson

from retold.clean.cascade import Extracted
from retold.clean.metadata import Metadata
from retold.clean.page import Refused, page
from retold.read.settings import How

PAGE_SECONDS = 20.0
WAITING = 10.0
"""Times its seconds of processor time, by the clock on the wall, until a page is given up."""
TRIES = 2
COLLECT_EVERY = 50_000
"""Objects between two runs of the collector: trees make many and leave hardly any; a tenth of the time."""
START = "from retold.clean.page_process import serve; serve({})"


class _Died(Exception):
    """The child ended, or was ended, without an answer. `code` as in subprocess, None for the clock on the wall."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class PageProcess:
    """The child and this side of its socket."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # -P: no module of the folder we happen to be in is taken for one of ours.
            command = [sys.executable, "-P", "-c", START.format(theirs.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self._connection: Connection = Connection(ours.detach())

    def ask(self, data: bytes, declared: str, how: How, seconds: float) -> dict[str, Any]:
        """The child's answer. Raises _Died; the child is gone then."""
        try:
            self._connection.send_bytes(orjson.dumps([declared, how, seconds]))
            self._connection.send_bytes(data)
            if not self._connection.poll(seconds * WAITING):
                raise _Died(None)
            answer: dict[str, Any] = orjson.loads(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise _Died(self._ended()) from error
        return answer

    def _ended(self) -> int:
        """How the child ended that closed its socket. One that lives on all the same is killed: it answers nobody."""
        try:
            return self.process.wait(WAITING)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def close(self) -> None:
        """End the child."""
        self._connection.close()
        self.process.kill()
        self.process.wait()


_lock = threading.Lock()
_child: PageProcess | None = None
_owner = 0


def read_page(data: bytes, declared: str, how: How, seconds: float) -> Extracted:
    """A page by the child of this process. Raises Refused."""
    died = _Died(None)
    for _ in range(TRIES):
        try:
            with _lock:
                answer = _ask(data, declared, how, seconds)
        except _Died as error:
            died = error
            if died.code is None or died.code == -signal.SIGPROF:
                raise Refused("took_too_long", f"more than {seconds:g} s") from None
        else:
            if "reason" in answer:
                raise Refused(answer["reason"], answer["detail"])
            return Extracted(answer["title"], answer["text"], Metadata(**answer["says"]))
    raise Refused("unreadable_page", f"the process that parsed it died twice (exit code {died.code})")


def _ask(data: bytes, declared: str, how: How, seconds: float) -> dict[str, Any]:
    global _child, _owner
    if _owner != os.getpid():  # a fork has its parent's child in its hands and must not talk to it
        _child, _owner = None, os.getpid()
    _child = _child or PageProcess()
    try:
        return _child.ask(data, declared, how, seconds)
    except BaseException:
        _child.close()
        _child = None
        raise


def stop() -> None:
    """End the child of this process, if it has one. The next page starts another."""
    global _child
    if _child is not None and _owner == os.getpid():
        _child.close()
        _child = None


atexit.register(stop)


def serve(handle: int) -> None:
    """The child: pages in, answers out, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's to answer: it finishes the group
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY, 20, 100)
    connection: Connection = Connection(handle)
    with suppress(EOFError, OSError):
        while True:
            declared, how, seconds = orjson.loads(connection.recv_bytes())
            data = connection.recv_bytes()
            signal.setitimer(signal.ITIMER_PROF, seconds)
            answer = _answer(data, declared, how)
            signal.setitimer(signal.ITIMER_PROF, 0)
            connection.send_bytes(orjson.dumps(answer))


def _answer(data: bytes, declared: str, how: How) -> dict[str, Any]:
    try:
        return asdict(page(data, declared, how))
    except Refused as refusal:
        return {"reason": refusal.reason, "detail": refusal.detail}
