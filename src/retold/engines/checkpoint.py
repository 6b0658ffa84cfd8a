"""A checkpoint folder of `transformers` in this process: what `retold measure` trained, or any local causal model.

In: prompts, rendered here with a pinned template (`plain` where the model has no chat tokens); text of sources is
tokenised with special tokens off. Out: completions with finish reason and usage. Weights are read from safetensors
alone, code of a checkpoint is never run, nothing is downloaded. One prompt at a time: made for small models and for
probing, not for throughput; a served model (`http`) answers faster from the same folder.

The identity is the digest of configuration, tokenizer and weights, so a folder may be moved. Temperature 0 is greedy.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from retold.core.document import Completion, Need, Prompt, Sampling
from retold.core.errors import EngineError, EngineMissing, plainly
from retold.engines.settings import CheckpointSettings
from retold.engines.template import TEMPLATES, as_array, continuation, render, template_for

_INSTALL = "run: pip install 'retold[measure]'"
_WINDOW = 4
CONFIG, TOKENIZER = "config.json", "tokenizer.json"


class CheckpointEngine:
    """Answers prompts with a local `transformers` model. Opened with `async with`; for one event loop."""

    name = "checkpoint"

    def __init__(self, settings: CheckpointSettings) -> None:
        """Raises EngineMissing where the folder is no checkpoint."""
        self.settings = settings
        self._folder = Path(settings.model).expanduser()
        self._digest = self._digested()
        self._template = settings.template or template_for(_specials(self._folder))
        self._model: Any = None
        self._tokenizer: Any = None
        self._ids: dict[str, int] = {}
        self._thread: ThreadPoolExecutor | None = None

    def _digested(self) -> str:
        weights = sorted(self._folder.glob("*.safetensors"))
        found = hashlib.sha256()
        try:
            for path in (self._folder / CONFIG, self._folder / TOKENIZER, *weights):
                with path.open("rb") as file:
                    found.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise EngineMissing(
                f"{self._folder} is not a checkpoint: {plainly(error)}",
                "name a folder with config.json and tokenizer.json",
            ) from None
        if not weights:
            raise EngineMissing(f"{self._folder} has no weights in safetensors", "save the model with save_pretrained")
        return found.hexdigest()[:16]

    @property
    def identity(self) -> str:
        """`checkpoint:DIGEST:TEMPLATE`."""
        return f"checkpoint:{self._digest}:{self._template}"

    @property
    def capacity(self) -> int:
        """More than one, so that the next prompt is already known."""
        return _WINDOW

    def refuses(self, needs: frozenset[Need]) -> str:
        """Neither grammar nor schema nor probabilities."""
        return "a checkpoint answers in plain text only; serve it with vLLM or llama.cpp for more" if needs else ""

    def check(self) -> None:
        """Raises EngineMissing where torch or transformers are not installed."""
        for package in ("torch", "transformers"):
            if importlib.util.find_spec(package) is None:
                raise EngineMissing(f"a checkpoint needs the package {package}, which is not installed", _INSTALL)

    async def __aenter__(self) -> CheckpointEngine:
        self.check()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="retold-checkpoint")
        await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown, wait=True, cancel_futures=True)
        self._model = self._tokenizer = None

    def _load(self) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        local = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(self._folder, **local)
            self._model = AutoModelForCausalLM.from_pretrained(self._folder, use_safetensors=True, **local)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise EngineError(f"transformers cannot load {self._folder}: {error}", "is the folder complete?") from None
        self._model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        self._ids = _specials(self._folder)

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer after the prefill. What the model cannot be asked has finish "error".

        Raises EngineError only if the engine is not open.
        """
        if self._thread is None or self._model is None:
            raise EngineError("the checkpoint engine is not open", "use it inside `async with`")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, prompt)

    def _answer(self, prompt: Prompt) -> Completion:
        started = time.perf_counter()
        ids = self._encoded(prompt)
        try:
            made = self._generate(ids, prompt.sampling)
        except (RuntimeError, ValueError, IndexError) as error:
            problem = f"{type(error).__name__}: {error}"[:300]
            return Completion(prompt.request_id, "", "error", self.identity, len(ids), 0, error=problem)
        ended = bool(made) and made[-1] in self._ends()
        text = self._tokenizer.decode([*ids, *(made[:-1] if ended else made)], skip_special_tokens=False)
        text = text[len(self._tokenizer.decode(ids, skip_special_tokens=False)) :]
        for stop in (*prompt.sampling.stop, *TEMPLATES[self._template].stops):
            before, found, _ = text.partition(stop)
            if found:
                text, ended = before, True
        return Completion(
            prompt.request_id,
            continuation(prompt, text),
            "stop" if ended else "length",
            self.identity,
            len(ids),
            len(made),
            seconds=time.perf_counter() - started,
        )

    def _encoded(self, prompt: Prompt) -> list[int]:
        """Ids of the rendered prompt: our special tokens as such, all else as text."""
        begin = self._tokenizer.bos_token_id
        found: list[int] = [] if begin is None else [begin]
        for piece in as_array(render(prompt, self._template), self._ids):
            if isinstance(piece, int):
                found += [piece] if piece != begin or found != [begin] else []
            else:
                found += self._tokenizer(piece, add_special_tokens=False, split_special_tokens=True).input_ids
        return found or [self._ends()[0]]

    def _ends(self) -> list[int]:
        end = self._model.generation_config.eos_token_id
        return list(end) if isinstance(end, list) else [self._tokenizer.eos_token_id if end is None else end]

    def _generate(self, ids: list[int], sampling: Sampling) -> list[int]:
        import torch

        rows = torch.tensor([ids], dtype=torch.long, device=self._model.device)
        chosen: dict[str, Any] = {"do_sample": False}
        if sampling.temperature > 0:
            chosen = {
                "do_sample": True,
                "temperature": sampling.temperature,
                "top_p": sampling.top_p,
                "top_k": sampling.top_k,
                "min_p": sampling.min_p,
            }
        with torch.random.fork_rng(), torch.no_grad():
            if sampling.seed is not None:
                torch.manual_seed(sampling.seed)
            made = self._model.generate(
                rows,
                attention_mask=torch.ones_like(rows),
                max_new_tokens=sampling.max_tokens,
                repetition_penalty=sampling.repeat_penalty,
                pad_token_id=self._ends()[0],
                **chosen,
            )
        new: list[int] = made[0, len(ids) :].tolist()
        return new


def _specials(folder: Path) -> dict[str, int]:
    """Special tokens of a tokenizer file with their ids."""
    import orjson

    found = orjson.loads((folder / TOKENIZER).read_bytes()).get("added_tokens", [])
    return {str(token["content"]): int(token["id"]) for token in found if token.get("special")}
