"""Where a driver's processor time goes: clocks around rendering, JSON and committing, for a run of its own.

Each clock counts the processor time of the thread that it runs in, so a commit that runs beside the event loop is
counted as such. The clocks themselves cost about 1 µs a call, four calls a document.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from retold.engines import attempt, http
from retold.rephrase.generate import Complete
from retold.runner.asking import Asking


class Clocks:
    """Puts clocks around the parts of a driver, for the rest of this process."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._begun = time.thread_time()
        http.body_of = self._timed("writing JSON", http.body_of)  # type: ignore[assignment]
        attempt.read_answer = self._timed("reading JSON", attempt.read_answer)  # type: ignore[assignment]
        Asking._write = self._timed("rows and commit", Asking._write)  # type: ignore[method-assign]
        prompts = Complete.prompts

        def rendered(*arguments: Any) -> Iterator[Any]:
            following = self._timed("reading passages and rendering", prompts(*arguments).__next__)
            while True:
                try:
                    yield following()
                except StopIteration:
                    return

        Complete.prompts = rendered  # type: ignore[method-assign]

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def clocked(*arguments: Any, **named: Any) -> Any:
            begun = time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[name] += time.thread_time() - begun
                self.calls[name] += 1

        return clocked

    def shares(self, whole: float) -> dict[str, float]:
        """Milliseconds per document by part. `whole`: processor seconds of the process."""
        documents = max(1, self.calls["writing JSON"])
        main = time.thread_time() - self._begun
        beside = self.seconds["rows and commit"]
        inside = self.seconds.total() - beside
        parts = {
            **self.seconds,
            "event loop, sending and receiving": main - inside,
            "threads of Arrow and Delta": whole - main - beside,
        }
        return {name: round(seconds * 1000 / documents, 3) for name, seconds in parts.items()}
