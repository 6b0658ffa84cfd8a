"""The limit in flight that was found for each address, kept between runs, so that a run that goes on starts there.

In: addresses with their knees, and the model. Out: one small JSON file of this user, `fleet.json` in
`$XDG_STATE_HOME/retold` (else `~/.local/state/retold`): address and model, limit, when. It belongs to the machine and
not to a store: the next recipe for the same servers starts there too, and moving a store moves no knowledge of servers.
It decides how fast a run starts and nothing that is written, so what is lost or damaged is only found again. Two runs
at once may each lose the other's last entry. It holds no text and no key.

With 64 at the start and doubling, a server of 1,000 places and 20 s an answer is filled after four rounds: 80 s, in
which a third of what it can do is done.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from retold.engines.endpoints import Endpoint

FILE = "fleet.json"
DAYS_KEPT = 30.0
MOST_KEPT = 4096
MOST_BYTES = 4 << 20
SAVE_SECONDS = 10.0


def state_folder() -> Path:
    """Where this user's programs keep what they found: XDG_STATE_HOME/retold, else ~/.local/state/retold."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "retold"


class Remembered:
    """What is known of the addresses of one model. Nothing here raises."""

    def __init__(self, model: str, path: Path | None = None) -> None:
        self.model = model
        self._path = path
        self._saved: dict[str, int] = {}
        self._at = time.monotonic()

    def recall(self, endpoints: Sequence[Endpoint]) -> None:
        """Let each address that is known begin where it was left."""
        known = _read(self._where())
        for endpoint in endpoints:
            found = known.get(self._key(endpoint))
            if found is not None:
                self._saved[endpoint.url] = found[0]
                endpoint.knee.resume(found[0])

    def keep(self, endpoints: Sequence[Endpoint], *, now: bool = False) -> None:
        """Write what was found, where it is new; `now`: not only every `SAVE_SECONDS`."""
        if not now and time.monotonic() - self._at < SAVE_SECONDS:
            return
        self._at = time.monotonic()
        found = {endpoint.url: endpoint.knee.found for endpoint in endpoints if endpoint.knee.found}
        if all(self._saved.get(url) == limit for url, limit in found.items()):
            return
        self._saved.update(found)
        keys = {self._key(endpoint): endpoint.knee.found for endpoint in endpoints if endpoint.url in found}
        with suppress(OSError):
            _write(self._where(), keys)

    def _where(self) -> Path:
        return self._path or state_folder() / FILE

    def _key(self, endpoint: Endpoint) -> str:
        return f"{endpoint.url} {self.model}"


def _read(path: Path) -> dict[str, tuple[int, float]]:
    """Key to (limit, when), without what is old or makes no sense."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return {}
        rows = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    known: dict[str, tuple[int, float]] = {}
    for key, row in rows.items() if isinstance(rows, dict) else ():
        limit, when = row if isinstance(row, list) and len(row) == 2 else (0, 0.0)
        whole = type(limit) is int and 0 < limit <= 100_000
        if whole and isinstance(when, int | float) and time.time() - when < DAYS_KEPT * 86_400:
            known[key] = (limit, float(when))
    return known


def _write(path: Path, found: dict[str, int]) -> None:
    """Put them beside what is there already, in one step; readable by this user alone."""
    rows = {**_read(path), **{key: (limit, round(time.time())) for key, limit in found.items()}}
    newest = sorted(rows.items(), key=lambda item: item[1][1])[-MOST_KEPT:]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=FILE)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(dict(newest), file)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
