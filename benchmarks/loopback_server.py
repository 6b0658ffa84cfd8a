"""A server that costs almost nothing and answers after a drawn latency: what is left is the driver.

    python benchmarks/loopback_server.py --port 8123 --core 1 --latency 1.0            each answer after 1 s
    python benchmarks/loopback_server.py --port 8123 --core 1 --latency 20 --spread 0.35   log-normal, mean 20 s

Speaks enough of the OpenAI interface for every client of the benchmark: /v1/completions, /v1/chat/completions,
/v1/models, /health. The latency of the n-th request is a function of n and the seed, so an ideal driver's time can be
computed. A short request that asks for few tokens (a canary) takes its share of the mean, as it does where tokens are
made one after the other. The text has 1.5 kB.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
from collections.abc import Iterator

import httptools
import orjson
import uvloop

TEXT = " ".join(f"Sentence {number} says what the passage says in other words." for number in range(26))[:1500]
TOKENS = 330
USAGE = {"prompt_tokens": 1400, "completion_tokens": TOKENS, "total_tokens": 1400 + TOKENS}
SHORT_BYTES = 1000


def latencies(mean: float, spread: float, seed: int = 7) -> Iterator[float]:
    """Seconds for the first, second, ... request: all `mean`, or log-normal with this mean and this sigma."""
    draw = random.Random(seed)
    while True:
        yield mean if not spread else mean * math.exp(draw.gauss(0.0, spread) - spread * spread / 2)


def body(chat: bool) -> bytes:
    """A whole reply."""
    choice = {"message": {"role": "assistant", "content": TEXT}} if chat else {"text": TEXT}
    whole = {"id": "x", "object": "completion", "created": 1, "model": "bench", "usage": USAGE}
    return orjson.dumps({**whole, "choices": [{"index": 0, "finish_reason": "stop", **choice}]})


def packed(data: bytes, kind: str = "application/json") -> bytes:
    """A reply with its headers."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


MODELS = packed(orjson.dumps({"object": "list", "data": [{"id": "bench", "object": "model"}]}))
TEXTS = {False: packed(body(False)), True: packed(body(True))}


class Protocol(asyncio.Protocol):
    """One connection."""

    waiting: Iterator[float]
    mean: float

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.path = b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.path = url
        self.asked = b""

    def on_body(self, data: bytes) -> None:
        if len(self.asked) <= SHORT_BYTES:
            self.asked += data

    def on_message_complete(self) -> None:
        if self.parser.get_method() == b"GET":
            self.transport.write(MODELS)
            return
        reply = TEXTS[b"/chat/" in self.path]
        # Asked now: afterwards the parser speaks of the next request.
        goes_on = self.parser.should_keep_alive()
        asyncio.get_running_loop().call_later(self.seconds(), self.answer, reply, goes_on)

    def seconds(self) -> float:
        """How long this request takes."""
        if len(self.asked) < SHORT_BYTES:
            tokens = orjson.loads(self.asked).get("max_tokens") or TOKENS
            if tokens < TOKENS:
                return self.mean * tokens / TOKENS
        return next(self.waiting)

    def answer(self, reply: bytes, goes_on: bool) -> None:
        if not self.transport.is_closing():
            self.transport.write(reply)
            if not goes_on:
                self.transport.close()


async def serve(arguments: argparse.Namespace) -> None:
    Protocol.mean = arguments.latency
    Protocol.waiting = latencies(arguments.latency, arguments.spread)
    server = await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", arguments.port, backlog=8192)
    print("ready", flush=True)
    await server.serve_forever()


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--port", type=int, required=True)
    reader.add_argument("--core", type=int, default=-1)
    reader.add_argument("--latency", type=float, default=1.0)
    reader.add_argument("--spread", type=float, default=0.0)
    arguments = reader.parse_args()
    if arguments.core >= 0:
        os.sched_setaffinity(0, {arguments.core})
    uvloop.run(serve(arguments))


if __name__ == "__main__":
    main()
