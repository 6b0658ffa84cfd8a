"""llama.cpp in this process, through `xllamacpp`: the engine that needs no account, no GPU and no server.

In: prompts, rendered here with a pinned template and passed as an array of token ids and strings, so that no text of a
source is read as a special token. Out: completions with finish reason, usage and cached tokens as llama.cpp counts.

Default weights: SmolLM2-135M-Instruct Q4_1. It proves the path and not the quality: about one passage-level retelling
in five passes the checks. On two idle cores about 55 tokens/s are generated and 140 read, in 350 MB. The same prompt
with the same seed may be answered otherwise after other prompts: sums are rounded in another order when a beginning
comes from the cache or when slots share a batch.

Threads: llama.cpp's threads wait for each other at every layer, so one that has to share its processor holds up all.
Measured on two cores with two other busy processes: 20 tokens took 7 to 15 s with two threads and 0.7 s with one; on
the idle machine two threads are 1.8 times as fast as one. Hence as many threads as processors stand idle at the start,
and for as many slots and such a batch as a test found best here (`tune.py`); settings say otherwise.
"""

from __future__ import annotations

import asyncio
import importlib.util
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any

from retold.core.document import Completion, Finish, Need, Prompt, Sampling, Segment, Turn
from retold.core.errors import EngineError, EngineMissing
from retold.engines.binding import fields_for, logprobs_of
from retold.engines.fetch import WEIGHTS_FILE, WEIGHTS_SHA256, require, sha256_of
from retold.engines.gguf import Header, read_header
from retold.engines.processors import idle_processors
from retold.engines.settings import EmbeddedSettings
from retold.engines.slots import Slots
from retold.engines.template import TEMPLATES, as_array, as_text, continuation, render, template_for
from retold.engines.tune import BATCH, Choice, Measured, Watch, level_of, machine, recall, remember, tune, work
from retold.text.tokens import count

_FINISH: dict[str, Finish] = {"stop": "stop", "length": "length", "content_filter": "filtered"}
_INSTALL = "run: pip install 'retold[local]', then retold engine fetch"
# Prompts held ready per slot: enough to see the other styles of a document, few enough to stop quickly.
_WINDOW = 4
# Tokens of the prompts that measure the pace: about three seconds on two cores.
_PACE_TOKENS = 160


