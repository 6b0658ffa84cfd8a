"""What answers cost: nothing is free that was paid, and an hour is paid once."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Completion
from retold.engines import http, stragglers
from retold.engines.http import HttpEngine
from retold.engines.price import Meter, Price, Used
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support.server import TestServer

# One attempt at the test server: 11 tokens of prompt, 3 of them cached, 7 generated.
PRICE = {"input": 1.0, "cached": 0.1, "output": 4.0}
ATTEMPT = Price(**PRICE).of(Used(11, 3, 7))


def engine_for(*servers: TestServer, **options: object) -> HttpEngine:
    value = {"http": [server.url for server in servers], "model": "small", "template": "chatml", **options}
    settings = EngineSettings.model_validate(value).http
    assert settings is not None
    return HttpEngine(settings)


def play(behaviours: str, canary: str = "", **options: object) -> Completion:
    async def run() -> Completion:
        chosen = {"price": PRICE, "canary": bool(canary), **options}
        server = TestServer(behaviours.split(), canary=canary.split() or ["ok"])
        async with server, engine_for(server, **chosen) as engine:
            return await engine.complete(prompt("r", "A cat."))

    return asyncio.run(run())


COUNTS = st.integers(0, 1 << 40)


@given(COUNTS, COUNTS, COUNTS, st.none() | st.floats(0, 1e3), st.floats(0, 1e3))
def test_no_answer_has_a_negative_cost(asked, cached, written, cached_price, price):
    """Kills: cached tokens subtracted without looking whether the prompt has so many."""
    assert Price(input=price, cached=cached_price, output=1.0).of(Used(asked, cached, written)) >= 0


STAYS = st.lists(st.tuples(st.floats(0, 50), st.floats(0, 20)), min_size=1, max_size=40)


@given(STAYS, st.floats(0, 100))
def test_the_shares_of_an_hour_sum_to_the_time_in_which_there_was_work(stays, hour):
    """Kills: time divided by the prompts there at the end of it, or paid in full by each; idle time paid."""
    meter = Meter(Price(hour=hour))
    events = sorted(
        [(begin, 0, name) for name, (begin, _) in enumerate(stays)]
        + [(begin + length, 1, name) for name, (begin, length) in enumerate(stays)]
    )
    marks: dict[int, float] = {}
    shares: dict[int, float] = {}
    busy, before, here = 0.0, 0.0, 0
    for now, leaves, name in events:
        busy += (now - before) if here else 0.0
        before, here = now, here + (-1 if leaves else 1)
        if leaves:
            shares[name] = meter.leave(marks[name], now)
        else:
            marks[name] = meter.enter(now)
    assert meter.here == 0
    assert meter.busy == pytest.approx(busy)
    assert sum(shares.values()) == pytest.approx(busy * hour / 3600)
    for name, (_, length) in enumerate(stays):
        assert -1e-9 <= shares[name] <= length * hour / 3600 + 1e-9


def test_two_together_pay_half_each():
    meter = Meter(Price(hour=3600.0))
    first = meter.enter(0.0)
    second = meter.enter(10.0)
    assert meter.leave(first, 20.0) == pytest.approx(10 + 5)
    assert meter.leave(second, 40.0) == pytest.approx(5 + 20)
    assert meter.leave(meter.enter(100.0), 101.0) == pytest.approx(1)


def test_an_answer_costs_its_tokens():
    assert play("ok").cost == pytest.approx(ATTEMPT)


@pytest.mark.parametrize("trouble", ["unknown_end", "other_choice", "no_choices"])
def test_an_attempt_that_was_no_answer_but_was_counted_is_paid(trouble):
    """Kills: the cost of the last attempt only."""
    answer = play(f"{trouble} ok")
    assert (answer.finish, answer.sent) == ("stop", 2)
    assert answer.cost == pytest.approx(2 * ATTEMPT)
    failed = play(trouble, attempts=2)
    assert failed.finish == "error"
    assert failed.cost == pytest.approx(2 * ATTEMPT)


def test_what_a_server_does_not_count_is_not_guessed():
    assert play("broken ok").cost == pytest.approx(ATTEMPT)


def test_a_canary_is_paid_by_the_next_answer():
    """Kills: canaries free of charge."""
    assert play("ok", canary="ok").cost == pytest.approx(2 * ATTEMPT)


def test_an_answer_thrown_away_after_a_wrong_canary_is_paid():
    """The first address changes its model after its canary; its answer is asked again at the other one."""

    async def run() -> Completion:
        one, two = TestServer(), TestServer()
        async with one, two, engine_for(one, two, price=PRICE) as engine:
            one.weights = two.weights = "swapped"
            one.seconds = two.seconds = 0.1
            asked = asyncio.create_task(engine.complete(prompt("r", "A cat.")))
            while not one.bodies and not two.bodies:
                await asyncio.sleep(0.01)
            (two if one.bodies else one).weights = "small"
            return await asyncio.wait_for(asked, 20)

    answer = asyncio.run(run())
    assert (answer.finish, answer.sent) == ("stop", 2)
    # Two sendings; and of the three or more canaries those that were taken before the answer left.
    assert answer.cost >= 3 * ATTEMPT * 0.999


def test_a_straggler_pays_the_time_of_both_sendings(monkeypatch):
    """Kills: the hours of a sending that was given up."""
    monkeypatch.setattr(http, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(stragglers, "STRAGGLER_SECONDS", 0.5)
    monkeypatch.setattr(stragglers, "PACES_NEEDED", 1)

    async def run() -> Completion:
        async with TestServer(["ok", "slow", "ok"]) as server:
            options = {"price": {server.url: {"hour": 3600.0}}, "canary": False, "in_flight": 4}
            async with engine_for(server, **options) as engine:
                await engine.complete(prompt("first", "A cat."))
                engine._paces.clear()
                engine._paces.append(0.0)
                return await asyncio.wait_for(engine.complete(prompt("r", "A cat.")), 20)

    answer = asyncio.run(run())
    assert answer.sent == 2
    assert answer.cost == pytest.approx(answer.seconds, rel=0.1)
    assert answer.cost > 0.5


def test_hours_are_spread_over_the_answers():
    """Eight side by side on a server of 3600 USD per hour cost the seconds that passed, not eight times as much."""

    async def run() -> tuple[float, float]:
        async with TestServer() as server:
            server.seconds = 0.3
            async with engine_for(server, price={"hour": 3600.0}, canary=False, in_flight=8) as engine:
                answers = await asyncio.gather(*(engine.complete(prompt(f"r{n}", "A cat.")) for n in range(8)))
                return sum(answer.cost for answer in answers), engine._meters[server.url].busy

    cost, busy = asyncio.run(run())
    assert 0.3 <= busy < 1.5
    assert cost == pytest.approx(busy)
