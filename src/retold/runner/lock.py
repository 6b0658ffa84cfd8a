"""One run per store, said plainly to the second.

On a disk: a file lock (released by the kernel when its process dies, however it dies) keeps two runs of one machine
apart. In object storage: a lease (`lease.py`). Between machines that share a disk, and for a run that takes over on
purpose, the fence in `store/commit.py` is what makes it safe.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retold.core.errors import StoreError
from retold.runner.lease import lease
from retold.store import Place


@contextmanager
def only_run(store: Place | Path, *, take_over: bool = False) -> Iterator[None]:
    """Hold the store's run lock. Raises StoreError, naming the process that holds it, when it is taken.

    `take_over`: begin anyway. The other run is fenced out where this one begins a part, and stops there.
    """
    place = Place.of(store)
    if place.remote:
        with lease(place, take_over=take_over):
            yield
        return
    with (place.local / "run.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if not take_over:
                handle.seek(0)
                owner = handle.read().strip() or "unknown"
                raise StoreError(
                    f"another run (process {owner}) is writing to {place}",
                    "wait for it, stop it, or take over with --take-over (the other run then stops by itself)",
                ) from error
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield
