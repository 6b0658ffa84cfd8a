"""Answers are held back until a canary that was asked after they came is right."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from retold.engines import canary
from retold.engines.canary import Canaries
from retold.engines.endpoints import Endpoint
from retold.engines.knee import Knee

SOON = 20.0


class Server:
    """Questions whose answers a test gives."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[str | None]] = []
        self.endpoint = Endpoint("http://localhost:1/v1", Knee(4, 4))
        other = Endpoint("http://localhost:2/v1", Knee(4, 4))
        self.canaries = Canaries(self.ask, "right", (self.endpoint, other))

    async def ask(self, _endpoint: Endpoint) -> str | None:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]

    async def has_asked(self, count: int) -> None:
        async with asyncio.timeout(SOON):
            while len(self.asked) < count:
                await asyncio.sleep(0.01)

    def holds(self) -> asyncio.Task[bool]:
        return asyncio.create_task(self.canaries.confirm(self.endpoint))


def play(story: Callable[[Server], Awaitable[None]], monkeypatch) -> None:
    monkeypatch.setattr(canary, "SECONDS", 0.0)

    async def whole() -> None:
        server = Server()
        await story(server)
        await server.canaries.close()

    asyncio.run(whole())


async def two_under_way(server: Server) -> tuple[asyncio.Task[bool], asyncio.Task[bool]]:
    """One answer came before the first canary was asked, one after it and before the second."""
    early = server.holds()
    await server.has_asked(1)
    late = server.holds()
    await server.has_asked(2)
    return early, late


def test_the_last_answers_need_not_wait_for_a_canary_that_cannot_confirm_them(monkeypatch):
    """Kills: asking the second canary when the first has come (then it is never asked here)."""

    async def story(server: Server) -> None:
        early, late = await two_under_way(server)
        server.asked[0].set_result("right")
        assert await asyncio.wait_for(early, SOON)
        await asyncio.sleep(0.05)
        assert not late.done()
        server.asked[1].set_result("right")
        assert await asyncio.wait_for(late, SOON)
        assert len(server.asked) == 2

    play(story, monkeypatch)


def test_a_canary_confirms_nothing_that_came_after_it_was_asked(monkeypatch):
    """Kills: releasing everything that is held when a canary is right."""

    async def story(server: Server) -> None:
        early, late = await two_under_way(server)
        server.asked[0].set_result("right")
        assert await asyncio.wait_for(early, SOON)
        server.asked[1].set_result("wrong")
        assert not await asyncio.wait_for(late, SOON)

    play(story, monkeypatch)


@pytest.mark.parametrize("second", ["right", None])
def test_what_is_held_while_a_canary_is_wrong_never_counts(monkeypatch, second):
    """Kills: waiting for the second canary where the first is wrong."""

    async def story(server: Server) -> None:
        early, late = await two_under_way(server)
        if second:
            server.asked[1].set_result(second)
        server.asked[0].set_result("wrong")
        assert not await asyncio.wait_for(early, SOON)
        assert not await asyncio.wait_for(late, SOON)
        assert server.endpoint.set_aside

    play(story, monkeypatch)


def test_waiting_behind_prompts_does_not_put_off_the_next_canary(monkeypatch):
    """A full server of four places made the canary wait for 55 s, and then held all answers for 46 minutes.

    Kills: counting what the last canary took instead of the quickest.
    """

    async def story(server: Server) -> None:
        server.endpoint.in_flight = 1  # it is never idle
        server.canaries.passed(server.endpoint, took=0.001)
        early = server.holds()
        await server.has_asked(1)
        await asyncio.sleep(0.5)
        server.asked[0].set_result("right")
        assert await asyncio.wait_for(early, SOON)
        late = server.holds()
        async with asyncio.timeout(5.0):  # fifty times half a second is more
            await server.has_asked(2)
        server.asked[1].set_result("right")
        assert await asyncio.wait_for(late, SOON)

    play(story, monkeypatch)


@pytest.mark.parametrize("answers_others", [True, False])
def test_a_canary_that_comes_too_late_throws_nothing_away_where_others_are_answered(monkeypatch, answers_others):
    """Kills: giving up after the same time whether or not the address answers (then all it said was asked again)."""
    monkeypatch.setattr(canary, "GIVE_UP_SECONDS", 0.0)
    monkeypatch.setattr(canary, "RETRY_SECONDS", 0.0)

    async def story(server: Server) -> None:
        held = server.holds()
        await server.has_asked(1)
        await asyncio.sleep(0.01)
        if answers_others:
            server.endpoint.answered_at = time.monotonic()
        server.asked[0].set_result(None)
        if not answers_others:
            assert not await asyncio.wait_for(held, SOON)
            return
        await server.has_asked(2)
        server.asked[1].set_result("right")
        assert await asyncio.wait_for(held, SOON)

    play(story, monkeypatch)
