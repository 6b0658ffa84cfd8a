"""Health of addresses: resting, coming back, and taking fewer prompts when asked."""

from __future__ import annotations

import asyncio

import pytest

from retold.core.errors import EngineError
from retold.engines.endpoints import FAILURES_TO_REST, LONGEST_REST, Endpoint, Endpoints
from retold.engines.knee import Knee


def failing(times: int) -> Endpoint:
    endpoint = Endpoint("http://a/v1", Knee(8, 8))
    now = 100.0
    for _ in range(times):
        now = max(now, endpoint.rests_until)
        endpoint.failed("refused", now)
    endpoint.rests_until -= now - 100.0
    return endpoint


def test_it_rests_after_failures_in_a_row_and_longer_each_time():
    assert failing(FAILURES_TO_REST - 1).ready(100.0)
    rests = [failing(FAILURES_TO_REST + more).rests_until - 100.0 for more in range(10)]
    assert 0.8 <= rests[0] <= 1.2
    assert rests[1] > rests[0]
    assert LONGEST_REST * 0.8 <= rests[-1] <= LONGEST_REST * 1.2


def test_failures_of_what_was_on_its_way_make_no_rest_longer():
    """An outage with many prompts in flight is one failure. Kills: counting each of them."""
    endpoint = failing(FAILURES_TO_REST)
    until = endpoint.rests_until
    for _ in range(200):
        endpoint.failed("refused", 100.1)
    assert endpoint.rests_until == until


def test_it_comes_back_with_one_prompt():
    """Kills: sending all that wait to an address that has not answered yet."""
    endpoint = failing(FAILURES_TO_REST)
    assert not endpoint.ready(100.5)
    assert endpoint.ready(102.0)
    endpoint.in_flight = 1
    assert not endpoint.ready(102.0)
    endpoint.succeeded()
    assert endpoint.ready(102.0)


def test_asked_for_patience_it_takes_half_once():
    endpoint = Endpoint("http://a/v1", Knee(8, 4096))
    for _ in range(5):
        endpoint.told_to_wait(2.0, 100.0)
    assert (endpoint.limit, endpoint.ready(101.0), endpoint.ready(102.0)) == (4, False, True)
    assert endpoint.failures == 0


def test_prompts_wait_for_room_and_capacity_is_that_of_the_living():
    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(2, 2), patience=60, affinity=False)
        assert pool.capacity == 4
        taken = [await pool.take("") for _ in range(4)]
        assert [endpoint.in_flight for endpoint in pool.all] == [2, 2]
        waiting = asyncio.create_task(pool.take(""))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        pool.give_back(taken[0], answered=True)
        assert await asyncio.wait_for(waiting, 0.5) is taken[0]
        for _ in range(FAILURES_TO_REST):
            pool.all[0].failed("refused", 0.0)
        assert pool.capacity == 2

    asyncio.run(run())


def test_a_documents_prompts_wait_for_its_address_while_another_has_room():
    """Kills: prompts of a full address going to the next with room: every server reads every source."""

    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(1, 1), patience=60)
        assert pool.capacity == 2 + 2 * 8  # room, and some that wait
        home = await pool.take("d")
        waiting = [asyncio.create_task(pool.take("d")) for _ in range(2)]
        other = asyncio.create_task(pool.take(""))
        await asyncio.sleep(0.01)
        assert (await asyncio.wait_for(other, 0.5)) is not home and not any(task.done() for task in waiting)
        pool.give_back(home, answered=True)
        assert await asyncio.wait_for(waiting[0], 0.5) is home
        pool.give_back(other.result(), answered=True)
        await asyncio.sleep(0.01)
        assert not waiting[1].done()
        pool.give_back(home, answered=True)
        assert await asyncio.wait_for(waiting[1], 0.5) is home

    asyncio.run(run())


def test_room_goes_to_one_that_waits_for_this_address():
    """Kills: waking the one that waited longest, for another address, while this one stands idle."""

    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(1, 1), patience=60)
        first = await pool.take("d")
        names = iter(f"e{number}" for number in range(100))
        away = next(name for name in names if pool._home(name, None, 0.0) is not first)
        second = await pool.take(away)
        longest = asyncio.create_task(pool.take(away))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(pool.take("d"))
        await asyncio.sleep(0.01)
        pool.give_back(first, answered=True)
        assert await asyncio.wait_for(waiting, 0.5) is first  # less than the second after which all look again
        pool.give_back(second, answered=True)
        assert await asyncio.wait_for(longest, 0.5) is second

    asyncio.run(run())


def test_a_document_that_begins_where_there_is_less_to_do_stays_there():
    """Kills: one address idle since all documents are drawn to the other; a document that returns to the drawn one."""

    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(1, 1), patience=60)
        names = [f"d{number}" for number in range(100)]
        alike = [name for name in names if pool._home(name, None, 0.0) is pool.all[0]][:2]
        pool._homes.clear()
        first = await pool.take(alike[0])
        second = await pool.take(alike[1])
        assert (first, second) == pool.all
        pool.give_back(first, answered=True)
        more = asyncio.create_task(pool.take(alike[1]))
        await asyncio.sleep(0.01)
        assert not more.done()
        pool.give_back(second, answered=True)
        assert await asyncio.wait_for(more, 0.5) is second

    asyncio.run(run())


def test_where_too_many_wait_for_one_address_the_next_goes_elsewhere():
    """Kills: an idle address beside a long queue."""

    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(1, 1), patience=60)
        tasks = [asyncio.create_task(pool.take("d")) for _ in range(10)]
        await asyncio.sleep(0.01)
        assert sum(task.done() for task in tasks) == 2
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(endpoint.awaited == 0 for endpoint in pool.all)

    asyncio.run(run())


def test_nobody_waits_for_an_address_that_fails():
    """Kills: a favourite chosen among the dead."""

    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(1, 1), patience=60)
        home = await pool.take("d")
        for _ in range(FAILURES_TO_REST):
            home.failed("refused", 0.0)
        home.rests_until = 0.0  # it may get one as a probe, and has it
        assert await asyncio.wait_for(pool.take("d"), 0.5) is not home

    asyncio.run(run())


def test_it_tries_another_address_than_the_one_that_just_failed():
    async def run() -> None:
        pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(100, 100), patience=60)
        first = await pool.take("d")
        assert await pool.take("d") is first
        assert await pool.take("d", avoid=first) is not first
        alone = Endpoints(["http://a/v1"], lambda: Knee(2, 2), patience=60)
        assert await alone.take("d", avoid=alone.all[0]) is alone.all[0]

    asyncio.run(run())


def test_patience_ends_only_when_every_address_fails():
    pool = Endpoints(["http://a/v1", "http://b/v1"], lambda: Knee(2, 2), patience=10)
    late = pool.last_answer + 11
    for _ in range(FAILURES_TO_REST):
        pool.all[0].failed("refused", late)
    pool.check_patience(late)
    for _ in range(FAILURES_TO_REST):
        pool.all[1].failed("reset", late)
    with pytest.raises(EngineError, match="a/v1: refused; http://b/v1: reset"):
        pool.check_patience(late)
    pool.check_patience(pool.last_answer + 9)
