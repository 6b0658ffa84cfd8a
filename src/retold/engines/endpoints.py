"""Several servers behind one engine: who gets the next prompt, and who rests.

Each address has a health of its own. After `FAILURES_TO_REST` failures in a row it rests, each time twice as long (1 s
to 60 s), and comes back with one prompt as a probe. Where it asks for patience (429, 503 with Retry-After) it rests as
long as it asks and then takes half as many prompts at a time. How many it takes is found by `knee.py`.

Prompts of one document go to one address while that is not much busier than the others (prefix caches), else to the
least busy one. Nothing here decides what is answered, only where.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from retold.core.errors import EngineError
from retold.core.fingerprint import digest
from retold.engines.knee import Knee

FAILURES_TO_REST = 3
LONGEST_REST = 60.0
# How many more prompts than the least busy address one may hold and still get those of its documents.
_AFFINITY_SLACK = 8


class Endpoint:
    """One address: prompts in flight, failures in a row, and until when it rests (monotonic seconds)."""

    def __init__(self, url: str, knee: Knee) -> None:
        self.url = url
        self.knee = knee
        self.in_flight = 0
        self.failures = 0
        self.rests_until = 0.0
        self.last_error = ""
        self.reserved = False
        self.set_aside = ""
        self.was_away = False

    @property
    def limit(self) -> int:
        """How many prompts it takes at a time."""
        return self.knee.limit

    def ready(self, now: float) -> bool:
        """Whether it may get a prompt now. An address that failed in a row gets one at a time until it answers."""
        if self.reserved or self.set_aside or self.was_away:
            return False
        limit = 1 if self.failures >= FAILURES_TO_REST else self.limit
        return now >= self.rests_until and self.in_flight < limit

    def succeeded(self) -> None:
        """It answered, whatever it said."""
        self.failures, self.last_error = 0, ""

    def failed(self, error: str, now: float) -> None:
        """No usable answer came: refused, broken off, too late, or nonsense.

        What was on its way when the address went to rest says nothing new, or an outage with many prompts in flight
        would lead to the longest rest at once.
        """
        self.last_error = error
        if now < self.rests_until:
            return
        self.failures += 1
        if self.failures >= FAILURES_TO_REST:
            rest = min(LONGEST_REST, 2.0 ** min(10, self.failures - FAILURES_TO_REST))
            # The spread is to keep many clients of one server apart; it decides nothing that is written.
            self.rests_until = now + rest * random.uniform(0.8, 1.2)

    def told_to_wait(self, seconds: float, now: float) -> None:
        """It is alive and asks for patience: one halving for all prompts that it turns away together."""
        if now >= self.rests_until:
            self.knee.told_to_wait()
        self.rests_until = max(self.rests_until, now + seconds)


class Endpoints:
    """The addresses of one engine, for one event loop."""

    def __init__(self, urls: Sequence[str], knee: Callable[[], Knee], patience: float, affinity: bool = True) -> None:
        self.all = tuple(Endpoint(url, knee()) for url in urls)
        self.patience = patience
        self.affinity = affinity
        self.last_answer = time.monotonic()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turn = 0

    @property
    def capacity(self) -> int:
        """Prompts that the addresses that answer take together, at least 1."""
        alive = [
            endpoint.limit for endpoint in self.all if endpoint.failures < FAILURES_TO_REST and not endpoint.set_aside
        ]
        return max(1, sum(alive))

    @property
    def waiting(self) -> bool:
        """Whether prompts wait for an address."""
        return any(not future.done() for future in self._waiting)

    async def take(self, document: str, avoid: Endpoint | None = None) -> Endpoint:
        """Wait for an address and count one prompt to it, not `avoid` (where it just failed) if another is ready.

        Raises EngineError if none has answered for too long.
        """
        while True:
            now = time.monotonic()
            ready = [endpoint for endpoint in self.all if endpoint.ready(now)]
            if ready:
                chosen = self._choose([endpoint for endpoint in ready if endpoint is not avoid] or ready, document)
                chosen.in_flight += 1
                return chosen
            self.check_patience(now)
            await self._wait(now)

    def give_back(self, endpoint: Endpoint, answered: bool) -> None:
        """Count one prompt less, and let one that waits look again."""
        endpoint.in_flight -= 1
        if answered:
            self.last_answer = time.monotonic()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                break

    def wake(self) -> None:
        """Let all that wait look again."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)

    def check_patience(self, now: float) -> None:
        """Raise EngineError if every address fails and none has answered within the patience."""
        silent = now - self.last_answer
        left = [endpoint for endpoint in self.all if not endpoint.set_aside]
        if not left:
            raise EngineError(
                f"no server is left: {'; '.join(f'{item.url}: {item.set_aside}' for item in self.all)}",
                "what is done is kept; declare another revision: beside http if another model is meant",
            )
        if silent > self.patience and all(item.failures >= FAILURES_TO_REST or item.was_away for item in left):
            errors = "; ".join(f"{endpoint.url}: {endpoint.last_error}" for endpoint in self.all)
            raise EngineError(
                f"no server has answered for {silent:.0f} s ({errors})",
                "what is done is kept: bring a server back and run the same command again",
            )

    def _choose(self, ready: list[Endpoint], document: str) -> Endpoint:
        least = min(endpoint.in_flight for endpoint in ready)
        if self.affinity and document and len(ready) > 1:
            favourite = max(ready, key=lambda endpoint: digest(document, endpoint.url))
            if favourite.in_flight <= least + _AFFINITY_SLACK:
                return favourite
        idle = [endpoint for endpoint in ready if endpoint.in_flight == least]
        self._turn += 1
        return idle[self._turn % len(idle)]

    async def _wait(self, now: float) -> None:
        rests = [endpoint.rests_until - now for endpoint in self.all if endpoint.rests_until > now]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        with suppress(TimeoutError):
            await asyncio.wait_for(future, max(0.01, min([1.0, *rests])))
