"""One run per store in object storage, said plainly to the second. There is no lock there, so there are leases.

Each run keeps a small object of its own under `runs/` in the store and writes it anew every `BEAT_SECONDS`. Whoever
begins writes its own first and lists the others after that; object stores list what was written, so of two that begin
at once at least one sees the other. One that sees a lease still fresh gives way: it takes its own back and tries again
after a random moment, `TRIES` times, so that of two simultaneous ones one remains; against a run that goes on, it
refuses. A lease is stale when it was not renewed for `STALE_SECONDS` by the clock of the server (its own object is what
the age is measured with), or at once where it names a process of this machine that has ended. So a killed run is
continued at once on its machine, and after a minute on another.

A lease only saves work from being done twice. Rows are safe without it: whoever begins a part is its owner, and the
fence in `store/commit.py` stops the other at its next commit. That is also what --take-over relies on: it removes the
leases of all others and does not wait for them.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pyarrow.fs import FileSelector, FileType

from retold.core.errors import StoreError
from retold.store.place import Place, reached

FOLDER = "runs"
BEAT_SECONDS = 10.0
STALE_SECONDS = 60.0
TRIES = 4
PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Holder:
    """Which process holds a lease. `machine` names the boot and the process namespace; empty where unknown."""

    host: str
    machine: str
    process: int
    began: str

    @classmethod
    def here(cls) -> Holder:
        """This process."""
        return cls(socket.gethostname(), _machine(), os.getpid(), _began(os.getpid()))

    @property
    def ended(self) -> bool:
        """True only when it is known that the process has ended: it ran on this machine and does not any more."""
        return bool(self.machine) and self.machine == _machine() and _began(self.process) != self.began

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"


@contextmanager
def lease(store: Place, *, take_over: bool = False) -> Iterator[None]:
    """Hold a lease of a store in object storage. Raises StoreError, naming the holder, when another run holds one."""
    place, name = store / FOLDER, f"{uuid.uuid4().hex}.json"
    text = json.dumps(vars(Holder.here()))
    _acquire(place, name, text, take_over=take_over)
    stop = threading.Event()
    beating = threading.Thread(target=_beat, args=(place, name, text, stop), name="lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        stop.set()
        beating.join()
        _remove(place, name)


def _acquire(place: Place, name: str, text: str, *, take_over: bool) -> None:
    for left in reversed(range(TRIES)):
        place.write(name, text)
        others = _fresh(place, name)
        if take_over:
            for other in others:
                _remove(place, other)
            return
        if not others:
            return
        _remove(place, name)
        if not left:
            holder, age = next(iter(others.values()))
            raise StoreError(
                f"another run ({holder}) is writing to {place.address[: -len(FOLDER) - 1]}: last seen {age:.0f} s ago",
                f"wait for it, stop it, or take over with --take-over (the other run then stops by itself); if it was "
                f"killed, it counts as gone {STALE_SECONDS:.0f} s after it was last seen",
            )
        time.sleep(PAUSE_SECONDS * random.random())


def _fresh(place: Place, name: str) -> dict[str, tuple[str, float]]:
    """Leases of other runs that count: who holds them, and how many seconds ago they were renewed. Deletes the rest."""
    with reached(place):
        found = place.files.get_file_info(FileSelector("", allow_not_found=True))
    leases = {info.base_name: info.mtime_ns for info in found if info.type == FileType.File}
    now = leases.pop(name, None) or max(leases.values(), default=0)
    fresh = {}
    for other, renewed in leases.items():
        holder, age = _holder(place, other), (now - renewed) / 1e9
        if holder is None or holder.ended or age > STALE_SECONDS:
            _remove(place, other)
        else:
            fresh[other] = (str(holder), max(0.0, age))
    return fresh


def _holder(place: Place, name: str) -> Holder | None:
    """None where the lease has gone meanwhile, or is none of ours."""
    try:
        values = json.loads(place.read(name) or "")
        return Holder(str(values["host"]), str(values["machine"]), int(values["process"]), str(values["began"]))
    except (ValueError, KeyError, TypeError):
        return None


def _beat(place: Place, name: str, text: str, stop: threading.Event) -> None:
    """Renew until told to stop. One that was removed by a take-over is not renewed: the fence stops this run."""
    while not stop.wait(BEAT_SECONDS):
        with suppress(StoreError):
            if place.read(name) is None:
                return
            place.write(name, text)


def _remove(place: Place, name: str) -> None:
    with suppress(OSError):
        place.files.delete_file(name)


def _machine() -> str:
    """Names this boot of this machine and its process namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _began(process: int) -> str:
    """When a process began, in ticks since the boot; empty where there is no such process."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
