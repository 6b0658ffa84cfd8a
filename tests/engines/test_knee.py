"""The limit in flight, against simulated servers whose knee is known."""

from __future__ import annotations

import heapq
from collections import deque

import pytest

from retold.core.fingerprint import uniform
from retold.engines.knee import Knee


def simulate(knee: Knee, seconds: float, slots, pace, *, until: float = 120.0, metrics: bool = False) -> list[int]:
    """A server with `slots(now)` places; an answer takes `seconds` times pace(busy). Returns the limit every second."""
    now, waiting, running, number = 0.0, 0, [], 0
    limits: list[int] = []
    sent: deque[float] = deque()
    while now < until:
        while len(running) + waiting < knee.limit:
            waiting += 1
            sent.append(now)
        while waiting and len(running) < slots(now):
            waiting -= 1
            number += 1
            took = seconds * pace(len(running) + 1) * (0.7 + 0.6 * uniform("latency", number))
            heapq.heappush(running, (now + took, sent.popleft()))
        now, began = heapq.heappop(running)
        knee.answered(now, now - began, 100, len(running) + 1 + waiting)
        if now >= len(limits):
            if metrics:
                knee.observed(len(running), waiting)
            limits += [knee.limit] * (int(now) + 1 - len(limits))
    return limits


@pytest.mark.parametrize("slots", [1, 8, 64, 256])
def test_it_finds_the_slots_of_a_server(slots):
    """Kills: never leaving slow start, or leaving it at the first noisy round."""
    limits = simulate(Knee(16, 4096), 1.0, lambda _: slots, lambda _: 1.0)
    settled = sorted(limits[-60:])[30]
    assert 0.9 * slots <= settled <= max(24, 2.6 * slots)


@pytest.mark.parametrize("knee_at", [32, 200])
def test_a_server_that_batches_is_filled_to_where_its_pace_stops_growing(knee_at):
    """Seconds grow slowly up to the knee and in proportion beyond. Kills: stopping as soon as latency grows."""

    def pace(busy: int) -> float:
        return 1.0 + 0.3 * busy / knee_at if busy <= knee_at else 1.3 * busy / knee_at

    limits = simulate(Knee(16, 4096), 2.0, lambda _: 100_000, pace, until=240)
    assert 0.7 * knee_at <= sorted(limits[-100:])[50] <= 2.6 * knee_at


def test_capacity_that_comes_later_is_found():
    """Kills: holding the first knee for ever."""
    limits = simulate(Knee(16, 4096), 0.5, lambda now: 8 if now < 60 else 64, lambda _: 1.0, until=400)
    assert limits[50] <= 24 and limits[-1] >= 45


@pytest.mark.parametrize("slots", [1, 8, 256])
def test_what_the_server_says_of_itself_counts(slots):
    limits = simulate(Knee(16, 4096), 1.0, lambda _: slots, lambda _: 1.0, metrics=True)
    assert slots <= limits[-1] <= 1.3 * slots + 6


def test_a_fixed_limit_stays():
    knee = Knee(16, 100, fixed=True)
    knee.told_to_wait()
    assert set(simulate(knee, 1.0, lambda _: 8, lambda _: 1.0, until=20)) == {100}


def test_being_told_to_wait_halves_it():
    knee = Knee(64, 4096)
    knee.told_to_wait()
    assert knee.limit == 32 and not knee.climbing
