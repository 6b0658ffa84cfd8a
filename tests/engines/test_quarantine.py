"""Prompts that stop their server are found by halving, and nothing else is taken for one."""

from __future__ import annotations

import asyncio
import math

import pytest

from retold.core.document import Completion
from retold.core.errors import EngineError
from retold.core.fingerprint import uniform
from retold.engines.http import HttpEngine
from retold.engines.quarantine import Quarantine
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support.server import CANARY, TestServer


def judged(suspects: range, poison: set[int]) -> tuple[list[int | None], int, int]:
    """What each suspect got (None: poison), how often the server went down, and how many tests were made."""
    deaths = 0

    async def test(group: list[int]) -> list[int | None]:
        nonlocal deaths
        bad = bool(poison & set(group))
        deaths += bad
        return [None if bad else item for item in group]

    async def run() -> tuple[list[int | None], int]:
        quarantine: Quarantine[int, int] = Quarantine(test)
        return list(await asyncio.gather(*(quarantine.admit(item) for item in suspects))), quarantine.tests

    found, tests = asyncio.run(run())
    return found, deaths, tests


@pytest.mark.parametrize("number", [1, 2, 7, 64])
def test_one_poison_is_found_and_the_others_have_their_answers(number):
    """Kills: testing one by one; one test alone being enough; giving up a whole half."""
    found, deaths, tests = judged(range(number), {number // 2})
    assert [item for item, result in enumerate(found) if result is None] == [number // 2]
    assert 2 <= deaths <= math.ceil(math.log2(number)) + 2
    assert tests <= 2 * math.ceil(math.log2(number)) + 2


def test_several_are_found():
    found, deaths, _ = judged(range(32), {3, 4, 29})
    assert [item for item, result in enumerate(found) if result is None] == [3, 4, 29]
    assert deaths <= 3 * 7


def test_without_poison_nothing_goes_down():
    assert judged(range(9), set()) == (list(range(9)), 0, 2)


def test_a_test_that_cannot_be_made_is_told_to_all_that_wait():
    """Kills: leaving them waiting for ever when no server is left."""

    async def test(group: list[int]) -> list[int | None]:
        raise EngineError("no server is left", "start one")

    async def run() -> list[object]:
        quarantine: Quarantine[int, int] = Quarantine(test)
        waiting = (quarantine.admit(item) for item in range(5))
        return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)

    assert [type(result) for result in asyncio.run(run())] == [EngineError] * 5


def asked(servers: list[TestServer], number: int, **options: object) -> tuple[list[Completion], int]:
    """The completions of so many prompts, and how many tests the quarantine made."""

    async def run() -> tuple[list[Completion], int]:
        value = {"http": [server.url for server in servers], "model": "small", "template": "chatml", **options}
        settings = EngineSettings.model_validate(value).http
        async with HttpEngine(settings) as engine:
            answers = await asyncio.gather(*(engine.complete(prompt(f"r{n}", f"Cat {n}.")) for n in range(number)))
            return list(answers), engine._quarantine.tests

    async def served() -> tuple[list[Completion], int]:
        for server in servers:
            await server.__aenter__()
            server.seconds = 0.05
        try:
            return await run()
        finally:
            for server in servers:
                await server.__aexit__()

    return asyncio.run(served())


def test_connections_that_reset_while_the_server_lives_accuse_nobody():
    """A fifth of all prompts is cut off twice, the others go on, one of them to the end. Kills: counting every cut as
    the server's death, so an address is emptied again and again to test the innocent."""
    sent: dict[str, int] = {}

    def flaky(text: str) -> str | None:
        sent[text] = sent.get(text, 0) + 1
        if CANARY in text or "Cat 0." in text:
            return "slow" if "Cat 0." in text else None
        return "reset" if sent[text] <= 2 and uniform("cut", text) < 0.2 else None

    server = TestServer(rule=flaky)
    server.slow_seconds = 5.0
    answers, tests = asked([server], 100, in_flight=40)
    assert {answer.finish for answer in answers} == {"stop"}
    assert sum(answer.sent > 1 for answer in answers) >= 10
    assert tests == 0


def test_being_in_flight_when_a_server_dies_costs_no_attempt():
    """Kills: giving up the innocent who were there when it died."""
    deaths = iter([True])
    answers, tests = asked(
        [TestServer(rule=lambda text: "die" if "Cat 7." in text and next(deaths, False) else None)],
        16,
        in_flight=16,
        attempts=1,
    )
    assert {answer.finish for answer in answers} == {"stop"}
    assert tests == 0
