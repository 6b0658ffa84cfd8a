"""Tasks that worker processes run in tests (importable by name there)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from retold.core.errors import SourceError


def squares(task: int):
    for value in range(task):
        yield value * value


def die_once(task: str):
    yield "before"
    marker = Path(task)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield "after"


def die_always(task: str):
    os.kill(os.getpid(), signal.SIGKILL)
    yield task


def fail(task: str):
    yield task
    raise SourceError("no such thing", "look elsewhere")
