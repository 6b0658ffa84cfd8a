"""Time left, against simulated runs whose end is known."""

from __future__ import annotations

import heapq
import math
import random

import pytest

from retold.runner.eta import Eta

LATENCY = {
    "fixed": lambda draw: 1.0,
    "spread": lambda draw: draw.uniform(0.5, 1.5),
    "log-normal": lambda draw: math.exp(draw.gauss(0.0, 0.5)),
    "stalling": lambda draw: 6.0 if draw.random() < 0.02 else draw.uniform(0.7, 1.3),
}


def simulate(kind: str, number: int, in_flight: int, *, reused: int = 0, began: float = 1000.0, each: float = 1.0):
    """[(share of all that is done, seconds left by the estimate, low, high, true seconds left)] over one session."""
    draw = random.Random(3)
    eta, now, done, sent = Eta(began), began, reused, reused
    flying: list[tuple[float, float]] = []
    said = []
    while done < number:
        while sent < number and len(flying) < in_flight:
            took = each * LATENCY[kind](draw)
            heapq.heappush(flying, (now + took, took))
            sent += 1
        now, took = heapq.heappop(flying)
        done += 1
        eta.answered(now, took)
        found = eta.left(now, number - done, len(flying))
        if found is not None and done % (number // 50) == 0:
            said.append((done / number, found, now))
    return [(share, found.seconds, found.low, found.high, now - when) for share, found, when in said]


@pytest.mark.parametrize("kind", list(LATENCY))
@pytest.mark.parametrize(("number", "in_flight"), [(2_000, 20), (10_000, 64), (4_000, 256)])
@pytest.mark.parametrize("reused", [0, 0.5])
def test_the_estimate_is_near_the_truth_from_the_first_tenth_on(kind, number, in_flight, reused):
    """Also after a resume. Kills: dividing all that is done by this session's time; forgetting the drain."""
    said = simulate(kind, number, in_flight, reused=int(reused * number))
    judged = [row for row in said if row[0] >= reused + 0.1 * (1 - reused) and row[4] >= 2.0]
    assert len(judged) >= 10
    for share, seconds, _, _, true in judged:
        # The very end depends on who is last: a mean latency more or less, and a stall where there are any.
        slack = 4.0 if kind in ("stalling", "log-normal") else 1.0
        assert abs(seconds - true) <= 0.2 * true + slack, (
            f"{kind}: at {share:.0%} {seconds:.1f} s, in truth {true:.1f} s"
        )


def test_the_interval_holds_the_truth_most_of_the_time():
    """Kills: an interval that is a fixed share of the estimate."""
    rows = [row for kind in LATENCY for row in simulate(kind, 5_000, 50) if 0.1 <= row[0] <= 0.9]
    inside = sum(low <= true <= high for _, _, low, high, true in rows)
    assert inside >= 0.7 * len(rows)


def test_a_change_of_speed_is_followed_within_a_window():
    eta, now = Eta(0.0), 0.0
    for step in (0.1, 0.5):
        for _ in range(600):
            now += step
            eta.answered(now, 1.0)
    found = eta.left(now, 100, 2)
    assert found is not None and 40 <= found.seconds <= 60


def test_nothing_is_said_before_there_is_something_to_go_by():
    eta = Eta(0.0)
    assert eta.left(1.0, 100, 4) is None
