"""What `retold engine serve` prints: a table that stays up to date in a terminal, lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from retold.engines.serve.fleet import Fleet
from retold.engines.serve.launch import Launch
from retold.engines.serve.replica import Replica

_SPAN = 60


class Board:
    """`changed` is called by the fleet. Prints the recipe's line once all are ready."""

    def __init__(self, console: Console, line: str) -> None:
        self.fleet: Fleet | None = None
        self._console = console
        self._line = line
        self._begun = time.monotonic()
        self._said = False
        self._lost: set[int] = set()
        self._shown: dict[int, tuple[str, int]] = {}
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Board:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def started(self, fleet: Fleet) -> None:
        """Show it for the first time."""
        self.fleet = fleet
        self._say(f"logs      {fleet.logs}/replica-*.log   (Ctrl-C stops all)")
        for replica in fleet.replicas:
            self.changed(replica)

    def changed(self, replica: Replica) -> None:
        """A state, or the number of prompts, is another."""
        if self.fleet is None:
            return
        now = (replica.state, replica.restarts)
        if self._live is not None:
            self._live.update(table_of(self.fleet), refresh=True)
        elif self._shown.get(replica.launch.replica) != now:
            self._say(line_of(replica))
        self._shown[replica.launch.replica] = now
        if replica.state == "given up" and replica.launch.replica not in self._lost:
            self._lost.add(replica.launch.replica)
            if len(self._lost) < len(self.fleet.replicas):  # where all are lost, the command ends with this
                self._say(f"retold: {self.fleet.error_of(replica)}")
        if self.fleet.settled and not self._said:
            self._said = True
            self._say(f"ready     after {time.monotonic() - self._begun:.0f} s; for the recipe:\n{self._line}")

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def line_of(replica: Replica) -> str:
    """A replica on one line."""
    cause = replica.cause
    detail = f" ({cause.what})" if replica.state in ("waiting", "given up") and cause is not None else ""
    again = f", restart {replica.restarts}" if replica.restarts else ""
    return f"replica {replica.launch.replica}  port {replica.launch.port}  {replica.state}{again}{detail}"


def table_of(fleet: Fleet) -> Table:
    """All replicas."""
    table = Table(box=None, pad_edge=False)
    for name in ("replica", "pid", "port", "gpus", "state", "restarts", "running", "waiting"):
        table.add_column(name, justify="left" if name in ("state", "gpus") else "right")
    for replica in fleet.replicas:
        table.add_row(
            str(replica.launch.replica),
            str(replica.pid or "-"),
            str(replica.launch.port),
            replica.launch.environment.get("CUDA_VISIBLE_DEVICES", "-"),
            replica.state,
            str(replica.restarts),
            _number(replica.running),
            _number(replica.queued),
        )
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def addresses(launches: tuple[Launch, ...]) -> str:
    """What will be started, in a few words."""
    first = launches[0]
    many = f" to {launches[-1].port}" if len(launches) > 1 else ""
    return f"serve     {first.model}, {len(launches)} x {' '.join(first.words[:3])[:_SPAN]}, port {first.port}{many}"
