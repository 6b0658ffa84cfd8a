"""Several addresses at once: what a slow one, a dead one and one that cannot be found cost the others."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from retold.core.document import Completion, Prompt
from retold.engines import canary
from retold.engines.http import HttpEngine
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support.server import TestServer

IN_FLIGHT = 8


def engine_for(*urls: str, **options: object) -> HttpEngine:
    value = {"http": [*urls], "model": "small", "template": "chatml", "in_flight": IN_FLIGHT, **options}
    settings = EngineSettings.model_validate(value).http
    assert settings is not None
    return HttpEngine(settings)


async def drive(engine: HttpEngine, prompts: list[Prompt]) -> list[Completion]:
    """As the runner does: as many as the engine takes, in this order."""
    under_way: set[asyncio.Task[Completion]] = set()
    done: list[asyncio.Task[Completion]] = []
    for one in prompts:
        while len(under_way) >= engine.capacity:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            under_way = {task for task in under_way if not task.done()}
        done.append(asyncio.create_task(engine.complete(one)))
        under_way.add(done[-1])
        await asyncio.sleep(0)
    return [await task for task in done]


def prompts(number: int, each: int = 1) -> list[Prompt]:
    """`each` prompts for every document, in a row."""
    return [prompt(f"r{at}", f"Document {at // each}.", f"Style {at % each}.") for at in range(number)]


def test_one_slow_address_costs_only_its_own_share(capsys):
    """20 times slower than two others, one prompt or four for a document: at least 80 % of the pace that the two have
    alone, and at the end one answer of the slow one more to wait for.

    Kills: sharing prompts out evenly (15 % of it); documents that wait for the slow address while others are idle.
    """
    number = 240

    async def run(each: int, *servers: TestServer) -> tuple[float, float]:
        """Answers a second until 95 % are there, and how many seconds the rest takes."""
        moments: list[float] = []

        async def watched(engine: HttpEngine, one: Prompt) -> Completion:
            answer = await HttpEngine.complete(engine, one)
            moments.append(time.perf_counter())
            return answer

        async with engine_for(*(server.url for server in servers), canary=False) as engine:
            engine.complete = lambda one: watched(engine, one)  # type: ignore[method-assign]
            begun = time.perf_counter()
            answers = await drive(engine, prompts(number, each))
        assert {answer.finish for answer in answers} == {"stop"}
        most = moments[int(0.95 * number)]
        return 0.95 * number / (most - begun), moments[-1] - most

    async def all_three() -> list[tuple[float, float]]:
        async with TestServer() as one, TestServer() as two, TestServer() as slow:
            one.seconds = two.seconds = 0.1
            slow.seconds = 2.0
            alone = await run(1, one, two)
            return [alone, await run(1, one, two, slow), await run(4, one, two, slow)]

    alone, *others = asyncio.run(all_three())
    with capsys.disabled():
        paces = ", ".join(f"{pace:.0f} and then {rest:.1f} s" for pace, rest in others)
        print(f"\n  two alone {alone[0]:.0f} answers/s; with one 20 times slower, one or four for a document: {paces}")
    for pace, rest in others:
        assert pace >= 0.8 * alone[0]
        assert rest <= 2.0 + 1.5


@pytest.mark.parametrize("witnessed", [False, True])
def test_a_dead_address_costs_what_it_had_in_flight_and_no_more(witnessed, monkeypatch, capsys):
    """One of three dies for good. Without canaries: sendings beyond one for each prompt are those it had in flight,
    and probes. With canaries also what was held back of it. Kills: asking again what others have; probing with many.
    """
    monkeypatch.setattr(canary, "SECONDS", 0.5)
    monkeypatch.setattr(canary, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(canary, "GIVE_UP_SECONDS", 0.5)
    number = 400

    async def run() -> tuple[list[Completion], int, int, int]:
        async with TestServer() as one, TestServer() as two, TestServer() as dying:
            dying.down_seconds = None
            for server in (one, two, dying):
                server.seconds = 0.05
            async with engine_for(one.url, two.url, dying.url, canary=witnessed) as engine:
                asking = asyncio.create_task(drive(engine, prompts(number)))
                while len(dying.bodies) < 60:
                    await asyncio.sleep(0.005)
                in_flight = engine._pool.all[2].in_flight
                held = len(engine._canaries._watches[dying.url].held) if engine._canaries else 0
                await dying.die()
                return await asking, sum(len(server.bodies) for server in (one, two, dying)), in_flight, held

    answers, received, in_flight, held = asyncio.run(run())
    sent = sum(answer.sent for answer in answers)
    with capsys.disabled():
        print(f"\n  death of one of three: {in_flight} in flight, {held} held back; of {number} prompts "
              f"{sent - number} sent again, {received - number} received twice")  # fmt: skip
    assert {answer.finish for answer in answers} == {"stop"}
    assert 0 < in_flight <= IN_FLIGHT and received - number <= in_flight + held
    assert sent - number <= in_flight + held + 6
    assert received - number <= IN_FLIGHT or witnessed


def test_a_name_that_cannot_be_found_costs_nothing_while_others_answer():
    """Kills: an error of name resolution that ends the run, or is waited for by every prompt."""

    async def run() -> tuple[list[Completion], float]:
        async with TestServer() as server:
            server.seconds = 0.02
            async with engine_for(server.url, "http://no-such-host.invalid/v1", canary=False) as engine:
                begun = time.perf_counter()
                answers = await drive(engine, prompts(100))
                return answers, time.perf_counter() - begun

    answers, seconds = asyncio.run(run())
    assert {answer.finish for answer in answers} == {"stop"} and sum(answer.sent for answer in answers) <= 112
    assert seconds < 5


def test_a_server_that_gets_slower_and_slower_is_followed():
    """Each answer takes a little longer than the one before, up to 60 times as long as the first. Kills: a deadline
    learnt from the first answers; sending again what only takes long; a limit that ends the run."""

    async def run() -> tuple[list[Completion], int]:
        async with TestServer() as server, engine_for(server.url, in_flight=0, canary=False) as engine:

            def slower(_text: str) -> None:
                server.seconds = 0.01 + 0.6 * min(1.0, len(server.bodies) / 300)

            server.rule = slower
            return await drive(engine, prompts(400)), len(server.bodies)

    answers, received = asyncio.run(run())
    assert {answer.finish for answer in answers} == {"stop"} and received == 400


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_address_of_ipv6_is_asked_by_its_number():
    """Kills: the brackets left in the name to connect to, or left out of the Host header."""
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        body = b'{"choices": [{"text": " six", "finish_reason": "stop"}]}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async def run() -> Completion:
        try:
            listening = await asyncio.start_server(answer, "::1", 0)
        except OSError:
            pytest.skip("this machine has no ::1")
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            async with engine_for(f"http://[::1]:{port}/v1", canary=False, metrics=False) as engine:
                return await engine.complete(prompt("r", "A cat."))

    assert asyncio.run(run()).text == " six"
    assert b"\r\nHost: [::1]:" in heads[0]
