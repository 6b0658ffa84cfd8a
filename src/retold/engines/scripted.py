"""An engine without a model: its answers follow from the prompt, and it misbehaves on purpose.

In: prompts. Out: completions from a function, a mapping or a list given by a test, else made up from the source
(`made_up.py`). Which prompts go wrong depends on `uniform(seed, request id, kind)` and on nothing else, so a run killed
and taken up again, or done in another order, meets the same misbehaviour. Public as `retold.testing.ScriptedEngine`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from retold.core.document import Completion, Failure, Need, Prompt
from retold.core.errors import EngineError
from retold.core.fingerprint import digest, uniform
from retold.engines.made_up import retell, spoil
from retold.engines.settings import ScriptedSettings
from retold.text.tokens import count

Answers = Callable[[Prompt], str | Completion] | Mapping[str, str] | Sequence[str]

# The first that is drawn wins; a prompt that fails is not asked to lie as well.
LOGPROB = -0.1
"""Of every token that it makes up, where probabilities are asked for."""
SPOILERS = ("refuse", "babble", "cut_off", "lie")


class ScriptedEngine:
    """Deterministic answers, given or made up.

    `answer` is a function of the prompt (it gives text or a whole completion), a mapping from request id to text (what
    it lacks is made up), or a list (chosen by request id). Options are the fields of `ScriptedSettings`:
    ScriptedEngine(lie=0.2, seed=3). `calls` counts prompts, `asked` counts them by request id (not in a recipe's
    engine, which is made from `settings`: its memory must not grow with the requests). Raises
    pydantic.ValidationError for an unknown option.
    """

    name = "scripted"

    def __init__(self, answer: Answers | None = None, settings: ScriptedSettings | None = None, **options: Any) -> None:
        self.settings = ScriptedSettings(**{**(settings.model_dump() if settings else {}), **options})
        self.calls = 0
        self.asked: Counter[str] = Counter()
        self._by_request = settings is None
        self._answer = answer
        self._open = False

    @property
    def identity(self) -> str:
        """`scripted:DIGEST` of the settings and of a mapping or list; a function counts by its name."""
        answer = self._answer
        if callable(answer):
            script: object = getattr(answer, "__qualname__", type(answer).__qualname__)
        else:
            script = answer if answer is None or isinstance(answer, Mapping) else list(answer)
        return f"scripted:{digest(self.settings.fingerprint(), script)[:16]}"

    @property
    def capacity(self) -> int:
        """As set."""
        return self.settings.capacity

    def refuses(self, needs: frozenset[Need]) -> str:
        """What it makes up itself follows no grammar; what a test gives it may. Probabilities it makes up too."""
        made_up = self._answer is None and bool(needs - {"logprobs"})
        return "the scripted engine makes up plain text only" if made_up else ""

    def check(self) -> None:
        """Nothing can be missing."""

    async def __aenter__(self) -> ScriptedEngine:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    def draws(self, kind: str, request_id: str) -> bool:
        """Whether this request misbehaves in this way: `stall`, `fail`, `refuse`, `babble`, `cut_off`, `lie`."""
        return uniform(self.settings.seed, request_id, kind) < float(getattr(self.settings, kind))

    def _down(self, failure: Failure, request_id: str) -> bool:
        """Whether this request meets this kind of outage."""
        share = self.settings.outage[failure]
        return uniform(self.settings.seed, request_id, f"outage {failure}") < share

    async def complete(self, prompt: Prompt) -> Completion:
        """The scripted answer, after `latency` seconds. Raises EngineError if the engine is not open."""
        if not self._open:
            raise EngineError("the scripted engine is not open", "use it inside `async with`")
        self.calls += 1
        if self._by_request:
            self.asked[prompt.request_id] += 1
        # Half to one and a half times the latency, so that answers overtake each other as real ones do.
        seconds = self.settings.latency * (0.5 + uniform("latency", prompt.request_id))
        if self.draws("stall", prompt.request_id):
            seconds += self.settings.stall_seconds
        await asyncio.sleep(seconds)
        return self.script(prompt)

    def script(self, prompt: Prompt) -> Completion:
        """What `complete` answers, without waiting or counting: a pure function of the prompt."""
        request = prompt.request_id
        asked = sum(count(piece.text) for turn in prompt.turns for piece in turn.content) + count(prompt.prefill)
        down = next((failure for failure in self.settings.outage if self._down(failure, request)), None)
        if down is not None:
            error = f"scripted outage: {down}"
            return Completion(request, "", "error", self.identity, asked, 0, error=error, failure=down)
        if self.draws("fail", request):
            return Completion(request, "", "error", self.identity, asked, 0, error="scripted failure")
        given = self._given(prompt)
        if isinstance(given, Completion):
            return replace(given, request_id=request)
        kind = next((kind for kind in SPOILERS if self.draws(kind, request)), "")
        text, finish = spoil(kind, given)
        size = count(text)
        logprobs = (LOGPROB,) * size if prompt.logprobs else ()
        return Completion(request, text, finish, self.identity, asked, size, logprobs=logprobs)

    def _given(self, prompt: Prompt) -> str | Completion:
        answer = self._answer
        if callable(answer):
            return answer(prompt)
        if isinstance(answer, Mapping):
            text = answer.get(prompt.request_id)
            return retell(prompt, self.settings.seed) if text is None else text
        if answer:
            return answer[int(uniform("answer", prompt.request_id) * len(answer))]
        return retell(prompt, self.settings.seed)
