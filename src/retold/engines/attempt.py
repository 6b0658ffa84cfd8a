"""One attempt at one prompt, at one address, and what it came to.

In: an address, the body to send. Out: `Answer`, or `Failed` (may be repeated), `Wait` (the server asks for patience),
`Final` (this prompt is refused for good), `Gone` (an address that has answered does not have the model any more);
EngineError where no prompt will ever be answered: key refused, or a model that was never there.

Each attempt has a deadline in total, so a connection that is half open cannot hang. The key is taken from the
environment variable that the settings name and is in no log or error: what servers say is searched for it.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from dataclasses import dataclass, replace
from difflib import get_close_matches
from email.utils import parsedate_to_datetime

from retold.core.document import Failure, Prompt
from retold.core.errors import EngineError
from retold.engines.connections import Address, ConnectionProblem, Connections, Reply, ReplyProblem, request_bytes
from retold.engines.endpoints import Endpoint
from retold.engines.price import NOTHING, Used
from retold.engines.settings import CHAT, HttpSettings
from retold.engines.wire import SENT_AS, Answer, BadReply, message_of, models_of, path_of, read_answer

_LONGEST_WAIT = 300.0
_QUESTION_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that may be repeated. `broken`: the connection ended while the server had the prompt.

    `used`: the tokens that the server reports all the same.
    """

    reason: str
    failure: Failure = "server"
    broken: bool = False
    used: Used = NOTHING


@dataclass(frozen=True, slots=True)
class Wait(Failed):
    """The server is well and asks for patience."""


@dataclass(frozen=True, slots=True)
class Final(Failed):
    """The server refuses this prompt for good."""


@dataclass(frozen=True, slots=True)
class Gone(Failed):
    """The address answered before, and now has no such model."""

    fix: str = ""


Outcome = Answer | Failed


class Client:
    """Open connections with the key in their headers. Made inside a running event loop; `close` it.

    Raises EngineError where the environment variable of the key holds none.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings
        self.calls = 0
        self._name = f"{SENT_AS}{secrets.token_hex(4)}"
        self._path = path_of(settings)
        self._key = read_key(settings.key)
        self._connections = Connections()
        self._addresses: dict[str, Address] = {}
        self._headers = "Content-Type: application/json\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n"
        self._headers += f"Authorization: Bearer {self._key}\r\n" if self._key else ""

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    async def get(self, endpoint: Endpoint, path: str, *, below: bool = True) -> Reply | None:
        """What a server answers to a plain question, below its address or (`/metrics`) beside it; None if nothing."""
        address = self._address(endpoint)
        if not below:
            address = replace(address, path=address.path.removesuffix("/v1"))
        data = request_bytes("GET", address, path, self._headers)
        try:
            return await self._connections.request(address, data, _QUESTION_SECONDS)
        except (OSError, ReplyProblem):  # TimeoutError is an OSError
            return None

    def _address(self, endpoint: Endpoint) -> Address:
        found = self._addresses.get(endpoint.url)
        if found is None:
            found = self._addresses[endpoint.url] = Address.of(endpoint.url)
        return found

    async def attempt(self, endpoint: Endpoint, body: bytes, prompt: Prompt, seconds: float) -> Outcome:
        """Send once and read the reply, within `seconds`; tell the endpoint how it went. Raises EngineError."""
        self.calls += 1
        address = self._address(endpoint)
        name = f"{self._name}{self.calls:08x}"
        data = request_bytes("POST", address, self._path, f"{self._headers}X-Request-Id: {name}\r\n", body)
        try:
            reply = await self._connections.request(address, data, seconds)
            if reply.status == 200:
                answer = read_answer(reply.body, prompt, self.settings, name)
                endpoint.succeeded()
                endpoint.gone = ""
                endpoint.answered_at = time.monotonic()
                return answer
            return await self._refused(endpoint, reply)
        except BadReply as error:
            failed = Failed(self._without_key(str(error)), "bad_reply", used=error.used)
        except ReplyProblem as error:
            failed = Failed(self._without_key(str(error)), "bad_reply")
        except TimeoutError:
            failed = Failed(f"no answer within {seconds:g} s", "timeout")
        except ConnectionProblem as error:
            failed = Failed(self._without_key(str(error)), "server", broken=error.sent)
        endpoint.failed(failed.reason, time.monotonic())
        return failed

    async def _refused(self, endpoint: Endpoint, reply: Reply) -> Outcome:
        status = reply.status
        reason = self._without_key(f"status {status}: {message_of(reply.body)}")
        wait = retry_after(reply.headers.get("retry-after", ""), reply.headers.get("date", ""))
        if status == 429 or (status == 503 and wait is not None):
            seconds = random.uniform(1.0, 2.0) if wait is None else wait
            endpoint.told_to_wait(min(_LONGEST_WAIT, seconds), time.monotonic())
            return Wait(reason, "busy")
        if status in (401, 403):
            raise EngineError(f"{endpoint.url} refuses the key ({reason})", self._key_fix())
        if status == 404:
            problem = await self._no_model(endpoint, reason)
            if not endpoint.answered_at:
                raise problem
            endpoint.gone = problem.message
            endpoint.failed(problem.message, time.monotonic())
            return Gone(problem.message, fix=problem.fix)
        if 300 <= status < 400:
            raise EngineError(
                f"{endpoint.url} points elsewhere ({reason})", "write the address that it points to; none is followed"
            )
        if 400 <= status < 500 and status not in (408, 409):
            # The server is well; this prompt is not for it (too long, say).
            endpoint.succeeded()
            return Final(reason, "refused")
        endpoint.failed(reason, time.monotonic())
        return Failed(reason)

    def _key_fix(self) -> str:
        if not self.settings.key:
            return "name the environment variable that holds the key: key: OPENAI_API_KEY beside http"
        return f"is the key in the environment variable {self.settings.key} the right one for this address?"

    async def _no_model(self, endpoint: Endpoint, reason: str) -> EngineError:
        reply = await self.get(endpoint, "/models")
        served = models_of(reply.body) if reply is not None and reply.status == 200 else []
        if not served or self.settings.model in served:
            where = "chat/completions" if self.settings.template == CHAT else "completions"
            return EngineError(
                f"{endpoint.url} does not know the model {self.settings.model}, or has no {where} there ({reason})",
                f"is the address the one before /{where}? chat: true uses chat/completions, template: NAME completions",
            )
        near = get_close_matches(self.settings.model, served, 1, 0.3) or served[:1]
        listed = ", ".join(served[:8]) + (f" and {len(served) - 8} more" if len(served) > 8 else "")
        return EngineError(
            f"{endpoint.url} does not serve {self.settings.model}; it serves {listed}", f"write model: {near[0]}"
        )

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def read_key(variable: str) -> str:
    """The key in that environment variable. Raises EngineError, without the key, if it is absent or cannot be a key."""
    if not variable:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise EngineError(f"the environment variable {variable} holds no key", f"run: export {variable}=...")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise EngineError(f"the key in {variable} has spaces, line breaks or letters beyond ASCII", "copy it again")
    return key


def retry_after(value: str, date: str = "") -> float | None:
    """Seconds in a Retry-After header (a number or a date), at least 0; None without a readable one.

    A date is of the server's clock, which may differ from ours: it counts from the reply's own `date`, where there is
    one.
    """
    try:
        seconds = float(value)
    except ValueError:
        until = _moment(value)
        if until is None:
            return None
        now = _moment(date)
        seconds = until - (time.time() if now is None else now)
    return max(0.0, seconds) if seconds == seconds else None


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
