"""All replicas together: started side by side, stopped together, and the line that a recipe needs.

In: launches and a folder for logs. Out: `changed` is called whenever something is worth showing; `recipe_line` once
they are ready. The fleet goes on with what is left when a replica is given up, and ends with EngineError when all are.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from retold.core.errors import EngineError
from retold.engines.gguf import read_header
from retold.engines.serve.launch import Launch, ServeSettings, served_name
from retold.engines.serve.log_file import LogFile
from retold.engines.serve.replica import Limits, Replica
from retold.engines.settings import CHAT
from retold.engines.template import template_for

TAIL_SHOWN = 15
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Fleet:
    """`run` until a signal comes, `stop` is called, or no replica is left."""

    def __init__(
        self,
        launches: Sequence[Launch],
        logs: Path,
        changed: Callable[[Replica], None],
        limits: Limits | None = None,
    ) -> None:
        self.logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self.stopping = False
        self.replicas = tuple(
            Replica(launch, LogFile(logs / f"replica-{launch.replica}.log", launch.secret), changed, limits)
            for launch in launches
        )

    @property
    def settled(self) -> bool:
        """Whether every replica is ready or given up, and one at least is ready."""
        states = [replica.state for replica in self.replicas]
        return "ready" in states and all(state in ("ready", "given up") for state in states)

    def stop(self) -> None:
        """Stop all in order; the second time at once."""
        for replica in self.replicas:
            if self.stopping:
                replica.kill()
            else:
                replica.stop()
        self.stopping = True

    async def run(self) -> None:
        """Raises EngineError, with the end of a log, when all are given up."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            with suppress(NotImplementedError, ValueError):  # not the main thread
                loop.add_signal_handler(number, self.stop)
        try:
            await asyncio.gather(*(replica.run() for replica in self.replicas))
        finally:
            self.stop()
            for number in _SIGNALS:
                with suppress(NotImplementedError, ValueError):
                    loop.remove_signal_handler(number)
        lost = [replica for replica in self.replicas if replica.state == "given up"]
        if lost:
            raise self.error_of(lost[0])

    @staticmethod
    def error_of(replica: Replica) -> EngineError:
        """Why a replica was given up: the likely cause, the end of its log, where the rest is."""
        tail = "\n".join(f"    {line}" for line in list(replica.log.tail)[-TAIL_SHOWN:])
        what = replica.cause.what if replica.cause is not None else "it ended"
        fix = replica.cause.fix if replica.cause is not None else "the log says more"
        where = f"replica {replica.launch.replica} on port {replica.launch.port}"
        return EngineError(f"{where} is given up: {what}\n{tail}\n    ({replica.log.path})", fix)


def recipe_line(settings: ServeSettings, launches: Sequence[Launch]) -> str:
    """The line to paste into a recipe; the template is named where the model's own files say which one fits."""
    urls = ", ".join(f"{launch.url}/v1" for launch in launches)
    fields = [f"http: [{urls}]", f"model: {json.dumps(served_name(settings))}"]
    if settings.revision:
        fields.append(f"revision: {json.dumps(settings.revision)}")
    template = template_of(settings.model)
    if template != CHAT:
        fields.append(f"template: {template}")
    if settings.key:
        fields.append(f"key: {settings.key}")
    return f"engines: {{served: {{{', '.join(fields)}}}}}"


def template_of(model: str) -> str:
    """The template whose special tokens a model on this machine has, else `chat`: the server's own."""
    if not model:
        return "chatml"  # the default weights
    path = Path(model).expanduser()
    specials: list[str] = []
    with suppress(OSError, ValueError, AttributeError, EngineError):
        if path.suffix == ".gguf":
            specials = [*read_header(path).specials]
        elif (path / "tokenizer.json").is_file():
            added = json.loads((path / "tokenizer.json").read_text("utf-8")).get("added_tokens") or []
            specials = [token["content"] for token in added if isinstance(token, dict) and "content" in token]
    found = template_for(specials)
    return CHAT if found == "plain" else found
