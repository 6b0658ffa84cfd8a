"""HTTP/1.1 over keep-alive connections, as little of it as a driver of many requests needs.

In: method, address, headers, body, a deadline. Out: `Reply` (status, headers, body), or TimeoutError, or
`ConnectionProblem` saying whether anything was sent. Replies are parsed by llhttp (`httptools`), on protocols of the
event loop itself: no task, stream or lock for each request. `benchmarks/http_driver.py` has figures beside others.

A connection that the server closed while it lay idle is noticed, or found out when it ends before the first byte of a
reply: then the request is sent once more on a new one. No redirect is followed, and no proxy or .netrc of the
environment is used: either would carry key and text elsewhere. A reply may have 16 MB, unpacked too.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections import deque
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

MOST_BYTES = 16 << 20
MOST_HEADER_BYTES = 64 << 10
CONNECT_SECONDS = 15.0
CONNECTING_AT_ONCE = 128
# Servers close connections that lay idle, uvicorn after 5 s; one that was used a moment ago and ends is real trouble.
IDLE_SECONDS = 1.0
NAMES_KEPT_SECONDS = 60.0


class ConnectionProblem(OSError):
    """No whole reply came. `sent`: the request had left, so the server may have worked on it."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class ReplyProblem(Exception):
    """What came is no HTTP reply, or too large. The message says what."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and the path that all requests share."""

    host: str
    port: int
    secure: bool
    path: str
    header: str

    @classmethod
    def of(cls, url: str) -> Address:
        """From `https://host:port/path`."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        host = parts.hostname or ""
        return cls(host, parts.port or (443 if secure else 80), secure, parts.path.rstrip("/"), parts.netloc)


class Connection(asyncio.Protocol):
    """One connection, one request at a time. Its methods named on_* are called by the parser."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.usable = False
        self.began = False
        self.idle_since = 0.0
        self._future: asyncio.Future[Reply] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._header_bytes = 0
        self._in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self.transport, self.usable = cast(asyncio.Transport, transport), True  # uvloop's is no subclass

    def ask(self, data: bytes, seconds: float, loop: asyncio.AbstractEventLoop) -> asyncio.Future[Reply]:
        """Send; the future holds the reply, or ConnectionProblem, ReplyProblem, TimeoutError."""
        assert self.transport is not None
        future: asyncio.Future[Reply] = loop.create_future()
        self._future, self.began = future, False
        timer = loop.call_later(seconds, self._late)
        future.add_done_callback(lambda _: timer.cancel())
        self.transport.write(data)
        return future

    def close(self) -> None:
        """Close at once, whatever is under way."""
        self.usable = False
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._future is None or self._future.done():
            self.close()  # bytes that nobody asked for: whatever follows cannot be trusted
            return
        self.began = True
        if not self._in_body:
            self._header_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(ReplyProblem("the server changes the protocol"))
        except httptools.HttpParserError as error:
            if not self._future.done():
                self._fail(ReplyProblem(f"the reply is not HTTP: {error}"))
            else:
                self.close()
        if not self._in_body and self._header_bytes > MOST_HEADER_BYTES:
            self._fail(ReplyProblem("the reply's headers are too large"))

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if self._future is None or self._future.done():
            self.usable = False  # a second reply to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._in_body = True

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._body += data
        if len(self._body) > MOST_BYTES:
            self._fail(ReplyProblem(f"the reply is larger than {MOST_BYTES >> 20} MB"))

    def on_message_complete(self) -> None:
        """Called by the parser."""
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            self._headers, self._in_body = {}, False  # a note that the reply is still to come
            return
        if not self._parser.should_keep_alive():
            self.usable = False
        self._finish(status)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the loop. Without a length, the end of the connection is the end of the body."""
        self.usable = False
        if self._future is None or self._future.done():
            return
        endless = "content-length" not in self._headers and "chunked" not in self._headers.get("transfer-encoding", "")
        if error is None and self._in_body and endless:
            self._finish(self._parser.get_status_code())
            return
        what = "broke off in the middle of a reply" if self.began else "closed the connection without a reply"
        self._future.set_exception(ConnectionProblem(f"the server {what}" + (f": {error}" if error else ""), sent=True))

    def _finish(self, status: int) -> None:
        future, headers, body = self._future, self._headers, bytes(self._body)
        self._headers, self._body, self._header_bytes, self._in_body = {}, bytearray(), 0, False
        if future is None or future.done():
            return
        try:
            future.set_result(Reply(status, headers, _unpacked(body, headers.get("content-encoding", ""))))
        except ReplyProblem as problem:
            self._fail(problem)

    def _fail(self, problem: Exception) -> None:
        self.close()
        if self._future is not None and not self._future.done():
            self._future.set_exception(problem)

    def _late(self) -> None:
        self._fail(TimeoutError())


class Connections:
    """A pool of connections to any number of addresses. For one event loop; `close` it."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int, bool], deque[Connection]] = {}
        self._busy: set[Connection] = set()
        self._connecting = asyncio.Semaphore(CONNECTING_AT_ONCE)
        self._names: dict[tuple[str, int], tuple[float, list[tuple[str, int]]]] = {}
        self._context: ssl.SSLContext | None = None

    def close(self) -> None:
        """Close all connections."""
        for connection in [*self._busy, *(item for idle in self._idle.values() for item in idle)]:
            connection.close()
        self._idle.clear()

    async def request(self, address: Address, data: bytes, seconds: float) -> Reply:
        """Send `data` (a whole request) and wait for the reply.

        Raises TimeoutError, ConnectionProblem or ReplyProblem. Cancelled, it closes the connection.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        end = began + seconds
        connection = self._take(address)
        if connection is not None:
            try:
                return await self._ask(connection, address, data, end - loop.time(), loop)
            except ConnectionProblem:
                if connection.began or began - connection.idle_since < IDLE_SECONDS:
                    raise
                # It was closed while it lay idle: that says nothing about the server.
        async with asyncio.timeout_at(end):
            fresh = await self._connect(address, loop)
        return await self._ask(fresh, address, data, end - loop.time(), loop)

    async def _ask(
        self, connection: Connection, address: Address, data: bytes, seconds: float, loop: asyncio.AbstractEventLoop
    ) -> Reply:
        self._busy.add(connection)
        try:
            reply = await connection.ask(data, seconds, loop)
        except BaseException:
            connection.close()
            raise
        finally:
            self._busy.discard(connection)
        if connection.usable:
            connection.idle_since = loop.time()
            self._idle.setdefault((address.host, address.port, address.secure), deque()).append(connection)
        else:
            connection.close()
        return reply

    def _take(self, address: Address) -> Connection | None:
        idle = self._idle.get((address.host, address.port, address.secure))
        while idle:
            connection = idle.pop()  # the one used last: the others may fall out of use and be closed
            if connection.usable and connection.transport is not None and not connection.transport.is_closing():
                return connection
        return None

    async def _connect(self, address: Address, loop: asyncio.AbstractEventLoop) -> Connection:
        async with self._connecting:
            problem: Exception = OSError("the name has no address")
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    for host, port in await self._resolve(address, loop):
                        try:
                            name = address.host if address.secure else None
                            made = await loop.create_connection(
                                Connection, host, port, ssl=self._tls(address), server_hostname=name
                            )
                            return made[1]
                        except OSError as error:
                            problem = error
            except TimeoutError:
                problem = OSError(f"no connection within {CONNECT_SECONDS:g} s")
            except OSError as error:
                problem = error
        raise ConnectionProblem(f"cannot connect: {problem}", sent=False)

    def _tls(self, address: Address) -> ssl.SSLContext | None:
        if address.secure and self._context is None:
            self._context = ssl.create_default_context()
        return self._context if address.secure else None

    async def _resolve(self, address: Address, loop: asyncio.AbstractEventLoop) -> list[tuple[str, int]]:
        key = (address.host, address.port)
        known = self._names.get(key)
        if known is None or time.monotonic() > known[0]:
            found = await loop.getaddrinfo(address.host, address.port, type=1)
            places = list(dict.fromkeys((str(entry[4][0]), int(entry[4][1])) for entry in found))
            known = self._names[key] = (time.monotonic() + NAMES_KEPT_SECONDS, places)
        return known[1]


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate", "x-gzip"):
        raise ReplyProblem(f"the reply is packed as {encoding[:20]!r}, which was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        data = unpacking.decompress(body, MOST_BYTES + 1)
    except zlib.error as error:
        raise ReplyProblem(f"the reply cannot be unpacked: {error}") from None
    if len(data) > MOST_BYTES or not unpacking.eof:
        raise ReplyProblem("the reply is too large or broken off when unpacked")
    return data


def request_bytes(method: str, address: Address, path: str, headers: str, body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request. `headers` are lines that end in CR LF."""
    head = f"{method} {address.path}{path} HTTP/1.1\r\nHost: {address.header}\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
