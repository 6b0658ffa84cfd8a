"""How many prompt tokens servers really work on when several styles are asked of one source.

    python benchmarks/prefix_reuse.py                   llama.cpp, and vLLM's CPU build (installed if it is not there)
    python benchmarks/prefix_reuse.py --without-vllm    llama.cpp alone
    python benchmarks/prefix_reuse.py --passages 4 --no-record

Twelve passages of Python's documentation, four styles each with answers of a few tokens, in planned order: all styles
of a passage in a row. Asked in both orders of source and instruction, with and without affinity of a document to an
address. Two servers of each kind, one prompt in flight at each, started by `retold engine serve`. What was worked on is
told by the servers' own counters; what the replies' usage says stands beside it. Every run's passages begin with a mark
of the run, so that nothing is left in a cache from the run before.

The shape to expect: with S tokens of source, I of instruction and four styles, source first works on S + 4 I of 4 S +
4 I tokens; a cache in blocks, as vLLM's, loses up to one block of each shared beginning.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from retold.core.document import Completion, Passage, Prompt, Request
from retold.core.fingerprint import digest
from retold.engines.http import HttpEngine
from retold.engines.settings import EngineSettings, HttpSettings
from retold.read.python_docs import topics
from retold.rephrase.chunk import chunk
from retold.styles import load, ordered, render
from retold.styles.style import Order
from retold.text.words import words
from support import floor, record, table

STYLES = ("summary", "plain", "key_facts", "tutorial")
ORDERS: tuple[Order, ...] = ("source_first", "instruction_first")
ANSWER_TOKENS = 8
VLLM = Path(__file__).parents[1] / "tests" / "support" / "vllm_cpu.py"
BLOCK = 32
"""Tokens of a block of vLLM's cache. On GPUs 16 is usual; on processors it would be 128, most of a passage."""
COUNTERS: Mapping[str, tuple[str, ...]] = {
    "llama.cpp": ("llamacpp:prompt_tokens_total",),
    "vLLM": ("vllm:prompt_tokens_total", "vllm:prefix_cache_hits_total"),
}
HALF = 0.5
NEAR = {"llama.cpp": 0.8, "vLLM": 1.0}
"""What affinity must save of what is left when prompts go wherever there is room. On vLLM that happens to be near: the
server that has read a source answers first, and so gets the next prompt of it."""


@dataclass(frozen=True)
class Run:
    """One way to ask, and what came of it. `worked` is what the servers count, `told` what their replies say."""

    server: str
    order: Order
    affinity: bool
    prompt_tokens: int
    worked: int
    told: int
    seconds: float

    @property
    def share(self) -> float:
        """Of the prompts' tokens, what was worked on."""
        return self.worked / self.prompt_tokens

    def row(self) -> list[object]:
        shares = f"{self.share:.0%}"
        near = "affinity" if self.affinity else "spread"
        return [
            self.server,
            self.order,
            near,
            self.prompt_tokens,
            self.worked,
            shares,
            self.told,
            f"{self.seconds:.0f}",
        ]


def passages(number: int) -> list[tuple[str, str]]:
    """(heading, text) of one passage of about 300 tokens for each of `number` topics."""
    found = []
    for _, text in sorted(topics().items()):
        pieces = chunk(text, text.lstrip().partition("\n")[0], 300).pieces
        if long := next((piece for piece in pieces if len(words(text[piece.start : piece.end])) >= 120), None):
            found.append((long.heading, text[long.start : long.end]))
    step = len(found) / number
    return [found[int(place * step)] for place in range(number)]


def prompts(texts: list[tuple[str, str]], order: Order, mark: str) -> list[Prompt]:
    """In planned order: the styles of a passage in a row."""
    made = []
    for number, (heading, text) in enumerate(texts):
        marked = f"{mark}{number}. {text}"
        passage = Passage(digest(marked), digest(marked), 0, len(marked), heading, marked, 0)
        for name in STYLES:
            style = ordered(load(name), order)
            one = digest("prefix_reuse", marked, name)
            request = Request(one, one, 0, passage.passage_id, passage.document_id, 0, len(marked), name, "", "")
            prompt = render(style, passage, request)
            made.append(replace(prompt, sampling=replace(prompt.sampling, max_tokens=ANSWER_TOKENS)))
    return made


async def ask(settings: HttpSettings, asked: list[Prompt]) -> list[Completion]:
    """In this order, as many at a time as the engine takes."""
    async with HttpEngine(settings) as engine:
        answers: list[Completion] = []
        under_way: set[asyncio.Task[Completion]] = set()
        for prompt in asked:
            while len(under_way) >= engine.capacity:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                answers += [task.result() for task in done]
            under_way.add(asyncio.create_task(engine.complete(prompt)))
        answers += await asyncio.gather(*under_way)
        return answers


