"""What the cascade of checks costs: each check alone and all together, microseconds of one core for each retelling.

Retellings of models (summaries of SummEdits, 20 to 60 words, sources of 150 to 1,000 words) and of the Debian documents
(two sentences against their passage of 500 to 2,500 characters). A source is cut up once and shared by its retellings,
as the step does it; "new source" pays that for each retelling too, and has no floor. Medians, processor time.
`python benchmarks/checks.py [ROUNDS]` (default 5). Floor: the whole cascade below 2 ms for each retelling.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence

from corruption import as_read, retellings

from retold.verify.checks import CHECKS, measure
from retold.verify.labelled import Pair
from retold.verify.source import SourceText, cut
from support import floor, record, table

LIMIT = 2000.0


def timed(pairs: Sequence[Pair], rounds: int, act: Callable[[Pair], object], ready: Callable[[], object]) -> float:
    """Median microseconds of one call, over rounds; `ready` runs before each round and is not counted."""
    found = []
    for _ in range(rounds):
        ready()
        begun = time.process_time()
        for pair in pairs:
            act(pair)
        found.append((time.process_time() - begun) / len(pairs) * 1e6)
    return statistics.median(found)


def costs(pairs: Sequence[Pair], rounds: int) -> dict[str, float]:
    """By check; `cutting` is the text cut into words and sentences, which the first check of a retelling pays."""
    sources = {pair.source: SourceText(pair.source) for pair in pairs}
    for pair in pairs:
        measure(sources[pair.source], pair.text)  # what is made on first use, is made
    found: dict[str, float] = {}

    def cutting(pair: Pair) -> None:
        cut.cache_clear()
        _ = cut(pair.text).sentence_words

    found["cutting"] = timed(pairs, rounds, cutting, lambda: None)
    for check in CHECKS:

        def alone(pair: Pair, run: Callable[[SourceText, str], object] = check.measure) -> None:
            cut.cache_clear()
            _ = cut(pair.text).sentence_words
            run(sources[pair.source], pair.text)

        found[check.name] = max(0.0, timed(pairs, rounds, alone, lambda: None) - found["cutting"])
    found["all"] = timed(pairs, rounds, lambda pair: measure(sources[pair.source], pair.text), cut.cache_clear)
    found["all, new source"] = timed(
        pairs, rounds, lambda pair: measure(SourceText(pair.source), pair.text), cut.cache_clear
    )
    return found


def main(rounds: int) -> int:
    sets = {"summaries": retellings(), "sentences": as_read(300)}
    figures = {name: costs(pairs, rounds) for name, pairs in sets.items()}
    rows = [(name, *(f"{figures[kind][name]:,.0f}" for kind in sets)) for name in figures["summaries"]]
    print(table(["check", *(f"{kind}, µs" for kind in sets)], rows))
    for kind, pairs in sets.items():
        print(f"{kind}: {len(pairs):,} texts, {1e6 / figures[kind]['all']:,.0f} retellings a second on one core")
    floors = [floor(f"microseconds a retelling, {kind}", figures[kind]["all"], at_most=LIMIT) for kind in sets]
    rounded = {kind: {name: round(value, 1) for name, value in found.items()} for kind, found in figures.items()}
    return record("checks", rounded, floors, settings={"rounds": rounds})


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
