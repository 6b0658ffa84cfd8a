"""An open table that is used again: whether its version is still the newest, and how it is brought there.

Opening a table lists its log and reads from it, 2 ms on disk and several requests in object storage; so does reading
on. On disk two looks at files say the same: the commit of the version that is held is the very file that was read (a
store that was deleted and made again has another one), and there is no next one. Versions follow each other without a
gap, so without a next one there is nothing newer, however long the table has been open.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from retold.store.place import Place

READ_ON_SECONDS = 3600.0
Mark = tuple[int, int, int]


class Opened(NamedTuple):
    """A table at some version, when it was brought there (`time.time()`), and what its commit was known by."""

    table: DeltaTable
    at: float
    mark: Mark | None

    @classmethod
    def now(cls, place: Place, table: DeltaTable) -> Opened:
        """A table that was just opened or read on."""
        return cls(table, time.time(), _mark(place, table.version()))

    def is_there(self, place: Place) -> bool:
        """Whether its version is in the log as it was read; taken as given where that costs a request."""
        return self.mark is None or self.mark == _mark(place, self.table.version())

    def is_newest(self, place: Place) -> bool:
        """Whether nothing was written after its version, which is there. False where that would cost a request."""
        return self.mark is not None and not _commit(place, self.table.version() + 1).exists()

    def read_on(self) -> bool:
        """Bring the table to its newest version; False where it must be opened anew.

        One that has lain for an hour is opened anew: the versions after it might have been cleared from the log.
        """
        if not 0.0 <= time.time() - self.at < READ_ON_SECONDS:
            return False
        try:
            self.table.update_incremental()
        except (OSError, DeltaError):  # opening it says what is wrong
            return False
        return True


def _commit(place: Place, version: int) -> Path:
    return place.local / "_delta_log" / f"{version:020}.json"


def _mark(place: Place, version: int) -> Mark | None:
    """What the commit of a version is known by; None in object storage, and where it has been cleared."""
    if place.remote:
        return None
    try:
        found = _commit(place, version).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
