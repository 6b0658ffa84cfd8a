"""Documents per minute of retold with the embedded engine, beside the same engine driven bare with the same prompts.

    python benchmarks/embedded.py                    six passages in three styles, four pairs of runs; about six minutes
    python benchmarks/embedded.py --pairs 2 --passages 3 --no-record

Retold's side is a whole Ask: requests and passages read from a store, prompts rendered, answers committed in groups.
The bare side has its prompts rendered beforehand and calls `xllamacpp.Server.handle_completions` from as many threads
as there are slots: the same parameters, slots, threads, sampling (greedy, at most 80 tokens) and order, each document
in one slot, style after style, so that both read a document once. Both start their server within the time that counts.
Runs alternate (A B B A ...), so that a machine that slows down slows both; a pair gives a ratio, the figure is their
geometric mean with a 95 % interval (Student's t over the logarithms). Processor time is compared in the same way: on a
busy machine it is the steadier of the two.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from retold.core.document import Passage, Request
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Part
from retold.engines import EngineSettings
from retold.engines.embedded import EmbeddedEngine
from retold.engines.fetch import require
from retold.read.python_docs import topics
from retold.rephrase.chunk import chunk
from retold.rephrase.generate import Complete
from retold.rephrase.settings import RephraseSettings
from retold.runner.stages import Stage
from retold.store import Store, Writer
from retold.styles.style import Style, load, render
from retold.text.words import words

from support import PLAN, Asked, floor, record, table  # isort: skip

STYLES = ("tutorial", "key_facts", "summary")
TOKENS = 80
PASSAGE_TOKENS = 300
LEAST_WORDS = 120
ENOUGH_SECONDS = 480.0
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36}
"""Two-sided 95 % points of Student's t by degrees of freedom."""


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock and of processors, answers, and the tokens in them."""

    clock: float
    processor: float
    answers: int
    tokens: int


def passages(number: int) -> list[Passage]:
    """One passage of each of `number` topics of Python's documentation, spread over the alphabet."""
    found = []
    for topic, text in sorted(topics().items()):
        for piece in chunk(text, text.lstrip().partition("\n")[0], PASSAGE_TOKENS).pieces:
            passage = text[piece.start : piece.end]
            if len(words(passage)) >= LEAST_WORDS:
                name = digest("topic", topic)
                found.append(Passage(name, name, piece.start, piece.end, piece.heading, passage, piece.tokens))
                break
    step = len(found) / number
    return [found[int(index * step)] for index in range(min(number, len(found)))]


def styles() -> dict[str, Style]:
    """Styles with answers of the same realistic length."""
    chosen = {name: load(name) for name in STYLES}
    greedy = {name: replace(style.sampling, temperature=0.0, max_tokens=TOKENS) for name, style in chosen.items()}
    return {name: replace(style, sampling=greedy[name]) for name, style in chosen.items()}


def requests(chosen: list[Passage]) -> list[Request]:
    """All styles of a passage in a row, in planned order."""
    found = []
    for passage in chosen:
        for style in STYLES:
            name = digest("embedded", passage.passage_id, style)
            about = (passage.passage_id, passage.document_id, passage.start, passage.end)
            found.append(Request(name, name, len(found), *about, style, "1", "bench"))
    return found


def planned(folder: Path, engine: dict[str, Any], chosen: list[Passage]) -> Asked:
    """A store with these passages and requests, nothing answered."""
    store = Store.create(folder / "store")
    settings = RephraseSettings.model_validate({"engine": "e", "styles": list(STYLES)})
    step = Complete(settings, EngineSettings.model_validate(engine), styles())
    part = Part("docs", "docs")
    writer = Writer(store, PLAN, vouched=("requests", "passages"))
    writer.claim([part.name])
    rows = {"passages": batch("passages", chosen), "requests": batch("requests", requests(chosen))}
    writer.add(part.name, rows)
    writer.flush()
    return Asked(store, (part,), Stage(step, digest("bench stage"), step.name, {PLAN: PLAN}))


def timed(work: Callable[[], tuple[int, int]]) -> Run:
    """Do it, and say what it took."""
    clock, processor = time.perf_counter(), time.process_time()
    answers, tokens = work()
    return Run(time.perf_counter() - clock, time.process_time() - processor, answers, tokens)


def retold(engine: dict[str, Any], chosen: list[Passage]) -> Run:
    """The whole Ask, in a store of its own."""
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        asked = planned(Path(folder), engine, chosen)

        def work() -> tuple[int, int]:
            done = asked.run()
            return done.rows["completions"], done.tokens

        return timed(work)


