"""Durable documents per second of one driver process, beside the clients that others generate with.

    python benchmarks/http_driver.py            12 to 15 minutes
    python benchmarks/http_driver.py --quick    about a minute: 256 and 1,000 in flight, 1 s, few documents

Driver and server have a core each (0 and 1). A prompt has 6 kB, an answer 1.5 kB. Two servers: every answer after 1 s,
and log-normal with a mean of 20 s (sigma 0.35). `durable` counts documents that are in the Delta store (ours) or in the
peer's files afterwards, over the wall clock of the whole run: for us planned order read back, both canaries, the ramp
and the last commit are in it, imports are not (nor are the peers').

What the latency allows (`allowed`): at 1 s, N documents need ceil(N / in flight) waves of 1 s. With drawn latencies the
server gives the n-th request that it meets the n-th latency, so an ideal driver's time is computed: each place takes
the next document as soon as it is free. A canary is a request as well, and is not in this; it asks for 16 tokens, which
the server answers in 16/330 of the time that it takes for the 330 tokens of a document.

The two floors are where each means something: what the latency allows at 1,000 in flight, where a good driver is
waiting, and the ratio to the peers at 4,000, where the driver's own pace is what limits. (At 1,000 and 1 s nobody can
have three times a peer that reaches more than a third of what the latency allows; that ratio is in the figures.)

The peers are run with fewer documents where they are slow, never with fewer than one full wave; how many is in the
figures. At 20 s runs that need little of the core share it, each with a server of its own (`TOGETHER`); those of peers
that would fill it run alone.

Where the time goes comes from a run of its own with clocks around rendering, writing and reading JSON, and committing
(processor time of the thread); the rest of the main thread is event loop and transport, the rest of the process Arrow's
and Delta's threads.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from http_parts import Clocks
from loopback_server import latencies

from support import environment, floor, planned, record, table

HERE = Path(__file__).parent
SENTENCE = "The harbour lies in the lee of the island, and its pilots know every rock of the sound by its own name. "
TEXT = (SENTENCE * 60)[:6000]
STYLE = "wiki"
SPREAD = 0.35
LONG = 20.0
CLIENT_CORE, SERVER_CORE = 0, 1
GROUP_SECONDS = 10.0
PEERS = ("datatrove", "openai")
PACKAGES = ("datatrove==0.10.1", "openai", "aiofiles", "aiosqlite", "httpx", "orjson", "xxhash", "uvloop", "httptools")
"""What datatrove's extra `inference` brings for an external server; it would install vLLM, SGLang and torch as well."""

DOCUMENTS = {
    ("ours", 1.0): {256: 12_800, 1000: 60_000, 4000: 60_000},
    ("datatrove", 1.0): {256: 2560, 1000: 10_000, 4000: 12_000},
    ("openai", 1.0): {256: 1024, 1000: 1000, 4000: 4000},
    ("ours", LONG): {256: 768, 1000: 3000, 4000: 12_000},
    ("datatrove", LONG): {256: 512, 1000: 2000, 4000: 4000},
    ("openai", LONG): {256: 512, 1000: 1000, 4000: 4000},
}
QUICK = {
    ("ours", 1.0): {256: 1280, 1000: 6000},
    ("datatrove", 1.0): {256: 768, 1000: 1000},
    ("openai", 1.0): {256: 512, 1000: 1000},
}
TOGETHER = (
    (("ours", 256), ("ours", 1000), ("ours", 4000)),
    (("datatrove", 256), ("openai", 256), ("datatrove", 1000)),
    (("openai", 1000),),
    (("datatrove", 4000),),
    (("openai", 4000),),
)
AT_LEAST_OF_ALLOWED = 0.90
AT_LEAST_OF_BEST_PEER = 3.0
AIM = 1500.0