def counted(server: str, urls: tuple[str, ...]) -> int:
    """Prompt tokens that the servers worked on since they were started: the first counter less the others."""
    total = 0.0
    for url in urls:
        with urllib.request.urlopen(f"{url.removesuffix('/v1')}/metrics", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        for place, counter in enumerate(COUNTERS[server]):
            values = [float(line.split()[-1]) for line in lines if line.partition("{")[0].split()[:1] == [counter]]
            total += sum(values) if place == 0 else -sum(values)
    return round(total)


def measure(server: str, engine: Mapping[str, Any], texts: list[tuple[str, str]]) -> list[Run]:
    """Both orders, with and without affinity."""
    runs = []
    for affinity in (True, False):
        for order in ORDERS:
            # Without canary: it would be counted among the prompts.
            chosen = {**engine, "affinity": affinity, "canary": False, "in_flight": 1}
            settings = EngineSettings.model_validate(chosen).http
            assert settings is not None
            asked = prompts(texts, order, f"{'AB'[affinity]}{order[0].upper()}")
            before, begun = counted(server, settings.urls), time.perf_counter()
            answers = asyncio.run(ask(settings, asked))
            seconds = time.perf_counter() - begun
            time.sleep(1.5)  # counters are written a moment after the answer
            failed = [answer.error for answer in answers if answer.finish == "error"]
            if failed:
                raise SystemExit(f"{server}: {failed[0]}")
            given = sum(answer.prompt_tokens for answer in answers)
            told = given - sum(answer.cached_tokens for answer in answers)
            worked = counted(server, settings.urls) - before
            runs.append(Run(server, order, affinity, given, worked, told, seconds))
            print(f"{' '.join(map(str, runs[-1].row()))}", file=sys.stderr, flush=True)
    return runs


@contextmanager
def served(*words: object, environment: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """`retold engine serve`, and the engine that it prints for a recipe."""
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        printed = Path(folder) / "printed"
        with printed.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "retold", "engine", "serve", *map(str, words)],
                stdout=file, stderr=file, cwd=folder, env={**os.environ, **(environment or {})},
            )  # fmt: skip
        try:
            while "engines:" not in printed.read_text():
                if process.poll() is not None:
                    raise SystemExit(printed.read_text())
                time.sleep(0.2)
            line = next(line for line in printed.read_text().splitlines() if line.startswith("engines:"))
            yield yaml.safe_load(line)["engines"]["served"]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def free_port() -> int:
    """One above which there is most likely room for a second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def llama_cpp(texts: list[tuple[str, str]]) -> list[Run]:
    """Two servers of one slot and one thread each."""
    command = f"{sys.executable} -m retold.engines.serve.llama_server"
    words = ["--engine", "llamacpp", "--command", command, "--replicas", 2, "--port", free_port(), "--"]
    with served(*words, "--parallel", 1, "--ctx-size", 2048, "--threads", 1) as engine:
        return measure("llama.cpp", engine, texts)


def vllm(texts: list[tuple[str, str]], replicas: int) -> list[Run]:
    """vLLM's CPU build, float32."""
    made = subprocess.run([sys.executable, VLLM], stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(made.stdout.splitlines()[-1])
    words = [told["model"], "--python", told["python"], "--replicas", replicas, "--port", free_port(), "--"]
    environment = {**told["environment"], "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // replicas))}
    with served(*words, *told["arguments"], "--block-size", BLOCK, environment=environment) as engine:
        return measure("vLLM", {**engine, "omit": ["seed"]}, texts)


def room_for_two() -> bool:
    """A replica has about 4 GB."""
    lines = Path("/proc/meminfo").read_text().splitlines() if Path("/proc/meminfo").exists() else []
    free = next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), 0)
    return free > 12 << 20


def floors(runs: list[Run]) -> list[dict[str, Any]]:
    found = []
    by = {(run.server, run.order, run.affinity): run for run in runs}
    for server in dict.fromkeys(run.server for run in runs):
        near = by[server, "source_first", True].worked
        turned = by[server, "instruction_first", True].worked
        what = f"{server}: prompt tokens worked on, source first to instruction first, with affinity"
        found.append(floor(what, near / turned, at_most=HALF))
        spread = by[server, "source_first", False].worked
        found.append(
            floor(f"{server}: the same, affinity to spread, source first", near / spread, at_most=NEAR[server])
        )
    return found


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--passages", type=int, default=12)
    reader.add_argument("--without-vllm", action="store_true")
    reader.add_argument("--no-record", action="store_true", help="leave the result file as it is")
    arguments = reader.parse_args()
    texts = passages(arguments.passages)
    runs = llama_cpp(texts)
    replicas = 2 if room_for_two() else 1
    if arguments.without_vllm:
        print("vLLM was left out (--without-vllm)")
    else:
        runs += vllm(texts, replicas)
    head = ["server", "order", "routing", "prompt tokens", "worked on", "share", "by usage", "s"]
    print(table(head, [run.row() for run in runs]))
    figures = {
        f"{run.server}, {run.order}, {'affinity' if run.affinity else 'spread'}": {
            "prompt_tokens": run.prompt_tokens, "worked": run.worked, "share": round(run.share, 3),
            "by_usage": run.told, "seconds": round(run.seconds, 1),
        }
        for run in runs
    }  # fmt: skip
    settings = {
        "passages": arguments.passages,
        "styles": list(STYLES),
        "answer_tokens": ANSWER_TOKENS,
        "servers": {"llama.cpp": 2, **({} if arguments.without_vllm else {"vLLM": replicas, "vLLM block": BLOCK})},
    }
    return record("prefix_reuse", figures, floors(runs), settings=settings, write=not arguments.no_record)


if __name__ == "__main__":
    raise SystemExit(main())
