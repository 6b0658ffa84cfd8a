"""How long an Ask still takes, and how sure that is.

In: the moments at which answers came in this session, how long each took, and how many are in flight. Out: seconds left
with an 80 % interval. What was answered before a resume says nothing about the speed of now and is not counted. Answers
that the engine holds back have come: they count at once, or the pace would be nothing, and then a heap.

Method: the rate is that of a window of the last `LATENCIES` mean latencies (half a minute at least), or of the whole
session while it is shorter: prompts are sent from the first moment on, so its start is no idle time. In the first
latencies of a session, when answers still come in waves, it is what is in flight over the mean latency. What is not yet
sent goes at that rate; then the prompts in flight drain, which takes as long as the slowest of so many. The interval
comes from the rates of the window's eighths (Student's t).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

LATENCIES = 12.0
EARLY = 8.0
LEAST_WINDOW = 30.0
PIECES = 8
T_80 = 1.415  # Student's t with 7 degrees of freedom, 80 % two-sided
LEAST_ANSWERS = 10
KEPT = 4096


@dataclass(frozen=True)
class Left:
    """Seconds left: the estimate, and an 80 % interval."""

    seconds: float
    low: float
    high: float


class Eta:
    """For one session of one Ask. Times are monotonic seconds, given from outside."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.answers = 0
        self._came = self._most = 0
        self._ticks: deque[tuple[float, int]] = deque([(began, 0)])
        self._latencies: deque[float] = deque(maxlen=KEPT)
        self._sum = 0.0

    def answered(self, now: float, seconds: float, held: int = 0) -> None:
        """One answer, which took so long; `held`: others that have come and are held back."""
        self.answers += 1
        self._sum += seconds
        self._latencies.append(seconds)
        self.came(now, held)

    def came(self, now: float, held: int) -> None:
        """So many answers have come beside those that were handed out."""
        self._came = max(self._came, self.answers + held)
        if now - self._ticks[-1][0] >= self._window() / 256:
            self._ticks.append((now, self._came))
        while len(self._ticks) > 2 and self._ticks[1][0] <= now - self._window():
            self._ticks.popleft()

    def left(self, now: float, remaining: int, in_flight: int) -> Left | None:
        """Time for `remaining` answers (held ones have come), of which `in_flight` are under way.

        None while too little is known.
        """
        self._most = max(self._most, in_flight)
        if self.answers < LEAST_ANSWERS or now <= self.began:
            return None
        first, before = self._ticks[0]
        mean = self._sum / self.answers
        if now - self.began < EARLY * mean and in_flight:
            # Answers still come in waves: as many are under way as the rate times the latency (J. Little, 1961). The
            # most that were: what was just answered is replaced a moment later.
            rate = self._most / max(1e-9, mean)
        else:
            rate = (self._came - before) / max(1e-9, now - first)
        if rate <= 0:
            return None
        slowest = 1.0 - 1.0 / (2.0 * max(1, min(in_flight, remaining)))
        drain = sorted(self._latencies)[int(slowest * (len(self._latencies) - 1))] if in_flight else 0.0
        unsent = max(0, remaining - in_flight)
        spread = self._spread(first, now)
        slow, fast = max(rate * 0.2, rate - spread), rate + spread
        return Left(unsent / rate + drain, unsent / fast + 0.5 * drain, unsent / slow + 1.5 * drain)

    def _window(self) -> float:
        mean = self._sum / self.answers if self.answers else 0.0
        return max(LEAST_WINDOW, LATENCIES * mean)

    def _spread(self, first: float, now: float) -> float:
        """Half the width of the rate's 80 % interval."""
        step = (now - first) / PIECES
        edges = [self._count_at(first + number * step) for number in range(PIECES)] + [float(self._came)]
        rates = [(edges[place + 1] - edges[place]) / max(1e-9, step) for place in range(PIECES)]
        mean = sum(rates) / PIECES
        variance = sum((rate - mean) ** 2 for rate in rates) / (PIECES - 1)
        return T_80 * math.sqrt(variance / PIECES)

    def _count_at(self, moment: float) -> float:
        counts = [count for when, count in self._ticks if when <= moment]
        return float(counts[-1] if counts else self._ticks[0][1])
