"""How many slots, threads and tokens in a batch suit a model on this machine: a short test, remembered per machine.

In: something that starts a server with a choice, and how many processors stand idle. Out: a `Choice`, from the file
`embedded.json` beside the weights where this processor, model and version of xllamacpp were tested before.

Threads are chosen by reasoning: as many as stand idle, never two on one core, since llama.cpp's threads wait for each
other at every layer; from four on, half as many are tried too, since small models run out of memory bandwidth first.
Slots and batch are measured, in processor time: with a load of 8 to 19 on two cores the same work took 2.1 to 6.0 s
by the clock and 0.89 to 1.16 s of processor time, in an order that repeats (one thread: 1 slot 0.99, two 1.13, four
1.01, eight 0.89). More slots must be `WORTH` better, since each holds a context.

Each number of idle processors has a choice of its own, so a busy moment decides nothing for idle ones; and a run whose
pace is far from what was measured makes its choice be forgotten, so that the next start tests anew.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from retold.core.fingerprint import digest
from retold.engines.fetch import cache_folder
from retold.engines.processors import allowed, model_of_processor, real_processors

FILE: Final = "embedded.json"
LEVELS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""Numbers of idle processors that have a choice of their own."""
SLOTS: Final = (1, 2, 4, 8)
BATCH: Final = 512
BATCHES: Final = (128,)
"""Tried beside `BATCH`."""
WORTH: Final = 0.05
READ_WORDS: Final = 100
WRITE_TOKENS: Final = 24
SECONDS: Final = 30.0
"""When no further choice is tried."""
FAR: Final = 2.0
"""A pace that differs by more than this factor is another machine's."""
LONG_SECONDS: Final = 30.0
FULL: Final = 0.8
READS_PER_WRITE: Final = 2.5
"""Tokens read in the time of one written: 140 and 55 a second on two processors."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`batch`: prompt tokens worked on at once. `pace`: work per second by the clock, with all slots busy."""

    threads: int
    slots: int
    batch: int = BATCH
    pace: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One choice and what a unit of work cost: seconds by the clock, and of processors."""

    choice: Choice
    clock: float
    processor: float


class Watch:
    """How fast a server works while it is asked: from when prompts come and go, and the work in them."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._here = 0
        self._seen = 0.0
        self._any = self._full = self._work = 0.0

    def enter(self, now: float) -> None:
        """A slot begins with a prompt."""
        self._pass(now)
        self._here += 1

    def leave(self, now: float, done: float) -> None:
        """A slot has answered."""
        self._pass(now)
        self._here -= 1
        self._work += done

    def far_from(self, pace: float) -> bool:
        """Whether it was another pace by more than `FAR`; never after a short run, or one with idle slots."""
        if self._any < LONG_SECONDS or self._full < FULL * self._any:
            return False
        return not 1 / FAR < self._work / self._any / pace < FAR

    def _pass(self, now: float) -> None:
        if self._here:
            self._any += now - self._seen
            self._full += (now - self._seen) * (self._here == self._slots)
        self._seen = now


Start = Callable[[Choice], Any]
"""A `xllamacpp.Server` that works as chosen."""


def level_of(idle: int) -> int:
    """The number of threads to begin with: what stands idle, at most one on a core."""
    most = min(idle, real_processors())
    return max(level for level in LEVELS if level <= max(1, most))


def machine(model: str, version: str) -> str:
    """The key of processor, model and llama.cpp under which choices are remembered."""
    return digest("embedded", model_of_processor(), len(allowed()) or os.cpu_count() or 1, model, version)[:16]


def recall(key: str, level: int) -> Choice | None:
    """What was chosen here before."""
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        found = Choice(**_read()[key][str(level)])
        whole = all(isinstance(value, int) and value > 0 for value in (found.threads, found.slots, found.batch))
        return found if whole and 0 < found.pace < float("inf") else None
    return None


def remember(key: str, level: int, choice: Choice | None) -> None:
    """Keep a choice, or (None) forget it. A folder that cannot be written only means that it is tested again."""
    known = _read()
    mine = known.get(key)
    mine = mine if isinstance(mine, dict) else {}
    if choice is None:
        mine.pop(str(level), None)
    else:
        mine[str(level)] = asdict(choice)
    with suppress(OSError):
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=FILE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({**known, key: mine}, file)
        Path(name).replace(folder / FILE)


def _read() -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads((cache_folder() / FILE).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def tune(start: Start, level: int, fixed: Choice, tell: Callable[[Measured], None] = lambda _: None) -> Choice:
    """Test choices with servers of one's own, the likeliest first, for at most about `SECONDS`.

    `fixed` holds what the settings say (0: choose it). Raises whatever `start` raises.
    """
    until = time.monotonic() + SECONDS
    threads = fixed.threads or level
    tried: list[Measured] = []

    def measure(choices: Iterable[Choice]) -> None:
        for choice in choices:
            if tried and time.monotonic() > until:
                return
            tried.append(_measure(start(choice), choice))
            tell(tried[-1])

    measure(Choice(threads, slots, fixed.batch or BATCH) for slots in ([fixed.slots] if fixed.slots else SLOTS))
    best = _best(tried)
    if not fixed.batch:
        measure(replace(best.choice, batch=batch) for batch in BATCHES)
        best = _best([best, *(found for found in tried if found.choice.slots == best.choice.slots)])
    if not fixed.threads and threads >= 4:
        measure([replace(best.choice, threads=threads // 2)])
        last = tried[-1]
        # Other numbers of threads cost other processor time: here only the clock can tell.
        best = last if last.choice.threads != threads and last.clock < best.clock * (1 - WORTH) else best
    return replace(best.choice, pace=1 / best.clock)


def _best(tried: list[Measured]) -> Measured:
    """The first that no later one betters by `WORTH`: fewer slots come first."""
    best = tried[0]
    for other in tried[1:]:
        if other.processor < best.processor * (1 - WORTH):
            best = other
    return best


def work(read: int, written: int) -> float:
    """The work in an answer, in tokens read."""
    return read + READS_PER_WRITE * written


def _measure(server: Any, choice: Choice) -> Measured:
    """Each slot reads a text of its own and writes: the shape of a retelling, without any cache."""
    _answer(server, 0, "warm", 1)
    clock, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(choice.slots) as threads:
        done = sum(threads.map(lambda slot: _answer(server, slot, f"text {slot}", WRITE_TOKENS), range(choice.slots)))
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    return Measured(choice, clock / done, processor / done)


def _answer(server: Any, slot: int, begin: str, tokens: int) -> float:
    """Have it read and write; the work that it was."""
    words = " ".join(f"{begin} {number}" for number in range(READ_WORDS // 3))
    body = {"prompt": words, "max_tokens": tokens, "temperature": 0.0, "ignore_eos": True, "cache_prompt": False}
    reply = server.handle_completions({**body, "id_slot": slot, "stream": False})
    if not isinstance(reply, dict) or "error" in reply:
        raise RuntimeError(f"llama.cpp does not answer: {str(reply)[:200]}")
    usage = reply.get("usage") or {}
    return max(1.0, work(int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))))
