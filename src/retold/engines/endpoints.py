"""Several servers behind one engine: who gets the next prompt, and who rests.

Each address has a health of its own. After `FAILURES_TO_REST` failures in a row it rests, each time twice as long (1 s
to 60 s), and comes back with one prompt as a probe. Where it asks for patience (429, 503 with Retry-After) it rests as
long as it asks and then takes half as many prompts at a time. How many it takes is found by `knee.py`.

Prompts of one document go to one address (prefix caches) and wait there for room, unless another one has room and much
less to do. For that some prompts more than there is room for are taken, so that no address stands idle while the next
prompts wait for another. Which address that is, is drawn by the document's id, so that it is the same next time, or is
the least busy one where the drawn one is busier. Measured with two llama.cpp servers of one slot, four styles of a
passage: 33 % of the prompt tokens are worked on; where prompts go to the next address with room, 55 %
(`benchmarks/prefix_reuse.py`). Nothing here decides what is answered, only where.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from retold.core.errors import EngineError
from retold.core.fingerprint import digest
from retold.engines.knee import Knee

FAILURES_TO_REST = 3
LONGEST_REST = 60.0
# How many prompts more than another one an address may have, waiting ones included, and still get its documents'.
_AFFINITY_SLACK = 8
# Documents whose address is remembered: many more than have prompts under way at a time.
_HOMES = 16_384


class Endpoint:
    """One address: prompts in flight, failures in a row, and until when it rests (monotonic seconds)."""

    def __init__(self, url: str, knee: Knee) -> None:
        self.url = url
        self.knee = knee
        self.in_flight = 0
        self.awaited = 0
        self.failures = 0
        self.rests_until = 0.0
        self.last_error = ""
        self.reserved = False
        self.set_aside = ""
        self.was_away = False
        self.cut_at = self.outlived = 0.0
        self.answered_at = 0.0
        self.gone = ""

    @property
    def limit(self) -> int:
        """How many prompts it takes at a time."""
        return self.knee.limit

    def ready(self, now: float) -> bool:
        """Whether it may get a prompt now. An address that failed in a row gets one at a time until it answers."""
        limit = 1 if self.failures >= FAILURES_TO_REST else self.limit
        return self.well(now) and self.in_flight < limit

    @property
    def load(self) -> int:
        """Prompts that it has, and that wait for it."""
        return self.in_flight + self.awaited

    def well(self, now: float) -> bool:
        """Whether it may get prompts at all, now or when there is room."""
        return now >= self.rests_until and not (self.reserved or self.set_aside or self.was_away)

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
        # Those that wait for one address for their document's sake, and (None) for any.
        self._waiting: dict[Endpoint | None, deque[asyncio.Future[None]]] = {None: deque()}
        self._homes: OrderedDict[str, Endpoint] = OrderedDict()
        self._turn = 0

    @property
    def capacity(self) -> int:
        """Prompts that the addresses that answer take together, at least 1, and some that wait for one of them."""
        alive = [
            endpoint.limit for endpoint in self.all if endpoint.failures < FAILURES_TO_REST and not endpoint.set_aside
        ]
        more = _AFFINITY_SLACK * len(alive) if self.affinity and len(alive) > 1 else 0
        return max(1, sum(alive) + more)

    @property
    def waiting(self) -> bool:
        """Whether prompts wait that any address could take."""
        return any(not future.done() for future in self._waiting[None])

    async def take(self, document: str, avoid: Endpoint | None = None) -> Endpoint:
        """Wait for an address and count one prompt to it, not `avoid` (where it just failed) if another is ready.

        Raises EngineError if none has answered for too long.
        """
        home: Endpoint | None = None
        while True:
            now = time.monotonic()
            if home is None or not home.well(now) or home.failures >= FAILURES_TO_REST:
                home = self._home(document, avoid, now)
            ready = [endpoint for endpoint in self.all if endpoint.ready(now)]
            ready = [endpoint for endpoint in ready if endpoint is not avoid] or ready
            if ready:
                chosen = self._choose(ready, home)
                if chosen is not None:
                    chosen.in_flight += 1
                    return chosen
            self.check_patience(now)
            await self._wait(now, home)

    def give_back(self, endpoint: Endpoint, answered: bool) -> None:
        """Count one prompt less, and let one that waits look again: first one that waits for this address."""
        endpoint.in_flight -= 1
        if answered:
            self.last_answer = time.monotonic()
        anybody = self._waiting[None]
        for futures in (self._waiting.get(endpoint, anybody), anybody, *self._waiting.values()):
            while futures:
                future = futures.popleft()
                if not future.done():
                    future.set_result(None)
                    return

    def wake(self) -> None:
        """Let all that wait look again."""
        for futures in self._waiting.values():
            while futures:
                future = futures.popleft()
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

    def check_waiting(self, waited: float, now: float, reason: str) -> None:
        """Raise EngineError where a prompt waits for longer than the patience, and nobody got an answer meanwhile."""
        waited = min([waited, *(now - endpoint.answered_at for endpoint in self.all)])
        if waited > self.patience:
            raise EngineError(
                f"for {waited:.0f} s every prompt was told to wait ({reason})",
                "what is done is kept: run the same command again later, with less in_flight, or with more patience",
            )

    def check_gone(self, fix: str) -> None:
        """Raise EngineError where no address has the model any more."""
        left = [endpoint for endpoint in self.all if not endpoint.set_aside]
        if all(endpoint.gone for endpoint in left):
            raise EngineError("; ".join(endpoint.gone for endpoint in left), fix)

    def _home(self, document: str, avoid: Endpoint | None, now: float) -> Endpoint | None:
        """The address of a document: where its last prompt went, as long as that one is well and not too busy."""
        if not self.affinity or not document or len(self.all) < 2:
            return None
        answering = [item for item in self.all if item is not avoid and item.failures < FAILURES_TO_REST]
        well = [endpoint for endpoint in answering if endpoint.well(now)]
        if not well:
            return None
        least = min(well, key=lambda endpoint: endpoint.load)
        home, slack = self._homes.get(document), _AFFINITY_SLACK
        if home not in well:
            home = max(well, key=lambda endpoint: digest(document, endpoint.url))
            slack = min(slack, home.limit - 1)  # moving a document that has not begun costs nothing
        if home.load > least.load + slack:
            home = least
        self._homes[document] = home
        self._homes.move_to_end(document)
        if len(self._homes) > _HOMES:
            self._homes.popitem(last=False)
        return home

    def _choose(self, ready: list[Endpoint], home: Endpoint | None) -> Endpoint | None:
        """One with room, or None where it is better to wait for the home."""
        least = min(endpoint.in_flight for endpoint in ready)
        if home is not None and home.load <= least + _AFFINITY_SLACK:
            return home if home in ready else None
        idle = [endpoint for endpoint in ready if endpoint.in_flight == least]
        self._turn += 1
        return idle[self._turn % len(idle)]

    async def _wait(self, now: float, home: Endpoint | None) -> None:
        rests = [endpoint.rests_until - now for endpoint in self.all if endpoint.rests_until > now]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(home, deque()).append(future)
        if home is not None:
            home.awaited += 1
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(future, max(0.01, min([1.0, *rests])))
        finally:
            if home is not None:
                home.awaited -= 1
