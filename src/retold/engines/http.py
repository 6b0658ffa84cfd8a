"""OpenAI-compatible servers over HTTP: vLLM, SGLang, llama.cpp, hosted APIs; one model, one or more addresses.

In: prompts. Out: completions with finish reason, usage, cost and how often they were sent; where a server reports no
usage, tokens are estimated by `text.tokens.count`, and `estimated` counts how often. Transport is retried here
(refused, broken off, too late, 5xx, a reply that is not an answer): after `attempts` the completion is an error. Being
told to wait (429, or 503 with Retry-After) costs no attempt. Other 4xx are final for their prompt; 401, 403, 404 and
redirects end the engine.

An address that dies costs what it had in flight, asked again elsewhere. Whether an address is still the same model is
the business of `canary.py`, how much it takes of `knee.py`, a prompt that stops its server of `quarantine.py`, one
that takes too long of `stragglers.py`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from retold.core.document import Completion, Failure, Need, Prompt
from retold.core.errors import EngineError
from retold.core.fingerprint import digest
from retold.engines.attempt import Client, Failed, Final, Gone, Outcome, Wait, read_key
from retold.engines.binder import Binder
from retold.engines.binding import refusal
from retold.engines.canary import CANARY, Canaries
from retold.engines.endpoints import FAILURES_TO_REST, Endpoint, Endpoints
from retold.engines.knee import Knee
from retold.engines.metrics import queue_of, slots_of
from retold.engines.price import NOTHING, Meter, Price, Used
from retold.engines.quarantine import SUSPECT, Quarantine
from retold.engines.remembered import Remembered
from retold.engines.settings import HttpSettings
from retold.engines.stragglers import PACES_KEPT, Flight, give_up_stragglers
from retold.engines.wire import Answer, body_of

# A server that takes longer for 16 tokens is not ready; the run may start with the others.
_CANARY_SECONDS = 120.0
_CANARY_ATTEMPTS = 3
START_IN_FLIGHT = 64
LOOK_SECONDS = 2.0
# When a server dies all its connections end within milliseconds; what is still there after this outlived it.
OUTLIVE_SECONDS = 0.5


class HttpEngine:
    """Answers prompts through OpenAI-compatible servers. Opened with `async with`; for one event loop."""

    name = "http"

    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings
        self.estimated = 0
        self.resent = 0
        self.held = 0
        self._expected = ""
        self._grown: Callable[[], None] = lambda: None
        self._pool = self._new_pool()
        self._meters = {url: Meter(self.price_of(url)) for url in settings.urls}
        self._remembered = Remembered(settings.model)
        self._client: Client | None = None
        self._binder: Binder | None = None
        self._canaries: Canaries | None = None
        self._quarantine: Quarantine[Flight, tuple[Outcome, Endpoint]] = Quarantine(self._test)
        self._flights: set[Flight] = set()
        self._paces: deque[float] = deque(maxlen=PACES_KEPT)
        self._looking: asyncio.Task[None] | None = None
        self._silent: set[str] = set()

    @property
    def identity(self) -> str:
        """`http:MODEL@REVISION:TEMPLATE`, as declared: known before any server is asked."""
        return f"http:{self.settings.model}@{self.settings.revision or 'unknown'}:{self.settings.template}"

    @property
    def capacity(self) -> int:
        """Prompts to keep in flight now: what the addresses take, and those whose answers are held back."""
        return self._pool.capacity + (self._canaries.held if self._canaries is not None else 0)

    @property
    def witness(self) -> str:
        """Digest of the canary's answer; empty before the engine is open, and with `canary: false`."""
        return self._canaries.expected if self._canaries is not None else ""

    def expect(self, witness: str) -> None:
        """What the canary must answer; see `core.step.Witnessed`."""
        self._expected = witness

    def notify(self, grown: Callable[[], None]) -> None:
        """Whom to tell that an answer is held back, so another prompt can be sent."""
        self._grown = grown

    async def settle(self) -> None:
        """Release what is held back, after a canary now."""
        if self._canaries is not None:
            await self._canaries.settle()

    def refuses(self, needs: frozenset[Need]) -> str:
        """See `core.step.Binding`: known before any server is asked only where `server` says which kind it is."""
        return refusal(needs, self.settings.server)

    def check(self) -> None:
        """Raises EngineError where the environment holds no key under the name that the settings give."""
        read_key(self.settings.key)

    async def __aenter__(self) -> HttpEngine:
        self._client = Client(self.settings)
        # Patience counts from now, and health of an earlier opening says nothing.
        self._pool = self._new_pool()
        self._quarantine = Quarantine(self._test)
        self._remembered.recall(self._pool.all)
        self._binder = Binder(self._client, self._carry)
        try:
            if self.settings.canary:
                await self._open_canaries()
            if self.settings.metrics and not self.settings.in_flight:
                await asyncio.gather(*(self._learn_places(endpoint) for endpoint in self._pool.all))
            self._looking = asyncio.create_task(self._look())
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        await self._quarantine.close()
        if self._canaries is not None:
            await self._canaries.close()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
            self._looking = None
        if client is not None:
            self._remembered.keep(self._pool.all, now=True)
            client.close()

    def _new_pool(self) -> Endpoints:
        chosen = self.settings

        def knee() -> Knee:
            return Knee(START_IN_FLIGHT, chosen.in_flight or chosen.max_in_flight, fixed=chosen.in_flight > 0)

        return Endpoints(chosen.urls, knee, chosen.patience, chosen.affinity)

    async def _open_canaries(self) -> None:
        """Ask every address once. Raises EngineError if none answers, or none as it should."""
        found = await asyncio.gather(*(self._first_canary(endpoint) for endpoint in self._pool.all))
        answers = {endpoint: text for endpoint, (text, _, _) in zip(self._pool.all, found, strict=True) if text}
        problems = [problem for _, problem, _ in found if problem]
        if not answers and len(problems) == len(found):
            raise EngineError(
                f"no server answers: {'; '.join(problems)}",
                f"is it running, and is the address right? try: curl {self.settings.urls[0]}/models",
            )
        expected = self._expected or self._agreed(answers)
        self._canaries = Canaries(self._take_canary, expected, self._pool.all)
        for endpoint, (_, _, took) in zip(self._pool.all, found, strict=True):
            if endpoint not in answers:
                endpoint.was_away = True  # it gets nothing before it has shown itself
            elif answers[endpoint] != expected:
                self._canaries.wrong(endpoint)
            else:
                self._canaries.passed(endpoint, took)

    @staticmethod
    def _agreed(answers: dict[Endpoint, str]) -> str:
        """The one answer of all addresses. Raises EngineError where they differ: which is right, nobody knows yet."""
        if len(set(answers.values())) > 1:
            by_answer: dict[str, list[str]] = {}
            for endpoint, text in answers.items():
                by_answer.setdefault(text, []).append(endpoint.url)
            raise EngineError(
                "the addresses answer a fixed greedy prompt differently: "
                + " / ".join(", ".join(urls) for urls in by_answer.values()),
                "are they the same model? if only the hardware differs, say canary: false; "
                "otherwise name them as engines of their own",
            )
        return next(iter(answers.values()), "")

    async def _first_canary(self, endpoint: Endpoint) -> tuple[str, str, float]:
        """(digest, what is wrong with the address, seconds); the first two are empty where it is only busy."""
        assert self._client is not None
        reason = ""
        for attempt in range(min(_CANARY_ATTEMPTS, self.settings.attempts)):
            await asyncio.sleep(0.5 * attempt)
            started = time.monotonic()
            seconds = min(_CANARY_SECONDS, self.settings.deadline)
            outcome = await self._client.attempt(endpoint, body_of(CANARY, self.settings), CANARY, seconds)
            if isinstance(outcome, Answer):
                self._carry(endpoint, outcome.used)
                return digest("canary", outcome.text), "", time.monotonic() - started
            if isinstance(outcome, Wait):
                return "", "", 0.0
            if isinstance(outcome, Final):
                raise EngineError(
                    f"{endpoint.url} refuses a plain prompt: {outcome.reason}",
                    "if it names a parameter, leave that out with omit: [NAME] beside http",
                )
            reason = outcome.reason
            if time.monotonic() - started >= seconds:
                break
        return "", f"{endpoint.url}: {reason}", 0.0

    async def _take_canary(self, endpoint: Endpoint) -> str | None:
        if self._client is None:
            return None
        # Behind other prompts it waits as long as they do.
        seconds = self.settings.deadline if endpoint.in_flight else min(_CANARY_SECONDS, self.settings.deadline)
        outcome = await self._client.attempt(endpoint, body_of(CANARY, self.settings), CANARY, seconds)
        if not isinstance(outcome, Answer):
            return None
        self._carry(endpoint, outcome.used)
        found = digest("canary", outcome.text)
        if self._canaries is not None and not self._canaries.expected:
            self._canaries.expected = found  # all were too busy when the engine opened
        return found

    def _carry(self, endpoint: Endpoint, used: Used) -> None:
        self._meters[endpoint.url].carry(used)

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer after the prompt's prefill, or a completion with finish "error" after the last attempt.

        Raises EngineError if the engine is not open, key or model is refused, no server has answered for too long, or
        another model answers everywhere.
        """
        if self._client is None:
            raise EngineError("the http engine is not open", "use it inside `async with`")
        flight = Flight(prompt, b"", time.perf_counter(), needs=bool(prompt.needs))
        try:
            flight.body = body_of(prompt, self.settings)
        except TypeError as error:
            return self._failed(flight, f"the prompt cannot be sent: {error}", "refused")
        while True:
            outcome, endpoint = await self._once(flight)
            if isinstance(outcome, Failed) and outcome.broken and await self._went_down(endpoint):
                flight.cut += 1
                if flight.cut < SUSPECT:
                    continue  # being there when a server dies is no attempt
                tested = await self._quarantine.admit(flight)
                if tested is None:
                    return self._failed(
                        flight, "the connection breaks off whenever a server gets this prompt", "poison"
                    )
                outcome, endpoint = tested
            flight.took = time.perf_counter() - flight.started
            if isinstance(outcome, Answer | Final):
                if not await self._confirmed(endpoint):
                    continue
                if isinstance(outcome, Final):
                    return self._failed(flight, outcome.reason, outcome.failure)
                return self._completion(flight, outcome)
            if isinstance(outcome, Gone):
                self._pool.check_gone(outcome.fix)
                continue  # the others still have it
            if self._is_last(flight, outcome):
                return self._failed(flight, outcome.reason, outcome.failure)
            if flight.failures and not isinstance(outcome, Wait):
                await asyncio.sleep(min(30.0, 0.25 * 2**flight.failures) * random.uniform(0.5, 1.0))

    async def _confirmed(self, endpoint: Endpoint) -> bool:
        """Whether a later canary shows that an answer, or a refusal, counts: another model refuses other prompts."""
        if self._canaries is None:
            return True
        self.held += 1
        try:
            return await self._canaries.confirm(endpoint, self._grown)
        finally:
            self.held -= 1

    async def _went_down(self, endpoint: Endpoint) -> bool:
        """Whether a connection that was just cut was the death of its server: nothing that was there goes on.

        A server whose other requests go on has lost one connection; that is an attempt, and accuses no prompt.
        """
        cut_at = endpoint.cut_at = time.monotonic()
        await asyncio.sleep(OUTLIVE_SECONDS)
        there = any(other.endpoint is endpoint and other.sent_at < cut_at for other in self._flights)
        return not there and endpoint.outlived < cut_at

    def _is_last(self, flight: Flight, outcome: Failed) -> bool:
        if isinstance(outcome, Wait):
            waited = time.perf_counter() - flight.started
            self._pool.check_waiting(waited, time.monotonic(), outcome.reason)
            return False
        flight.failures += 1
        self._pool.check_patience(time.monotonic())
        return flight.failures >= self.settings.attempts

    async def _once(self, flight: Flight) -> tuple[Outcome, Endpoint]:
        """Send once, and once more where this sending is given up as a straggler."""
        while True:
            endpoint = await self._pool.take(flight.prompt.document_id, flight.endpoint if flight.sent else None)
            flight.task, flight.given_up = asyncio.current_task(), False
            self._flights.add(flight)
            try:
                return await self._send(flight, endpoint), endpoint
            except asyncio.CancelledError:
                if not flight.given_up or flight.task is None or flight.task.uncancel():
                    raise
                flight.resent += 1
                self.resent += 1
            finally:
                self._flights.discard(flight)

    async def _send(self, flight: Flight, endpoint: Endpoint, *, counted: bool = True) -> Outcome:
        """One attempt at one address. `counted`: the pool has counted it in."""
        assert self._client is not None and self._binder is not None
        flight.endpoint, flight.sent_at = endpoint, time.monotonic()
        flight.sent += 1
        alive, used, meter = False, NOTHING, self._meters[endpoint.url]
        mark = meter.enter(flight.sent_at)
        try:
            bound = await self._binder.body(endpoint, flight.prompt, flight.body) if flight.needs else flight.body
            if isinstance(bound, bytes):
                outcome = await self._client.attempt(endpoint, bound, flight.prompt, self.settings.deadline)
                used = outcome.used
            else:
                outcome = bound
            alive = isinstance(outcome, Answer | Final | Wait)
            if alive and flight.sent_at < endpoint.cut_at:
                endpoint.outlived = time.monotonic()
            if isinstance(outcome, Answer):
                now = time.monotonic()
                seconds = now - flight.sent_at
                self._paces.append(seconds / max(1, outcome.completion_tokens))
                endpoint.knee.answered(now, seconds, outcome.completion_tokens, endpoint.in_flight)
                return outcome
            if isinstance(outcome, Failed) and outcome.failure == "timeout":
                endpoint.knee.late(time.monotonic(), flight.sent_at, self.settings.deadline)
            if self._canaries is not None and (endpoint.failures >= FAILURES_TO_REST or isinstance(outcome, Gone)):
                endpoint.was_away = True
            return outcome
        finally:
            flight.cost += meter.leave(mark, time.monotonic(), used)
            if counted:
                self._pool.give_back(endpoint, alive)
            elif alive:
                self._pool.last_answer = time.monotonic()

    async def _test(self, suspects: list[Flight]) -> list[tuple[Outcome, Endpoint] | None]:
        """Ask some suspects at one address that gets nothing else meanwhile."""
        endpoint = await self._reserve()
        try:
            endpoint.in_flight += len(suspects)
            try:
                sending = (self._send(flight, endpoint, counted=False) for flight in suspects)
                outcomes = await asyncio.gather(*sending)
            finally:
                endpoint.in_flight -= len(suspects)
        finally:
            endpoint.reserved = False
            self._pool.wake()
        return [None if isinstance(outcome, Failed) and outcome.broken else (outcome, endpoint) for outcome in outcomes]

    async def _reserve(self) -> Endpoint:
        """An address that is up and idle, and gets nothing else until it is given back. Waits for one."""
        while True:
            self._pool.check_patience(time.monotonic())
            left = [item for item in self._pool.all if not item.set_aside and not item.reserved]
            well = [item for item in left if not item.was_away and item.failures < FAILURES_TO_REST]
            for endpoint in sorted(well or left, key=lambda item: item.in_flight)[:1]:
                endpoint.reserved = True
                try:
                    while endpoint.in_flight:
                        await asyncio.sleep(0.05)
                    if await self._is_up(endpoint):
                        return endpoint
                except BaseException:
                    endpoint.reserved = False
                    raise
                endpoint.reserved = False
                endpoint.was_away = self._canaries is not None
                self._pool.wake()
            await asyncio.sleep(0.2)

    async def _is_up(self, endpoint: Endpoint) -> bool:
        """Whether an address that may have gone down is back, and the same."""
        if self._client is None:
            return False
        if self._canaries is None:
            reply = await self._client.get(endpoint, "/models")
            return reply is not None and reply.status < 500
        found = await self._take_canary(endpoint)
        if found is None:
            return False
        if found != self._canaries.expected:
            self._canaries.wrong(endpoint)
            return False
        self._canaries.passed(endpoint)
        return True

    async def _look(self) -> None:
        """Every now and then: addresses that were away, what the servers say of themselves, stragglers."""
        while True:
            await asyncio.sleep(min(LOOK_SECONDS, self.settings.patience / 4))
            with suppress(EngineError):  # whoever asks next is told
                await asyncio.gather(*(self._look_at(endpoint) for endpoint in self._pool.all))
            give_up_stragglers(self._flights, self._paces, self._pool, time.monotonic())
            self._remembered.keep(self._pool.all)

    async def _look_at(self, endpoint: Endpoint) -> None:
        if endpoint.set_aside or endpoint.reserved or self._client is None:
            return
        if endpoint.was_away:
            if time.monotonic() >= endpoint.rests_until and await self._is_up(endpoint):
                endpoint.was_away = False
                self._pool.wake()
            return
        if self.settings.metrics and not endpoint.knee.fixed and endpoint.url not in self._silent:
            reply = await self._client.get(endpoint, "/metrics", below=False)
            found = queue_of(reply.body.decode("utf-8", "replace")) if reply and reply.status == 200 else None
            if found is not None:
                endpoint.knee.observed(*found, endpoint.in_flight)
                self._pool.wake()
                return
            endpoint.knee.untold()
            if reply is not None and reply.status < 500:
                self._silent.add(endpoint.url)

    async def _learn_places(self, endpoint: Endpoint) -> None:
        """Begin with as many prompts as the server works on at a time, where it says so."""
        if endpoint.was_away or endpoint.set_aside or self._client is None:
            return
        reply = await self._client.get(endpoint, "/props", below=False)
        places = slots_of(reply.body) if reply is not None and reply.status == 200 else None
        if places is not None:
            endpoint.knee.begin(places)

    def _failed(self, flight: Flight, error: str, failure: Failure) -> Completion:
        return Completion(
            flight.prompt.request_id, "", "error", self.identity, 0, 0, 0, flight.took, error[:300],
            sent=flight.sent, cost=flight.cost, failure=failure,
        )  # fmt: skip

    def _completion(self, flight: Flight, answer: Answer) -> Completion:
        self.estimated += answer.counted
        return Completion(
            flight.prompt.request_id,
            answer.text,
            answer.finish,
            self.identity,
            answer.prompt_tokens,
            answer.completion_tokens,
            answer.cached_tokens,
            flight.took,
            sent=flight.sent,
            cost=flight.cost,
            logprobs=answer.logprobs,
        )

    def price_of(self, url: str) -> Price:
        """What an address costs."""
        price = self.settings.price
        return price if isinstance(price, Price) else price.get(url, Price())

    def price(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """USD of an answer of this size, in the mean of the addresses; None where an hour of one has a price."""
        if self.hourly:
            return None
        used = Used(prompt_tokens, 0, completion_tokens)
        return sum(self.price_of(url).of(used) for url in self.settings.urls) / len(self.settings.urls)

    @property
    def hourly(self) -> float:
        """USD per hour of all addresses together."""
        return sum(self.price_of(url).hour for url in self.settings.urls)