class EmbeddedEngine:
    """Answers prompts with a local GGUF model. Opened with `async with`; for one event loop."""

    name = "embedded"

    def __init__(self, settings: EmbeddedSettings | None = None) -> None:
        """Raises EngineMissing or EngineError where `settings.model` cannot be read: its digest is in the identity."""
        self.settings = settings or EmbeddedSettings()
        self._path = Path(self.settings.model).expanduser() if self.settings.model else None
        self._identity, self._template = self._name_itself()
        self._header: Header | None = None
        self._ids: dict[str, int] = {}
        self._server: Any = None
        self._threads: ThreadPoolExecutor | None = None
        self.choice = Choice(1, self.settings.slots or 1)
        self._slots = Slots(self.choice.slots)
        self._tested: tuple[str, int] | None = None
        self._watch = Watch(self.choice.slots)

    @property
    def identity(self) -> str:
        """`embedded:FILE:DIGEST:TEMPLATE`, the digest being the first 16 hex of the file's SHA-256."""
        return self._identity

    @property
    def capacity(self) -> int:
        """More than there are slots, so that the next prompt for each is already known."""
        return self.choice.slots * _WINDOW

    def _name_itself(self) -> tuple[str, str]:
        if self._path is None:
            # Known without the file, so that a plan can be made before the weights are fetched.
            template = self.settings.template or "chatml"
            return f"embedded:{WEIGHTS_FILE}:{WEIGHTS_SHA256[:16]}:{template}", template
        try:
            digest = sha256_of(self._path)
        except OSError as error:
            raise EngineMissing(
                f"the model {self._path} cannot be read: {error.strerror}", "name a .gguf file in model:"
            ) from None
        template = self.settings.template or template_for(read_header(self._path).specials)
        return f"embedded:{self._path.name}:{digest[:16]}:{template}", template

    def refuses(self, needs: frozenset[Need]) -> str:
        """Nothing: see `core.step.Binding`."""
        return ""

    def check(self) -> None:
        """Raises EngineMissing where xllamacpp or the weights are not installed."""
        if importlib.util.find_spec("xllamacpp") is None:
            raise EngineMissing("the embedded engine needs the package xllamacpp, which is not installed", _INSTALL)
        if self._path is None:
            require()

    async def __aenter__(self) -> EmbeddedEngine:
        await asyncio.to_thread(self._start)
        self._slots = Slots(self.choice.slots)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        threads, self._threads = self._threads, None
        server, self._server = self._server, None
        if threads is not None:
            # What a thread has begun ends with its answer; nothing new is started.
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)
        del server
        self._judge_choice()

    def _start(self) -> None:
        path = self._path or require()
        header = read_header(path)
        missing = [special for special in TEMPLATES[self._template].specials if special not in header.specials]
        if missing:
            raise EngineError(
                f"{path.name} has no token {missing[0]}, which the template {self._template} needs",
                f"leave template: out; this model fits {template_for(header.specials)}",
            )
        self._header, self._ids = header, header.specials
        try:
            self._server = self._serve(path, self.choose())
        except ImportError as error:
            raise EngineMissing(f"the embedded engine is not installed: {error}", _INSTALL) from None
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EngineError(
                f"llama.cpp cannot load {path}: {error}", "is the file complete, and is there memory?"
            ) from None
        self._threads = ThreadPoolExecutor(self.choice.slots, thread_name_prefix="retold-embedded")
        self._watch = Watch(self.choice.slots)

    def choose(self, tell: Callable[[Measured], None] | None = None) -> Choice:
        """What the settings say, and for the rest what was found on this machine; tested where nothing was.

        With `tell` it is tested whatever is known. The engine need not be open.
        """
        self.choice = self._choice(self._path or require(), tell)
        return self.choice

    def _choice(self, path: Path, tell: Callable[[Measured], None] | None) -> Choice:
        wanted = self.settings
        fixed = Choice(wanted.threads, wanted.slots, wanted.batch)
        self._tested = None
        level = level_of(fixed.threads or idle_processors()) if not (fixed.threads and fixed.slots) else 0
        if fixed.slots:  # a test for the batch alone is not worth its time
            return Choice(fixed.threads or level, fixed.slots, fixed.batch or BATCH)
        key = machine(f"{self.identity} {wanted.context} {asdict(fixed)}", metadata.version("xllamacpp"))
        found = recall(key, level) if tell is None else None
        if found is None:
            found = tune(lambda choice: self._serve(path, choice), level, fixed, tell or (lambda _: None))
            remember(key, level, found)
        self._tested = (key, level)
        return found

    def _judge_choice(self) -> None:
        """Forget a choice whose pace was far from what was measured when it was made, in a run with all slots busy."""
        if self._tested is not None and self._watch.far_from(self.choice.pace):
            remember(*self._tested, None)

    def server(self, path: Path) -> Any:
        """A server of its own, as chosen, for whoever wants to drive it bare."""
        return self._serve(path, self.choice)

    def _serve(self, path: Path, choice: Choice) -> Any:
        import xllamacpp

        return xllamacpp.Server(self._parameters(xllamacpp.CommonParams(), path, choice))

    def _parameters(self, parameters: Any, path: Path, choice: Choice) -> Any:
        parameters.model.path = str(path)
        parameters.n_parallel = choice.slots
        parameters.n_ctx = choice.slots * self.settings.context
        parameters.n_ubatch = choice.batch
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = choice.threads
        parameters.warmup = False
        parameters.verbosity = -1
        parameters.offline = True
        # llama.cpp would keep up to 8 GB of old prompts in memory beside the slots.
        parameters.cache_ram_mib = 0
        parameters.cache_idle_slots = False
        # It opens a port on loopback whether wanted or not: a key nobody knows closes it to others on this machine.
        parameters.api_keys = [secrets.token_urlsafe(24)]
        parameters.ui = False
        return parameters

    async def pace(self) -> tuple[float, float]:
        """(prompt tokens read, tokens generated) per second with all slots busy, measured in a few seconds."""
        texts = [f"{slot} " + "words to be read " * (_PACE_TOKENS // 4) for slot in range(self.choice.slots)]
        reading = await self._time(texts, 1)
        writing = await self._time([f"{slot}" for slot in range(self.choice.slots)], _PACE_TOKENS // 4)
        return reading[0] / reading[2], writing[1] / writing[2]

    async def _time(self, texts: list[str], tokens: int) -> tuple[int, int, float]:
        """(prompt tokens, generated tokens, seconds) of prompts answered side by side."""
        sampling = Sampling(temperature=0.0, max_tokens=tokens)
        prompts = [Prompt(text[:8], (Turn("user", (Segment(text),)),), sampling, "1.", text[:8]) for text in texts]
        begin = time.perf_counter()
        answers = await asyncio.gather(*map(self.complete, prompts))
        seconds = time.perf_counter() - begin
        failed = next((answer.error for answer in answers if answer.finish == "error"), "")
        if failed:
            raise EngineError(f"the embedded engine cannot answer: {failed}")
        read = sum(answer.prompt_tokens - answer.cached_tokens for answer in answers)
        return max(1, read), max(1, sum(answer.completion_tokens for answer in answers)), seconds

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer after the prefill. A prompt that does not fit, or that llama.cpp refuses, has finish "error".

        Raises EngineError only if the engine is not open.
        """
        if self._threads is None or self._server is None:
            raise EngineError("the embedded engine is not open", "use it inside `async with`")
        body = self.body(prompt)  # while slots are busy, not while this one waits
        slot = await self._slots.take(prompt.document_id)
        started, done = time.perf_counter(), 0.0
        self._watch.enter(started)
        try:
            body["id_slot"] = slot
            reply = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, self._server, body)
            answer = self._completion(prompt, reply, time.perf_counter() - started)
            done = work(answer.prompt_tokens - answer.cached_tokens, answer.completion_tokens)
            return answer
        finally:
            self._watch.leave(time.perf_counter(), done)
            self._slots.release(slot)

    def body(self, prompt: Prompt) -> dict[str, Any]:
        """What llama.cpp is asked: the prompt as ids and strings, and every sampling parameter."""
        segments = render(prompt, self._template)
        array = as_array(segments, self._ids)
        if self._header is not None and self._header.begin is not None and array[:1] != [self._header.begin]:
            array = [self._header.begin, *array]
        # Without a number in it an array means several prompts; only templates without special tokens come here.
        rendered = array if any(isinstance(piece, int) for piece in array) else as_text(segments)
        return {
            "prompt": rendered,
            **sampling_fields(prompt.sampling, TEMPLATES[self._template].stops),
            **fields_for(prompt, "llamacpp", chat=False),
            "cache_prompt": True,
            "stream": False,
        }

    @staticmethod
    def _ask(server: Any, body: dict[str, Any]) -> object:
        try:
            return server.handle_completions(body)
        except (RuntimeError, ValueError, TypeError) as error:
            return {"error": {"message": f"{type(error).__name__}: {error}"}}

    def _completion(self, prompt: Prompt, reply: object, seconds: float) -> Completion:
        problem = ""
        choice: Mapping[str, Any] = {}
        if not isinstance(reply, Mapping):
            problem = f"llama.cpp answered with {type(reply).__name__}"
        elif "error" in reply:
            problem = str(reply["error"].get("message", reply["error"]))
        else:
            choice = reply["choices"][0]
            if choice.get("finish_reason") not in _FINISH:
                problem = f"llama.cpp ended with {choice.get('finish_reason')!r}"
        if problem or not isinstance(reply, Mapping):
            return Completion(prompt.request_id, "", "error", self.identity, 0, 0, 0, seconds, problem[:300])
        usage = reply.get("usage") or {}
        text = continuation(prompt, str(choice["text"]))
        return Completion(
            prompt.request_id,
            text,
            _FINISH[choice["finish_reason"]],
            self.identity,
            int(usage.get("prompt_tokens", 0)),
            int(usage.get("completion_tokens", count(text))),
            int((usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)),
            seconds,
            logprobs=logprobs_of(choice) if prompt.logprobs else (),
        )


def sampling_fields(sampling: Sampling, stops: tuple[str, ...]) -> dict[str, Any]:
    """Every sampling parameter as llama.cpp names it, also those that retold leaves alone: no default decides."""
    fields: dict[str, Any] = {
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "typical_p": 1.0,
        "repeat_penalty": sampling.repeat_penalty,
        "repeat_last_n": 64,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "mirostat": 0,
        "stop": list(dict.fromkeys((*sampling.stop, *stops))),
    }
    return fields if sampling.seed is None else {**fields, "seed": sampling.seed}
