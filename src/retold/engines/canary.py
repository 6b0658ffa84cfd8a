"""Is it still the same model? A fixed greedy prompt, asked now and then, and answers held back until it was right.

Servers report a name, and behind a name anything may be started. So every address is asked the canary when the engine
opens: all must give one answer, and it must be the one that the store knows of this identity. While answers come in,
they are held back and released only after a *later* right canary of the same address, taken about every `SECONDS` (less
often where the canary itself takes long: at most one part in fifty of the time), and at once where nothing more is in
flight. A wrong canary sets the address aside, and what is held of it is thrown away and asked again elsewhere: nothing
that another model said is ever data. A SIGKILL loses what is held: answers of at most `SECONDS` (or of fifty times what
a canary takes, where that is longer: 50 s where it takes one), and of one canary.

A slow server that is full keeps a canary waiting behind prompts. What it takes is therefore the quickest one so far
(with a minute of waiting counted, the next came 50 minutes later), and one that comes too late throws nothing away as
long as the address answers others.

Another digest may also mean other hardware: rounding differs. Then say `canary: false`, or give it a name of its own.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from retold.core.document import Prompt, Sampling, Segment, Turn
from retold.core.errors import EngineError
from retold.engines.endpoints import Endpoint

CANARY = Prompt(
    request_id="canary",
    turns=(Turn("user", (Segment("Count from one to ten in words, separated by commas.", trusted=True),)),),
    sampling=Sampling(temperature=0.0, top_p=1.0, top_k=1, repeat_penalty=1.0, max_tokens=16, seed=None),
)
SECONDS = 10.0
SHARE_OF_TIME = 50.0
IDLE_SECONDS = 0.2
RETRY_SECONDS = 1.0
GIVE_UP_SECONDS = 30.0
GIVE_UP_BUSY_SECONDS = 900.0
"""Without a canary, where the address answers other prompts."""

Ask = Callable[[Endpoint], Awaitable[str | None]]
"""Asks an address the canary: the digest of its answer, or None where none came."""


@dataclass
class _Watch:
    """One address: futures of held answers (with the time they came), and whether a canary is under way."""

    held: list[tuple[float, asyncio.Future[bool]]] = field(default_factory=list)
    taken: float = 0.0
    took: float = 0.0
    quickest: float = math.inf
    task: asyncio.Task[None] | None = None
    hurry: asyncio.Event = field(default_factory=asyncio.Event)


class Canaries:
    """Holds answers and releases them. For one event loop."""

    def __init__(self, ask: Ask, expected: str, all_endpoints: tuple[Endpoint, ...]) -> None:
        self.expected = expected
        self._ask = ask
        self._all = all_endpoints
        self._watches = {endpoint.url: _Watch() for endpoint in all_endpoints}

    @property
    def held(self) -> int:
        """Answers that wait for a canary."""
        return sum(len(watch.held) for watch in self._watches.values())

    async def confirm(self, endpoint: Endpoint, grown: Callable[[], None] = lambda: None) -> bool:
        """Wait until the address that gave an answer has shown itself once more. False: the answer does not count.

        `grown` is called as soon as it is counted as held.
        """
        watch = self._watches[endpoint.url]
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        watch.held.append((time.monotonic(), future))
        grown()
        if watch.task is None or watch.task.done():
            watch.task = asyncio.create_task(self._watch(endpoint, watch))
        if endpoint.in_flight == 0:
            asyncio.get_running_loop().call_later(IDLE_SECONDS, self._if_idle, endpoint, watch)
        return await future

    def passed(self, endpoint: Endpoint, took: float = math.inf) -> None:
        """A right canary was taken elsewhere (when opening, or after the address had been away), in `took` seconds."""
        watch = self._watches[endpoint.url]
        watch.taken, watch.quickest = time.monotonic(), min(watch.quickest, took)

    def wrong(self, endpoint: Endpoint) -> None:
        """Set an address aside. Raises EngineError where none is left."""
        endpoint.set_aside = "another model answers under this name"
        self._release(self._watches[endpoint.url], time.monotonic(), False)
        if all(other.set_aside for other in self._all):
            raise EngineError(
                "another model answers under this name than the one that this store has answers of "
                f"({', '.join(other.url for other in self._all)})",
                "if that is meant, declare it: revision: NAME beside http (its answers are then kept apart); "
                "if the servers cannot repeat an answer, say canary: false",
            )

    async def settle(self) -> None:
        """Take all canaries that answers wait for now."""
        tasks = []
        for watch in self._watches.values():
            if watch.held and watch.task is not None:
                watch.hurry.set()
                tasks.append(watch.task)
        await asyncio.gather(*tasks)

    async def close(self) -> None:
        """Nothing is released any more."""
        tasks = [watch.task for watch in self._watches.values() if watch.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _if_idle(self, endpoint: Endpoint, watch: _Watch) -> None:
        if endpoint.in_flight == 0 and watch.held:
            watch.hurry.set()

    async def _watch(self, endpoint: Endpoint, watch: _Watch) -> None:
        """While answers are held: wait, ask, release."""
        failing = 0.0
        while watch.held:
            due = watch.taken + max(SECONDS, SHARE_OF_TIME * watch.took) - time.monotonic()
            if not failing:
                await self._pause(watch, max(0.0, due))
            begun, digest = await self._asked(endpoint, watch)
            now = time.monotonic()
            if digest is None:
                failing = failing or begun
                patience = GIVE_UP_BUSY_SECONDS if endpoint.answered_at > failing else GIVE_UP_SECONDS
                if now - failing > patience:
                    self._release(watch, now, False)  # it went away before it could confirm them
                    return
                await asyncio.sleep(RETRY_SECONDS)
            elif digest == self.expected:
                watch.took = watch.quickest = min(watch.quickest, now - begun)
                failing, watch.taken = 0.0, now
                self._release(watch, begun, True)
            else:
                try:
                    self.wrong(endpoint)
                except EngineError:
                    return  # whoever asks next is told

    async def _asked(self, endpoint: Endpoint, watch: _Watch) -> tuple[float, str | None]:
        """When a canary was asked, and the digest of its answer.

        Where the last answers come while it is under way, they need a later one: that is asked at once beside it, so
        that the end of a run waits for one canary and not for two.
        """
        watch.hurry.clear()
        begun = time.monotonic()
        canary = asyncio.ensure_future(self._ask(endpoint))
        urgent = asyncio.ensure_future(watch.hurry.wait())
        later: asyncio.Future[str | None] | None = None
        try:
            await asyncio.wait((canary, urgent), return_when=asyncio.FIRST_COMPLETED)
            if canary.done():
                return begun, canary.result()
            watch.hurry.clear()
            again = time.monotonic()
            later = asyncio.ensure_future(self._ask(endpoint))
            digest = await canary
            if digest is not None and digest != self.expected:
                return begun, digest
            if digest is not None:
                self._release(watch, begun, True)
            return again, await later
        finally:
            for question in (canary, urgent, later):
                if question is not None:
                    question.cancel()

    async def _pause(self, watch: _Watch, seconds: float) -> None:
        try:
            await asyncio.wait_for(watch.hurry.wait(), seconds)
        except TimeoutError:
            return

    @staticmethod
    def _release(watch: _Watch, before: float, good: bool) -> None:
        """Those that came before the canary was asked, or all where it was wrong."""
        kept = []
        for came, future in watch.held:
            if good and came > before:
                kept.append((came, future))
            elif not future.done():
                future.set_result(good)
        watch.held = kept