def bare(engine: EmbeddedEngine, chosen: list[Passage]) -> Run:
    """The server alone, from as many threads as slots, each document in one slot."""
    known, by_id = styles(), {passage.passage_id: passage for passage in chosen}
    bodies: dict[str, list[dict[str, Any]]] = {}
    for request in requests(chosen):
        prompt = render(known[request.style], by_id[request.passage_id], request)
        bodies.setdefault(request.document_id, []).append(engine.body(prompt))

    def work() -> tuple[int, int]:
        server = engine.server(require())
        waiting, lock, replies = iter(bodies.values()), threading.Lock(), []

        def documents() -> Iterator[list[dict[str, Any]]]:
            while True:
                with lock:
                    following = next(waiting, None)
                if following is None:
                    return
                yield following

        def drive(slot: int) -> None:
            for document in documents():
                for body in document:
                    replies.append(server.handle_completions({**body, "id_slot": slot}))

        threads = [threading.Thread(target=drive, args=(slot,)) for slot in range(engine.choice.slots)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(replies), sum(reply["usage"]["completion_tokens"] for reply in replies)

    return timed(work)


async def opened_once(engine: EmbeddedEngine) -> EmbeddedEngine:
    """The engine, closed again: it knows the special tokens of its model and what was chosen."""
    async with engine:
        return engine


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """Geometric mean of ratios with its 95 % interval."""
    logs = [math.log(ratio) for ratio in ratios]
    mean = statistics.mean(logs)
    if len(logs) < 2:
        return math.exp(mean), 0.0, math.inf
    half = STUDENT.get(len(logs) - 1, 2.3) * statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def main() -> int:
    """Run the pairs, print the table, write the result; 1 where the floor does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--passages", type=int, default=6)
    parser.add_argument("--no-record", action="store_true")
    arguments = parser.parse_args()
    begun = time.monotonic()
    choice = EmbeddedEngine().choose()
    settings = {"slots": choice.slots, "threads": choice.threads, "batch": choice.batch}
    named = {"embedded": settings}
    driven = asyncio.run(opened_once(EmbeddedEngine(EngineSettings.model_validate(named).embedded)))
    chosen = passages(arguments.passages)
    print(f"{settings}; {len(chosen)} passages in {len(STYLES)} styles", flush=True)
    bare(driven, chosen[:1])  # the weights are in memory from here on
    pairs: list[tuple[Run, Run]] = []
    for number in range(arguments.pairs):
        if number > 1 and time.monotonic() - begun > ENOUGH_SECONDS * number / (number + 1):
            break
        first = retold(named, chosen) if number % 2 == 0 else bare(driven, chosen)
        second = bare(driven, chosen) if number % 2 == 0 else retold(named, chosen)
        ours, theirs = (first, second) if number % 2 == 0 else (second, first)
        assert ours.answers == theirs.answers == len(chosen) * len(STYLES)
        pairs.append((ours, theirs))
        print(f"pair {number + 1}: retold {ours.clock:.1f} s, bare {theirs.clock:.1f} s", flush=True)
    return report(pairs, settings, write=not arguments.no_record)


def report(pairs: list[tuple[Run, Run]], settings: dict[str, int], write: bool) -> int:
    """Table, floors and result file."""
    clock = interval([theirs.clock / ours.clock for ours, theirs in pairs])
    processor = interval([theirs.processor / ours.processor for ours, theirs in pairs])
    rows, figures = [], {}
    for name, runs in (("retold", [ours for ours, _ in pairs]), ("bare", [theirs for _, theirs in pairs])):
        per_minute = statistics.median(60 * run.answers / run.clock for run in runs)
        cost = statistics.median(run.processor / run.answers for run in runs)
        tokens = statistics.median(run.tokens / run.answers for run in runs)
        rows.append([name, f"{per_minute:.1f}", f"{cost:.2f}", f"{tokens:.0f}"])
        figures[name] = {"documents_per_minute": per_minute, "processor_seconds": cost, "tokens_per_answer": tokens}
    print(table(["", "documents/min", "processor s each", "tokens each"], rows))
    for what, found in (("by the clock", clock), ("by processor time", processor)):
        print(f"retold to bare {what}: {found[0]:.3f} (95 %: {found[1]:.3f} to {found[2]:.3f}), {len(pairs)} pairs")
    figures |= {"ratio": clock, "ratio_of_processor_time": processor, "pairs": len(pairs)}
    return record(
        "embedded",
        figures,
        [floor("documents per minute, retold to bare", clock[0], at_least=0.95)],
        settings={**settings, "passages": PASSAGE_TOKENS, "tokens": TOKENS, "styles": list(STYLES)},
        versions={"xllamacpp": version("xllamacpp")},
        write=write,
    )


if __name__ == "__main__":
    raise SystemExit(main())
