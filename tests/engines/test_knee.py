"""The limit in flight, against simulated servers whose knee is known."""

from __future__ import annotations

import heapq
import math
from collections import deque
from statistics import NormalDist

import pytest

from retold.core.fingerprint import uniform
from retold.engines.knee import Knee


def simulate(
    knee: Knee, seconds: float, slots, pace, *, until: float = 120.0, metrics: bool = False, spread: float = 0.0
) -> list[int]:
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
            drawn = uniform("latency", number)
            even = (
                math.exp(spread * NormalDist().inv_cdf(min(max(drawn, 1e-6), 1 - 1e-6)))
                if spread
                else 0.7 + 0.6 * drawn
            )
            took = seconds * pace(len(running) + 1) * even
            heapq.heappush(running, (now + took, sent.popleft()))
        now, began = heapq.heappop(running)
        knee.answered(now, now - began, 100, len(running) + 1 + waiting)
        if now >= len(limits):
            if metrics:
                knee.observed(len(running), waiting, len(running) + waiting)
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


def ramped(knee: Knee, seconds: float = 120.0, slots: int = 200) -> int:
    """The limit after a while at a server that says nothing of itself, or nothing true."""
    return simulate(knee, 1.0, lambda _: slots, lambda _: 1.0, until=seconds)[-1]


class Deceived(Knee):
    """Hears of itself what a balancer's one replica, or a proxy, would say."""

    def observed(self, running: float, waiting: float, in_flight: int) -> None:
        super().observed(0.0, 0.0, in_flight)


def test_metrics_that_know_nothing_of_our_prompts_do_not_count():
    """Kills: believing a server that says it is idle while it has all our prompts; the limit would stay for ever."""
    limits = simulate(Deceived(16, 4096), 1.0, lambda _: 200, lambda _: 1.0, metrics=True)
    assert 180 <= sorted(limits[-60:])[30] <= 520


def test_metrics_that_end_leave_a_limit_that_still_moves():
    """Kills: staying at what a server said last when it says nothing any more."""
    knee = Knee(16, 4096)
    knee.observed(8, 8, 16)
    assert knee.limit < 16
    knee.untold()
    assert ramped(knee, 400) > 100


def test_a_server_shared_with_others_gives_up_only_our_share_of_its_queue():
    """Kills: counting the whole queue as ours, so one of two clients starves."""
    knee = Knee(100, 4096)
    knee.observed(100, 100, 100)
    assert 40 <= knee.limit <= 60


def test_slow_start_goes_on_while_the_server_has_no_queue():
    """Kills: leaving it at the first look, so a large server is filled only by one step every two seconds."""
    knee = Knee(16, 4096)
    knee.observed(16, 0, 16)
    assert knee.climbing
    knee.observed(16, 40, 56)
    assert not knee.climbing


def test_beyond_a_knee_where_the_server_gets_slower_it_does_not_stay():
    """One that thrashes beyond 64. Kills: keeping what was tried though it was slower."""
    limits = simulate(Knee(16, 4096), 1.0, lambda _: 4096, lambda busy: max(1.0, (busy / 64) ** 2), until=240)
    assert 32 <= sorted(limits[-100:])[50] <= 110


def test_capacity_that_goes_is_given_up():
    limits = simulate(Knee(16, 4096), 0.5, lambda now: 128 if now < 60 else 16, lambda _: 1.0, until=400)
    assert limits[55] >= 100
    assert limits[-1] <= 64


def test_a_queue_that_reaches_the_deadline_is_halved_once():
    """64 at a server with one place: the last would come too late. Kills: not learning from it; halving for each."""
    knee = Knee(64, 4096)
    for number in range(1, 20):
        knee.answered(number * 10.0, number * 10.0, 100, 64)
    before = knee.limit
    for _ in range(30):
        knee.late(300.0, 0.0, 300.0)
    assert knee.limit == before // 2
    knee.late(700.0, 390.0, 300.0)
    assert knee.limit == before // 4


def test_one_prompt_that_hangs_costs_no_limit():
    """The others are answered in time. Kills: taking any prompt that is late for a queue that is too long."""
    knee = Knee(64, 4096)
    for number in range(64):
        knee.answered(float(number), 5.0, 100, 64)
    before = knee.limit
    knee.late(300.0, 0.0, 300.0)
    assert knee.limit == before