def allowed_seconds(documents: int, in_flight: int, latency: float) -> float:
    """The least time in which so many documents can be answered."""
    if latency < LONG:
        return -(-documents // in_flight) * latency
    drawn = latencies(latency, SPREAD)
    free = [0.0] * in_flight
    for _ in range(documents):
        heapq.heapreplace(free, free[0] + next(drawn))
    return max(free)


@contextmanager
def server(latency: float) -> Iterator[str]:
    """A loopback server; its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, str(HERE / "loopback_server.py"), "--port", str(port), "--core", str(SERVER_CORE)]
    command += ["--latency", str(latency), "--spread", str(SPREAD if latency >= LONG else 0.0)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def ours(url: str, in_flight: int, documents: int, folder: Path, *, clocks: bool) -> dict[str, Any]:
    """One run of ours in this process, which gets the client's core once the store is planned."""
    settings = {"model": "bench", "urls": [f"{url}/v1"], "template": "chat", "in_flight": in_flight}
    # A style that allows as many tokens as the server makes, or its answers would look late (`engines/stragglers.py`).
    asked = planned(folder, {"http": settings}, documents, TEXT, style=STYLE)
    print("planned", flush=True)
    sys.stdin.readline()
    os.sched_setaffinity(0, {CLIENT_CORE})
    parts = Clocks() if clocks else None
    cpu, begun = time.process_time(), time.perf_counter()
    asked.run(group_seconds=GROUP_SECONDS)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    stored = asked.store.dataset("completions").count_rows()
    return {"seconds": seconds, "cpu": cpu, "documents": stored, "parts": parts.shares(cpu) if parts else {}}


class Run:
    """One driver process, ours or a peer's: started, let go, and asked for its figures."""

    def __init__(self, who: str, in_flight: int, documents: int, latency: float, url: str, python: Path) -> None:
        self.who, self.in_flight, self.documents, self.latency = who, in_flight, documents, latency
        size = ["--url", url, "--in-flight", str(in_flight), "--documents", str(documents)]
        if who in PEERS:
            command = [str(python), str(HERE / "http_peers.py"), who, *size, "--core", str(CLIENT_CORE)]
        else:
            command = [sys.executable, __file__, "--one", who, *size]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def go(self) -> None:
        """Everything that is not counted is done: begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self) -> dict[str, Any]:
        """Its figures. Raises RuntimeError where documents are missing."""
        out, _ = self.process.communicate()
        found = json.loads(out.strip().rpartition("\n")[2])
        if found["documents"] != self.documents:
            raise RuntimeError(f"{self.who} has {found['documents']} of {self.documents} documents")
        allowed = allowed_seconds(self.documents, self.in_flight, self.latency)
        figures = {
            "who": self.who,
            "latency_s": self.latency,
            "in_flight": self.in_flight,
            "documents": self.documents,
            "seconds": round(found["seconds"], 2),
            "durable_per_second": round(self.documents / found["seconds"], 1),
            "allowed_per_second": round(self.documents / allowed, 1),
            "of_allowed": round(allowed / found["seconds"], 3),
            "cpu_ms": round(found["cpu"] * 1000 / self.documents, 3),
        }
        print(figures, file=sys.stderr, flush=True)
        return {**figures, "parts": found["parts"]} if found.get("parts") else figures


def together(runs: list[tuple[str, int, int]], latency: float, python: Path) -> list[dict[str, Any]]:
    """Runs (who, in flight, documents) that share the core, each with a server of its own."""
    with ExitStack() as open_servers:
        started = [Run(*run, latency, open_servers.enter_context(server(latency)), python) for run in runs]
        for run in started:
            open_servers.callback(run.process.kill)  # where another one fails, or Ctrl-C
        for run in started:
            run.go()
        return [run.result() for run in started]


def measure(python: Path, quick: bool) -> list[dict[str, Any]]:
    """All runs of the comparison."""
    sizes = QUICK if quick else DOCUMENTS
    rows = []
    for in_flight in sizes["ours", 1.0]:
        for who in ("ours", *PEERS):
            rows += together([(who, in_flight, sizes[who, 1.0][in_flight])], 1.0, python)
    for group in () if quick else TOGETHER:
        rows += together([(who, size, sizes[who, LONG][size]) for who, size in group], LONG, python)
    return rows


def verdicts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The two floors, both at 1 s."""
    at = {(row["who"], row["in_flight"]): row for row in rows if row["latency_s"] == 1.0}
    most = max(in_flight for _, in_flight in at)
    own = at["ours", 1000]
    best = max(at[who, most]["durable_per_second"] for who in PEERS)
    return [
        floor("share of what 1 s allows, 1,000 in flight", own["of_allowed"], at_least=AT_LEAST_OF_ALLOWED),
        floor(
            f"durable documents/s over the best peer, {most:,} in flight, 1 s",
            at["ours", most]["durable_per_second"] / best,
            at_least=AT_LEAST_OF_BEST_PEER,
        ),
    ]


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--python", type=Path, help="a Python that has the peers, instead of installing them")
    reader.add_argument("--one", choices=("ours", "clocked"), help="one run in this process, for the benchmark itself")
    reader.add_argument("--url", default="")
    reader.add_argument("--in-flight", type=int, default=0)
    reader.add_argument("--documents", type=int, default=0)
    arguments = reader.parse_args()
    if arguments.one:
        with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
            clocks = arguments.one == "clocked"
            print(
                json.dumps(ours(arguments.url, arguments.in_flight, arguments.documents, Path(folder), clocks=clocks))
            )
        return 0
    with ExitStack() as stack:
        python = arguments.python or stack.enter_context(environment(*PACKAGES))
        rows = measure(python, arguments.quick)
        clocked = together([("clocked", 1000, 4000 if arguments.quick else 10_000)], 1.0, python)[0]
    print(table(list(rows[0]), [list(row.values()) for row in rows]))
    print("processor time of ours, ms per document:", json.dumps(clocked["parts"]))
    fast = [row for row in rows if row["who"] == "ours" and row["in_flight"] == 4000 and row["latency_s"] == 1.0]
    for row in fast:
        reached = "reached" if row["durable_per_second"] >= AIM else "not reached"
        print(f"aim: {AIM:g} durable documents/s at 4,000 in flight: {row['durable_per_second']} ({reached})")
    settings = {"prompt_characters": len(TEXT), "answer_characters": 1500, "group_seconds": GROUP_SECONDS, "aim": AIM}
    figures = {"runs": rows, "where_the_time_goes": clocked}
    return record("http_driver", figures, verdicts(rows), settings=settings, write=not arguments.quick)


if __name__ == "__main__":
    raise SystemExit(main())
