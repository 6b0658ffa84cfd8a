"""OpenAI-compatible servers over HTTP: vLLM, SGLang, llama.cpp, hosted APIs; one model, one or more addresses.

In: prompts. Out: completions with finish reason and usage; where a server reports no usage, tokens are estimated by
`text.tokens.count`, and `estimated` counts how often. Transport is retried here (refused, broken off, too late, 5xx, a
reply that is not an answer): after `attempts` the completion is an error. Being told to wait (429, or 503 with
Retry-After) costs no attempt. Other 4xx are final for their prompt; 401, 403, 404 and redirects end the engine.

Thousands of prompts are in flight in one process: see `connections.py` for what that takes.
"""

from __future__ import annotations

import asyncio
import random
import time
from types import TracebackType

from retold.core.document import Completion, Prompt, Sampling, Segment, Turn
from retold.core.errors import EngineError
from retold.core.fingerprint import digest
from retold.engines.attempt import Client, Final, Outcome, Wait, read_key
from retold.engines.endpoints import Endpoint, Endpoints
from retold.engines.settings import HttpSettings
from retold.engines.wire import Answer, body_of

CANARY = Prompt(
    request_id="canary",
    turns=(Turn("user", (Segment("Count from one to ten in words, separated by commas.", trusted=True),)),),
    sampling=Sampling(temperature=0.0, top_p=1.0, top_k=1, repeat_penalty=1.0, max_tokens=16, seed=None),
)
# A server that takes longer for 16 tokens is not ready; the run may start with the others.
_CANARY_SECONDS = 120.0
_CANARY_ATTEMPTS = 3


class HttpEngine:
    """Answers prompts through OpenAI-compatible servers. Opened with `async with`; for one event loop.

    `canaries` holds, by address, the digest of a fixed greedy answer, taken when the engine opens: another digest under
    the same identity means other weights under the same name (or other hardware: rounding differs).
    """

    name = "http"

    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings
        self.canaries: dict[str, str] = {}
        self.estimated = 0
        self._pool = self._new_pool()
        self._client: Client | None = None

    @property
    def identity(self) -> str:
        """`http:MODEL@REVISION:TEMPLATE`, as declared: known before any server is asked."""
        return f"http:{self.settings.model}@{self.settings.revision or 'unknown'}:{self.settings.template}"

    @property
    def capacity(self) -> int:
        """Prompts to keep in flight now: falls when servers ask for patience or fail, and recovers."""
        return self._pool.capacity

    @property
    def canary(self) -> str:
        """Digest of the greedy answer of the first address that gave one; empty before the engine is open."""
        return next((self.canaries[url] for url in self.settings.urls if url in self.canaries), "")

    def check(self) -> None:
        """Raises EngineError where the environment holds no key under the name that the settings give."""
        read_key(self.settings.key)

    async def __aenter__(self) -> HttpEngine:
        self._client = Client(self.settings)
        # Patience counts from now, and health of an earlier opening says nothing.
        self._pool = self._new_pool()
        try:
            await self._take_canaries(self._client)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _new_pool(self) -> Endpoints:
        limit = self.settings.in_flight or self.settings.max_in_flight
        return Endpoints(self.settings.urls, limit, self.settings.patience)

    async def _take_canaries(self, client: Client) -> None:
        """Ask every address once. Raises EngineError if none answers, or if one answers that it never will."""
        problems = await asyncio.gather(*(self._take_canary(client, endpoint) for endpoint in self._pool.all))
        if all(problems):
            raise EngineError(
                f"no server answers: {'; '.join(problems)}",
                f"is it running, and is the address right? try: curl {self.settings.urls[0]}/models",
            )

    async def _take_canary(self, client: Client, endpoint: Endpoint) -> str:
        """What is wrong with the address, or nothing."""
        body, seconds = body_of(CANARY, self.settings), min(_CANARY_SECONDS, self.settings.deadline)
        reason = ""
        for attempt in range(min(_CANARY_ATTEMPTS, self.settings.attempts)):
            await asyncio.sleep(0.5 * attempt)
            started = time.monotonic()
            outcome = await client.attempt(endpoint, body, CANARY, seconds)
            if isinstance(outcome, Answer):
                self.canaries[endpoint.url] = digest("canary", outcome.text)
                return ""
            if isinstance(outcome, Wait):
                # Busy is not absent: the run may start and wait its turn.
                return ""
            if isinstance(outcome, Final):
                raise EngineError(
                    f"{endpoint.url} refuses a plain prompt: {outcome.reason}",
                    "if it names a parameter, leave that out with omit: [NAME] beside http",
                )
            reason = outcome.reason
            if time.monotonic() - started >= seconds:
                break
        return f"{endpoint.url}: {reason}"

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer after the prompt's prefill, or a completion with finish "error" after the last attempt.

        Raises EngineError if the engine is not open, key or model is refused, or no server has answered for too long.
        """
        if self._client is None:
            raise EngineError("the http engine is not open", "use it inside `async with`")
        started = time.perf_counter()
        try:
            body = body_of(prompt, self.settings)
        except TypeError as error:
            return self._completion(prompt, f"the prompt cannot be sent: {error}", started)
        failures, tried = 0, None
        while True:
            outcome, tried = await self._once(self._client, prompt, body, tried)
            if isinstance(outcome, Answer):
                return self._completion(prompt, outcome, started)
            if isinstance(outcome, Wait):
                final = time.perf_counter() - started > self.settings.patience
            else:
                failures += 1
                self._pool.check_patience(time.monotonic())
                final = isinstance(outcome, Final) or failures >= self.settings.attempts
            if final:
                return self._completion(prompt, outcome.reason, started)
            if failures and not isinstance(outcome, Wait):
                await asyncio.sleep(min(30.0, 0.25 * 2**failures) * random.uniform(0.5, 1.0))

    async def _once(
        self, client: Client, prompt: Prompt, body: bytes, avoid: Endpoint | None
    ) -> tuple[Outcome, Endpoint]:
        endpoint = await self._pool.take(prompt.document_id, avoid)
        alive = False
        try:
            outcome = await client.attempt(endpoint, body, prompt, self.settings.deadline)
            alive = isinstance(outcome, Answer | Final | Wait)
        finally:
            self._pool.give_back(endpoint, alive)
        return outcome, endpoint

    def _completion(self, prompt: Prompt, answer: Answer | str, started: float) -> Completion:
        seconds = time.perf_counter() - started
        if isinstance(answer, str):
            return Completion(prompt.request_id, "", "error", self.identity, 0, 0, 0, seconds, answer[:300])
        self.estimated += answer.counted
        return Completion(
            prompt.request_id,
            answer.text,
            answer.finish,
            self.identity,
            answer.prompt_tokens,
            answer.completion_tokens,
            answer.cached_tokens,
            seconds,
        )
