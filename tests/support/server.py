"""A real OpenAI-compatible server on loopback that answers from a script and misbehaves on request.

`async with TestServer(["reset", "ok"]) as server:` plays one behaviour per prompt, the last one for ever; canaries are
counted apart and have behaviours of their own. A good answer is a function of the prompt and of `weights`, so a test
can tell which model said what. `rule` (of the prompt's text) may choose another behaviour for some prompts.
`owner` is which kind of server it says it is, `binds` the fields by which it lets itself be bound; it ignores others.
Behaviours: ok, throttle (429 with Retry-After), busy (503 with Retry-After), broken (500), hang, reset, half, not_json,
error_body, no_choices, other_choice, two_choices (in the wrong order), swapped (the reply to another prompt, with its
id), html (of a proxy, with status 200), chunked_half (a chunked body that ends in the middle), closing (a good answer,
and the connection ends after it without a word), not_found, bad_request, no_key, no_usage, cut_off, filtered, huge,
elsewhere, unknown_end, slow (`slow_seconds` more), die (the whole server goes down for `down_seconds`, or for good).
As vLLM does, it gives the name of a request (X-Request-Id) back in its reply.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import orjson
from aiohttp import web

from retold.core.fingerprint import digest

RETRY_AFTER = "0.05"
CANARY = "Count from one to ten"


class TestServer:
    """Listens while open. `bodies` are the parsed requests, `url` the address to give to an engine."""

    __test__ = False

    def __init__(
        self,
        behaviours: Sequence[str] = ("ok",),
        models: Sequence[str] = ("small",),
        port: int = 0,
        canary: Sequence[str] = ("ok",),
        rule: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.behaviours = list(behaviours)
        self.canary = list(canary)
        self.rule = rule
        self.weights = "small"
        self.canaries: list[dict] = []
        self.slow_seconds = 60.0
        self.down_seconds: float | None = 0.3
        self.deaths = 0
        self.metrics = ""
        self.places = 0
        self.owner = ""
        self.binds: frozenset[str] = frozenset()
        self._reviving: asyncio.Task | None = None
        self.models = list(models)
        self.port = port
        self.retry_after: dict[str, str] = {"Retry-After": RETRY_AFTER}
        self.sent_at: list[float] = []
        self.named: list[tuple[str, dict]] = []
        self.bodies: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.most_in_flight = self.in_flight = 0
        self.seconds = 0.0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> TestServer:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/completions", self._complete)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list)
        app.router.add_get("/metrics", self._tell)
        app.router.add_get("/props", self._describe)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await self._listen()
        return self

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await self._site.start()
        self.port = self._site._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Cut all connections, refuse new ones, and come back after `down_seconds` (None: never)."""
        self.deaths += 1
        with suppress(RuntimeError):
            await self._site.stop()
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        if self.down_seconds is not None and (self._reviving is None or self._reviving.done()):
            self._reviving = asyncio.create_task(self._revive())

    async def _revive(self) -> None:
        await asyncio.sleep(self.down_seconds)
        await self._listen()

    async def __aexit__(self, *_error: object) -> None:
        if self._reviving is not None:
            self._reviving.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _list(self, _request: web.Request) -> web.Response:
        owner = {"owned_by": self.owner} if self.owner else {}
        listed = [{"id": name, "object": "model", **owner} for name in self.models]
        return web.json_response({"object": "list", "data": listed})

    async def _tell(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.metrics) if self.metrics else web.Response(status=404)

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.json_response({"total_slots": self.places}) if self.places else web.Response(status=404)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        text = str(body.get("prompt") or body.get("messages"))
        asked, played = (self.canaries, self.canary) if CANARY in text else (self.bodies, self.behaviours)
        behaviour = self.rule(text) or played[min(len(asked), len(played) - 1)]
        asked.append(body)
        self.sent_at.append(time.monotonic())
        if asked is self.bodies:
            self.named.append((request.headers.get("X-Request-Id", ""), body))
        self.headers.append(dict(request.headers))
        if body["model"] not in self.models:
            return _problem(404, f"The model `{body['model']}` does not exist.")
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.seconds)
            return await self._behave(behaviour, request, body)
        finally:
            self.in_flight -= 1

    async def _behave(self, behaviour: str, request: web.Request, body: dict) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        refusals = {
            "throttle": (429, "slow down", self.retry_after),
            "busy": (503, "loading", self.retry_after),
            "not_found": (404, f"The model `{body['model']}` does not exist.", {}),
            "broken": (500, "out of memory", {}),
            "bad_request": (400, "this prompt is too long", {}),
            "no_key": (401, f"Incorrect API key provided: {key}", {}),
            "elsewhere": (307, "moved", {"Location": "http://127.0.0.1:9/v1"}),
        }
        if behaviour in refusals:
            return _problem(*refusals[behaviour])
        if behaviour == "slow":
            await asyncio.sleep(self.slow_seconds)
        if behaviour == "die":
            await self.die()
            return web.Response()
        if behaviour == "hang":
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
        if behaviour in ("reset", "hang"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if behaviour == "html":
            return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")
        name = request.headers.get("X-Request-Id", "")
        if behaviour == "swapped" and len(self.bodies) > 1:
            name, body = self._another(name, body)
        data = _reply(behaviour, body, self.weights, self.binds, name)
        if behaviour == "half":
            response = web.StreamResponse(headers={"Content-Length": str(len(data))})
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            request.transport.close()
            return response
        if behaviour == "chunked_half":
            response = web.StreamResponse()
            response.enable_chunked_encoding()
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            request.transport.close()
            return response
        if behaviour == "closing":
            asyncio.get_running_loop().call_later(0.001, request.transport.close)
        return web.Response(body=data, content_type="application/json")

    def _another(self, name: str, body: dict) -> tuple[str, dict]:
        """Name and body of the last request that was another one."""
        others = ((one, other) for one, other in reversed(self.named) if other["prompt"] != body["prompt"])
        return next(others, (name, body))


def _problem(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


def answer_to(text: str, weights: str = "small") -> str:
    """What a model with these weights says to a prompt."""
    return f" answer of {weights} to {digest(text)[:12]}"


def _bound(body: dict, binds: frozenset[str]) -> str:
    """What an answer is bound to by the fields that this server knows, "" if by none."""
    if binds & body.keys() & {"grammar", "ebnf", "structured_outputs"}:
        return "zebra"
    return '{"animal": "zebra"}' if binds & body.keys() & {"json_schema", "response_format"} else ""


def _reply(behaviour: str, body: dict, weights: str, binds: frozenset[str], name: str) -> bytes:
    """A good answer, or what the behaviour makes of it."""
    if behaviour == "not_json":
        return b"<html>gateway</html>"
    if behaviour == "error_body":
        return orjson.dumps({"error": {"message": "engine is dead"}})
    if behaviour == "huge":
        return b" " * (17 << 20)
    chat = "messages" in body
    text = answer_to(str(body.get("prompt") or body.get("messages")), weights)
    text = _bound(body, binds) or text
    finish = {"cut_off": "length", "filtered": "content_filter", "unknown_end": "abort"}.get(behaviour, "stop")
    choice = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    if "logprobs" in binds and body.get("logprobs"):
        told = {"content": [{"logprob": -0.5}, {"logprob": -1.5}]} if chat else {"token_logprobs": [-0.5, -1.5]}
        choice["logprobs"] = told
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}
    reply = {"choices": [{"index": 0, **choice, "finish_reason": finish}], "model": body["model"], "usage": usage}
    reply["id"] = f"cmpl-{name}"
    if behaviour == "two_choices":
        reply["choices"].insert(0, {**reply["choices"][0], "text": " another answer", "index": 1})
    if behaviour == "no_usage":
        del reply["usage"]
    if behaviour == "no_choices":
        reply["choices"] = []
    if behaviour == "other_choice":
        reply["choices"][0]["index"] = 1
    return orjson.dumps(reply)


@contextmanager
def serving(*servers: TestServer) -> Iterator[Callable]:
    """The servers, on a loop of their own in another thread; `at(seconds, coroutine function)` schedules a deed."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def call(coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(20)

    async def later(seconds, deed):
        await asyncio.sleep(seconds)
        await deed()

    async def clear():
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    for server in servers:
        call(server.__aenter__())
    try:
        yield lambda seconds, deed: asyncio.run_coroutine_threadsafe(later(seconds, deed), loop)
    finally:
        for server in servers:
            call(server.__aexit__())
        call(clear())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
