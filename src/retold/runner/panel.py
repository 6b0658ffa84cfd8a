"""What a person sees of a run: a live panel in a terminal, plain lines elsewhere, JSON lines for machines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from retold.runner.progress import Progress, Reporter, Silent

REFRESH_PER_SECOND = 4
LINE_EVERY_SECONDS = 15.0
REASONS_SHOWN = 3


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 52 s, 7 min, 3 h 20 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def summary(progress: Progress) -> str:
    """What a stage did, in a few words."""
    words = []
    if progress.kind == "ask":
        words.append(f"{progress.done:,} of {progress.total:,} answered")
        if progress.held and progress.done < progress.total:
            words.append(f"{progress.held:,} being confirmed")
        if progress.retried:
            words.append(f"{progress.retried:,} asked again")
        if progress.rows["dead_letters"]:
            words.append(f"{progress.rows['dead_letters']:,} failed")
        if progress.towards:
            words.append(progress.towards)
    if progress.kept:
        words.append(f"kept {progress.kept:,}")
    if progress.dropped:
        main = ", ".join(
            f"{reason.replace('_', ' ')} {count:,}" for reason, count in progress.dropped.most_common(REASONS_SHOWN)
        )
        words.append(f"dropped {sum(progress.dropped.values()):,} ({main})")
    made = [f"{count:,} {table}" for table, count in progress.rows.items() if table in SHOWN]
    return " · ".join(words + made)


SHOWN = ("documents", "passages", "requests", "packed")


class PlainLines:
    """One line per stage, and one now and then while a stage is long."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = self._said = time.monotonic()

    def started(self, progress: Progress) -> None:
        """See Reporter."""
        self._began = self._said = time.monotonic()

    def advanced(self, progress: Progress) -> None:
        """See Reporter."""
        if time.monotonic() - self._said >= LINE_EVERY_SECONDS:
            self._said = time.monotonic()
            self._say(progress, f"... {duration(self._said - self._began)}{_left(progress)}")

    def finished(self, progress: Progress) -> None:
        """See Reporter. A stage that was finished before is not worth a line: the plan says what is reused."""
        if progress.reused < progress.total:
            self._say(progress, duration(progress.seconds))

    def _say(self, progress: Progress, end: str) -> None:
        self.console.print(
            f"  {progress.name:<10} {summary(progress)}  {end}", highlight=False, markup=False, soft_wrap=True
        )


class JsonLines:
    """One JSON object per finished stage (and every few seconds of a long one) on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._said = time.monotonic()

    def started(self, progress: Progress) -> None:
        """See Reporter."""
        self._write("started", progress)

    def advanced(self, progress: Progress) -> None:
        """See Reporter."""
        if time.monotonic() - self._said >= LINE_EVERY_SECONDS:
            self._write("progress", progress)

    def finished(self, progress: Progress) -> None:
        """See Reporter."""
        self._write("finished", progress)

    def _write(self, event: str, progress: Progress) -> None:
        self._said = time.monotonic()
        values = {
            "event": event,
            "stage": progress.name,
            "kind": progress.kind,
            "done": progress.done,
            "total": progress.total,
            "reused": progress.reused,
            "retried": progress.retried,
            "held": progress.held,
            "rows": dict(progress.rows),
            "kept": progress.kept,
            "dropped": dict(progress.dropped),
            "tokens": progress.tokens,
            "cost": round(progress.cost, 6),
            "towards": progress.towards,
            "left": asdict(progress.left) if progress.left else None,
            "seconds": round(progress.seconds, 3),
        }
        self.stream.write(json.dumps(values) + "\n")
        self.stream.flush()


class LivePanel:
    """A table that grows by one row per stage; the last row moves. Use as a context manager."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self.clock = clock
        self._rows: list[Progress] = []
        self._began = clock()
        self._live = Live(console=console, refresh_per_second=REFRESH_PER_SECOND, get_renderable=self._render)

    def __enter__(self) -> LivePanel:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def started(self, progress: Progress) -> None:
        """See Reporter. A stage that was finished before gets no row."""
        if progress.reused < progress.total:
            self._rows.append(progress)
        self._began = self.clock()

    def advanced(self, progress: Progress) -> None:
        """See Reporter."""

    def finished(self, progress: Progress) -> None:
        """See Reporter."""
        self._live.refresh()

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        for progress in self._rows:
            last = progress is self._rows[-1] and not progress.seconds
            seconds = self.clock() - self._began if last else progress.seconds
            table.add_row(
                f"  {progress.name:<10}",
                ProgressBar(total=max(progress.total, 1), completed=progress.done, width=12),
                Text(summary(progress)),
                Text(duration(seconds), style="dim"),
                Text(_speed(progress, seconds) + (_left(progress) if last else ""), style="dim"),
            )
        return Group(table)


def _speed(progress: Progress, seconds: float) -> str:
    return f"{progress.tokens / seconds:.0f} tok/s" if progress.tokens and seconds > 1 else ""


def _left(progress: Progress) -> str:
    """Time left, with its 80 % interval where that is worth a word."""
    left = progress.left
    if left is None or progress.done >= progress.total:
        return ""
    middle, low, high = duration(left.seconds), duration(left.low), duration(left.high)
    return f", about {middle} left" + (f" ({low} to {high})" if low != high else "")


def reporter_for(console: Console, *, quiet: bool) -> Reporter:
    """The reporter that fits: nothing when quiet, live in a terminal, plain lines otherwise."""
    if quiet:
        return Silent()
    return LivePanel(console) if console.is_terminal else PlainLines(console)
