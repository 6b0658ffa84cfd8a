"""Keep-alive connections against servers that write bytes as they like."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager, suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.engines.connections import Address, ConnectionProblem, Connections, ReplyProblem, request_bytes
from retold.workers.event_loop import run

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nhello"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PACKED = gzip.compress(b"hello", mtime=0)
ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(PACKED), PACKED)
BOMB = gzip.compress(b"0" * (17 << 20), mtime=0)


class Server:
    """Answers the n-th request (over all connections) with the n-th script: pieces of bytes, then `close` or not."""

    def __init__(self, scripts) -> None:
        self.scripts = list(scripts)
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0
        self.tasks: set[asyncio.Task] = set()

    async def serve(self, reader, writer) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                pieces, close = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def talking(*scripts):
    server = Server(scripts)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    address = Address.of(f"http://127.0.0.1:{server.port}/v1")
    connections = Connections()

    async def ask(seconds: float = 5.0):
        return await connections.request(address, request_bytes("POST", address, "/x", "", b"{}"), seconds)

    try:
        yield server, ask
    finally:
        connections.close()
        listening.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)


def play(*scripts, times: int = 1, seconds: float = 5.0):
    async def go():
        async with talking(*scripts) as (server, ask):
            replies = []
            for _ in range(times):
                replies.append(await ask(seconds))
                await asyncio.sleep(0.02)  # time to notice a connection that the server has closed
            return replies, server

    return run(go())


@pytest.mark.parametrize(
    ("reply", "close"),
    [(GOOD, False), (CHUNKED, False), (ENDLESS, True), (CONTINUE + GOOD, False), (ZIPPED, False), (GOOD, True)],
)
def test_every_way_to_end_a_body_gives_the_same_reply(reply, close):
    replies, server = play(([reply], close), times=2)
    assert [(item.status, item.body) for item in replies] == [(200, b"hello")] * 2
    assert server.connections == (2 if close else 1), "kept alive where the server allows it"


@settings(max_examples=40, deadline=None)
@given(
    reply=st.sampled_from([GOOD, CHUNKED, CONTINUE + GOOD, ZIPPED]),
    cuts=st.lists(st.integers(0, 120), max_size=8),
)
def test_however_the_bytes_are_cut_the_reply_is_the_same(reply, cuts):
    """Kills: counting a body by pieces, or ending at the first."""
    places = sorted({min(cut, len(reply)) for cut in cuts} | {0, len(reply)})
    pieces = [reply[first:last] for first, last in pairwise(places)]
    replies, _ = play((pieces, False), times=2)
    assert [item.body for item in replies] == [b"hello"] * 2


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_garbage_is_a_problem_and_never_anything_else(data, close):
    try:
        replies, _ = play(([data], True), seconds=0.5)
    except (ReplyProblem, ConnectionProblem, TimeoutError):
        return
    assert data.startswith(b"HTTP/") and replies


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([GOOD[:-2]], ConnectionProblem),
        ([CHUNKED[:-7]], ConnectionProblem),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000], ReplyProblem),
        ([b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx"], ReplyProblem),
        (
            [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(BOMB), BOMB)],
            ReplyProblem,
        ),
        ([b"SMTP ready\r\n"], ReplyProblem),
    ],
)
def test_half_and_hostile_replies_are_problems(pieces, error):
    """Kills: taking what came before the end for the body; unpacking without a limit."""
    with pytest.raises(error):
        play((pieces, True))


def test_a_connection_closed_while_idle_is_replaced_without_a_word(monkeypatch):
    """Kills: taking the end of an idle connection for trouble of the server."""
    monkeypatch.setattr("retold.engines.connections.IDLE_SECONDS", 0.0)

    async def go():
        async with talking(([GOOD], False)) as (server, ask):
            await ask()
            server.scripts = [([GOOD], True), ([], True), ([GOOD], False)]
            assert (await ask()).body == b"hello"
            return server

    assert run(go()).connections >= 1


def test_bytes_after_a_reply_end_its_connection():
    """Kills: handing the surplus of one reply to the next request."""
    replies, server = play(([GOOD + GOOD], False), ([GOOD.replace(b"hello", b"other")], False), times=2)
    assert replies[1].body == b"other" and server.connections == 2


def test_a_late_reply_is_a_timeout_and_closes_the_connection():
    async def go():
        async with talking(([], False), ([GOOD], False)) as (server, ask):
            with pytest.raises(TimeoutError):
                await ask(0.1)
            assert (await ask()).body == b"hello"
            return server

    assert run(go()).connections == 2


def test_nobody_there_is_said_and_nothing_was_sent():
    async def go():
        connections = Connections()
        address = Address.of("http://127.0.0.1:9/v1")
        with pytest.raises(ConnectionProblem, match="cannot connect") as caught:
            await connections.request(address, request_bytes("POST", address, "/x", ""), 2.0)
        assert not caught.value.sent

    run(go())


def test_of_several_addresses_of_a_name_the_next_one_is_tried():
    """`localhost` is often ::1 first, where a server listens on 127.0.0.1 alone. Kills: trying the first alone."""

    async def go():
        async with talking(([GOOD], False)) as (server, _):
            connections, port = Connections(), server.port
            address = Address.of(f"http://two-addresses.test:{port}/v1")
            places = [("127.0.0.1", 9), ("127.0.0.1", port)]
            connections._names[(address.host, port)] = (float("inf"), places)
            try:
                data = request_bytes("POST", address, "/x", "", b"{}")
                return (await connections.request(address, data, 5.0)).body, server.requests
            finally:
                connections.close()

    body, requests = run(go())
    assert body == b"hello" and b"Host: two-addresses.test" in requests[0]


def test_a_name_without_an_address_is_a_connection_problem():
    """Kills: an error of the resolver that nobody catches."""

    async def go():
        connections = Connections()
        address = Address.of("http://no-such-host.invalid/v1")
        with pytest.raises(ConnectionProblem, match="cannot connect") as caught:
            await connections.request(address, request_bytes("POST", address, "/x", ""), 20.0)
        assert not caught.value.sent

    run(go())
