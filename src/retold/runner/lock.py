"""One run per store on one machine, said plainly to the second.

A file lock (released by the kernel when its process dies, however it dies) keeps two runs of one machine apart. Between
machines, and for a run that takes over on purpose, the fence in `store/commit.py` is what makes it safe.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retold.core.errors import StoreError


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the store's run lock. Raises StoreError, naming the process that holds it, when it is taken."""
    path = folder / "run.lock"
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise StoreError(
                f"another run (process {owner}) is writing to {folder}",
                "wait for it, stop it, or take over with --take-over (the other run then stops by itself)",
            ) from error
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield
