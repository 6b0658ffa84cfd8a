"""One attempt at one prompt, at one address, and what it came to.

In: an address, the body to send. Out: `Answer`, or `Failed` (may be repeated), `Wait` (the server asks for patience),
`Final` (this prompt is refused for good); EngineError where no prompt will ever be answered: key or model refused.

Each attempt has a deadline in total, so a connection that is half open cannot hang, and a reply may have 16 MB. The key
is taken from the environment variable that the settings name and is in no log or error: what servers say is searched
for it. Proxies and .netrc of the environment are not used and no redirect is followed: either would carry key and text
elsewhere.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import parsedate_to_datetime

import aiohttp

from retold.core.document import Prompt
from retold.core.errors import EngineError
from retold.engines.endpoints import Endpoint
from retold.engines.settings import CHAT, HttpSettings
from retold.engines.wire import Answer, BadReply, message_of, models_of, path_of, read_answer

_MOST_BYTES = 16 << 20
_LONGEST_WAIT = 300.0
_CONNECT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that may be repeated."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait(Failed):
    """The server is well and asks for patience."""


@dataclass(frozen=True, slots=True)
class Final(Failed):
    """The server refuses this prompt for good."""


Outcome = Answer | Failed


class Client:
    """An open session with the key in its headers. Made inside a running event loop; `close` it.

    Raises EngineError where the environment variable of the key holds none.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings
        self.calls = 0
        self._path = path_of(settings)
        self._key = read_key(settings.key)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                **({"Authorization": f"Bearer {self._key}"} if self._key else {}),
            },
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def attempt(self, endpoint: Endpoint, body: bytes, prompt: Prompt, seconds: float) -> Outcome:
        """Send once and read the reply, within `seconds`; tell the endpoint how it went. Raises EngineError."""
        self.calls += 1
        limits = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        url = endpoint.url + self._path
        try:
            async with self._session.post(url, data=body, allow_redirects=False, timeout=limits) as response:
                data = await _read(response)
                if response.status == 200:
                    answer = read_answer(data, prompt, self.settings)
                    endpoint.succeeded()
                    return answer
                return await self._refused(endpoint, response, data)
        except BadReply as error:
            reason = str(error)
        except TimeoutError:
            reason = f"no answer within {seconds:g} s"
        except (aiohttp.ClientError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
        reason = self._without_key(reason)
        endpoint.failed(reason, time.monotonic())
        return Failed(reason)

    async def _refused(self, endpoint: Endpoint, response: aiohttp.ClientResponse, data: bytes) -> Outcome:
        status = response.status
        reason = self._without_key(f"status {status}: {message_of(data)}")
        wait = retry_after(response.headers.get("Retry-After", ""))
        if status == 429 or (status == 503 and wait is not None):
            seconds = random.uniform(1.0, 2.0) if wait is None else wait
            endpoint.told_to_wait(min(_LONGEST_WAIT, seconds), time.monotonic())
            return Wait(reason)
        if status in (401, 403):
            raise EngineError(f"{endpoint.url} refuses the key ({reason})", self._key_fix())
        if status == 404:
            raise await self._no_model(endpoint, reason)
        if 300 <= status < 400:
            raise EngineError(
                f"{endpoint.url} points elsewhere ({reason})", "write the address that it points to; none is followed"
            )
        if 400 <= status < 500 and status not in (408, 409):
            # The server is well; this prompt is not for it (too long, say).
            endpoint.succeeded()
            return Final(reason)
        endpoint.failed(reason, time.monotonic())
        return Failed(reason)

    def _key_fix(self) -> str:
        if not self.settings.key:
            return "name the environment variable that holds the key: key: OPENAI_API_KEY beside http"
        return f"is the key in the environment variable {self.settings.key} the right one for this address?"

    async def _no_model(self, endpoint: Endpoint, reason: str) -> EngineError:
        served: list[str] = []
        limits = aiohttp.ClientTimeout(total=_CONNECT_SECONDS)
        try:
            url = endpoint.url + "/models"
            async with self._session.get(url, allow_redirects=False, timeout=limits) as response:
                served = models_of(await _read(response)) if response.status == 200 else []
        except (aiohttp.ClientError, OSError, BadReply):
            served = []
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


def retry_after(value: str) -> float | None:
    """Seconds in a Retry-After header (a number or a date), at least 0; None without a readable one."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, IndexError):
            return None
    return max(0.0, seconds) if seconds == seconds else None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > _MOST_BYTES:
            raise BadReply(f"the reply is larger than {_MOST_BYTES >> 20} MB")
    return bytes(data)
