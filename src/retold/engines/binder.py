"""Does this server bind answers? Each address is asked once for each need: servers ignore what they do not know.

In: a prompt that needs a grammar, a schema or the probabilities of tokens, and the body to send. Out: the body with the
fields that the address understands (`binding.py`). Before the first such prompt is sent to an address, it is asked
something to which only a bound answer is possible; where the answer is another one, EngineError. That costs one short
prompt for each address and kind of need, and nothing unbound is ever taken for bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import orjson

from retold.core.document import Need, Prompt
from retold.core.errors import EngineError
from retold.engines.attempt import Client, Failed, Outcome
from retold.engines.attempt import Final as Refused
from retold.engines.binding import KINDS, NAMES, Kind, fields_for, kind_of, refusal
from retold.engines.canary import CANARY
from retold.engines.endpoints import Endpoint
from retold.engines.price import Used
from retold.engines.settings import CHAT
from retold.engines.wire import Answer, body_of

WORD: Final = "zebra"
"""No answer to the canary's question, whatever the model."""
PROBE_TOKENS: Final = 64
PROBE_SECONDS: Final = 120.0
GRAMMAR: Final = f'root ::= "{WORD}"'
SCHEMA: Final = orjson.dumps(
    {
        "type": "object",
        "properties": {"animal": {"type": "string", "enum": [WORD]}},
        "required": ["animal"],
        "additionalProperties": False,
    }
).decode()


class Binder:
    """Finds out what each address does, once, before it gets a prompt that needs it. For one event loop."""

    def __init__(self, client: Client, paid: Callable[[Endpoint, Used], None]) -> None:
        self._client = client
        self._settings = client.settings
        self._paid = paid
        self._kinds: dict[str, Kind] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._shown: set[tuple[str, frozenset[Need]]] = set()

    async def body(self, endpoint: Endpoint, prompt: Prompt, body: bytes) -> bytes | Outcome:
        """The body with the fields for what the prompt needs, or what went wrong on the way to know.

        Raises EngineError where the address cannot do it.
        """
        kind = await self._kind(endpoint)
        if kind is None:
            return Failed("it does not say which kind of server it is (/models)")
        problem = await self._show(endpoint, kind, prompt.needs)
        return problem or self._joined(body, prompt, kind)

    def _joined(self, body: bytes, prompt: Prompt, kind: Kind) -> bytes:
        fields = fields_for(prompt, kind, self._settings.template == CHAT)
        kept = {name: value for name, value in fields.items() if name not in self._settings.omit}
        return body[:-1] + b"," + orjson.dumps(kept)[1:] if kept else body

    async def _kind(self, endpoint: Endpoint) -> Kind | None:
        """What it is; None where it does not answer."""
        if self._settings.server != "auto":
            return self._settings.server
        if endpoint.url not in self._kinds:
            found = await self._client.get(endpoint, "/models")
            if found is None or found.status >= 500:
                return None
            self._kinds[endpoint.url] = kind_of(found.body)
        return self._kinds[endpoint.url]

    async def _show(self, endpoint: Endpoint, kind: Kind, needs: frozenset[Need]) -> Outcome | None:
        """Have the address show that it does this; a failure on the way is the failure of whatever waits for it."""
        if (endpoint.url, needs) in self._shown:
            return None
        async with self._locks.setdefault(endpoint.url, asyncio.Lock()):
            if (endpoint.url, needs) in self._shown:
                return None
            if reason := refusal(needs, kind):
                raise EngineError(f"{endpoint.url}: {reason}", self._fix(kind))
            probe = probe_of(needs)
            body = self._joined(body_of(probe, self._settings), probe, kind)
            outcome = await self._client.attempt(endpoint, body, probe, min(PROBE_SECONDS, self._settings.deadline))
            self._paid(endpoint, outcome.used)
            if isinstance(outcome, Refused):
                raise EngineError(f"{endpoint.url} refuses to {_listed(needs)}: {outcome.reason}", self._fix(kind))
            if not isinstance(outcome, Answer):
                return outcome
            missing = [need for need in sorted(needs) if not _obeyed(need, outcome)]
            if missing:
                raise EngineError(f"{endpoint.url} was asked to {_listed(missing)} and did not", self._fix(kind))
            self._shown.add((endpoint.url, needs))
            return None

    def _fix(self, kind: Kind) -> str:
        if self._settings.server != "auto":
            return f"is it {kind}, as server: says? or ask another engine, or for styles that do not need it"
        return f"it was taken for {kind}: if it is another, say so with server: beside http ({', '.join(KINDS)})"


def probe_of(needs: frozenset[Need]) -> Prompt:
    """A prompt whose answer shows whether all of this is done."""
    return replace(
        CANARY,
        request_id="probe",
        sampling=replace(CANARY.sampling, max_tokens=PROBE_TOKENS),
        grammar=GRAMMAR if "grammar" in needs else "",
        schema=SCHEMA if "schema" in needs else "",
        logprobs="logprobs" in needs,
    )


def _obeyed(need: Need, answer: Answer) -> bool:
    if need == "logprobs":
        return bool(answer.logprobs)
    # Cut off in the spaces that a schema allows it has shown itself all the same.
    return answer.text.lstrip().startswith(WORD if need == "grammar" else "{")


def _listed(needs: Iterable[Need]) -> str:
    return " and to ".join(NAMES[need] for need in sorted(needs))