def test_places_that_the_server_names_are_where_it_begins():
    """Kills: sending 64 to a server of one place, where the last would wait for an hour."""
    knee = Knee(64, 4096)
    knee.begin(1)
    assert knee.limit <= 6
    fixed = Knee(64, 32, fixed=True)
    fixed.begin(1)
    assert fixed.limit == 32


@pytest.mark.parametrize("slots", [8, 128])
def test_uneven_latencies_do_not_mislead_it(slots):
    """Log-normal, as real answers are: some five times as long as the usual one."""
    limits = simulate(Knee(16, 4096), 1.0, lambda _: slots, lambda _: 1.0, until=200, spread=0.6)
    assert 0.9 * slots <= sorted(limits[-100:])[50] <= max(32, 3 * slots)


def refusing(knee: Knee, slots: int, refuse, until: float, seconds: float = 1.0) -> tuple[list[int], int]:
    """A server with so many places that turns prompts away (`refuse(now, in flight)`) for a second each time.

    Returns the limit every second, and how many answers came.
    """
    now, rests_until, answers = 0.0, 0.0, 0
    running: list[tuple[float, float]] = []
    limits: list[int] = []
    while now < until:
        while len(running) < knee.limit and now >= rests_until:
            if refuse(now, len(running) + 1):
                knee.told_to_wait()
                rests_until = now + 1.0
                break
            took = seconds * max(1.0, (len(running) + 1) / slots)
            heapq.heappush(running, (now + took, took))
        if running and (running[0][0] <= rests_until or now >= rests_until):
            now, took = heapq.heappop(running)
            knee.answered(now, took, 100, len(running) + 1)
            answers += 1
        else:
            now = max(now + 0.01, rests_until)
        if now >= len(limits):
            limits += [knee.limit] * (int(now) + 1 - len(limits))
    return limits, answers


def test_after_a_storm_of_refusals_it_comes_back():
    """Ten refusals in a row halve it to one. Kills: leaving it to the trials, of which the next ends in 512 answers."""
    limits, answers = refusing(Knee(64, 4096), 200, lambda now, _: 20 <= now < 30, 400)
    assert min(limits[20:32]) <= 2
    assert sorted(limits[40:60])[10] >= 90
    assert answers >= 0.8 * 200 * 390


@pytest.mark.parametrize(("most", "share"), [(30, 0.85), (100, 0.85)])
def test_where_more_than_so_many_are_refused_it_stays_just_below(most, share):
    """Kills: halving again and again where a trial is refused: 38 % for 100 at a time."""
    limits, answers = refusing(Knee(64, 4096), 200, lambda _, in_flight: in_flight > most, 400)
    assert 0.7 * most <= sorted(limits[100:])[150] <= most
    assert answers >= share * most * 400


def test_where_fewer_are_taken_than_before_the_storm_it_learns_the_new_limit():
    """Kills: climbing to the old limit for ever."""
    limits, _ = refusing(Knee(64, 4096), 200, lambda now, busy: now > 20 and busy > 10, 300)
    assert 6 <= sorted(limits[150:])[70] <= 10


def test_what_an_earlier_run_found_is_where_it_begins():
    """Kills: climbing again from the start, or remembering what is still a guess."""
    first = Knee(16, 4096)
    assert first.found == 0, "while it climbs nothing is found"
    simulate(first, 1.0, lambda _: 200, lambda _: 1.0)
    again = Knee(16, 4096)
    again.resume(first.found)
    limits = simulate(again, 1.0, lambda _: 200, lambda _: 1.0, until=120)
    assert limits[0] >= 180 and 180 <= sorted(limits[-60:])[30] <= 520
    smaller = Knee(16, 50)
    smaller.resume(first.found)
    assert smaller.limit == 50
    fixed = Knee(16, 50, fixed=True)
    fixed.resume(7)
    assert (fixed.limit, fixed.found) == (50, 0)


def test_what_is_remembered_in_a_storm_is_the_limit_before_it():
    """Kills: a run that is stopped while it is turned away, and begins with one prompt the next time."""
    knee = Knee(16, 4096)
    simulate(knee, 1.0, lambda _: 200, lambda _: 1.0, until=60)
    before = knee.limit
    for _ in range(8):
        knee.told_to_wait()
    assert knee.limit <= before / 64 and knee.found >= 0.7 * before
