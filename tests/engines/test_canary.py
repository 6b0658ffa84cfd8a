"""Answers are held back until a canary that was asked after they came is right."""

from __future__ import annotations

import asyncio
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
