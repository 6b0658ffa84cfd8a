"""Builders of reflection data: items a second with their verifiers, and how varied a thousand items of each are.

    python benchmarks/reflect.py

One process, processor time, the median of three rounds of a thousand verified items each (another seed a round); what
the verifiers refuse, the share of the most frequent opening, and different 3-grams per 3-gram with numbers as one word.
That the items are right is not measured here: `tests/reflect` reads a thousand of each with a checker of its own.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from retold import reflect
from retold.reflect.variety import ALARM, variety
from support import floor, record, table

ITEMS, ROUNDS, SEEDS = 1_000, 3, (7, 8, 9)
SPEED, DISTINCT, NOTICES = 200.0, 0.05, 0.05
EXPERIMENTS = ("direct", "unfixed")


def measured(name: str) -> dict[str, Any]:
    """The figures of one builder."""
    knobs = reflect.Knobs(tasks=("arithmetic",) if name == "unfixed" else ())
    seconds: list[float] = []
    refused = 0
    for seed in SEEDS[:ROUNDS]:
        stream = reflect.judged(name, seed, knobs)
        found: list[reflect.Item] = []
        began = time.process_time()
        while len(found) < ITEMS:
            item = next(stream)[1]
            if isinstance(item, reflect.Refused):
                refused += 1
            else:
                found.append(item)
        seconds.append(time.process_time() - began)
    said = variety(item.text for item in found)
    notices = [item.notice for item in found if item.notice]
    return {
        "items_per_second": ITEMS / statistics.median(seconds),
        "refused": refused,
        "opening": said.opening,
        "opening_share": said.opening_share,
        "distinct_3": said.distinct[3],
        "characters": statistics.mean(len(item.text) for item in found),
        "notice_opening_share": variety(notices).opening_share if len(set(notices)) > 20 else 0.0,
    }


def main(arguments: Sequence[str]) -> int:
    """Print the table, write the result; not zero where a floor does not hold."""
    del arguments
    list(reflect.items("verifiable_trace", 1, 50))  # imports and caches
    figures = {name: measured(name) for name in reflect.BUILDERS}
    rows = [
        (
            name,
            f"{row['items_per_second']:,.0f}",
            f"{row['characters']:.0f}",
            row["refused"],
            f"{100 * row['opening_share']:.1f} %",
            f"{row['distinct_3']:.3f}",
        )
        for name, row in figures.items()
    ]
    print(table(("builder", "items/s", "characters", "refused", "most frequent opening", "distinct-3"), rows))
    shipped = [row for name, row in figures.items() if name not in EXPERIMENTS]
    floors = [
        floor("items a second, the slowest builder", min(row["items_per_second"] for row in shipped), at_least=SPEED),
        floor("items refused by their own verifiers", sum(row["refused"] for row in figures.values()), at_most=0),
        floor("share of the most frequent opening", max(row["opening_share"] for row in shipped), at_most=ALARM),
        floor("distinct-3 of the least varied builder", min(row["distinct_3"] for row in shipped), at_least=DISTINCT),
        floor(
            "share of the most frequent opening of a notice",
            max(row["notice_opening_share"] for row in shipped if row["notice_opening_share"]),
            at_most=NOTICES,
        ),
    ]
    return record("reflect", figures, floors, settings={"items": ITEMS, "rounds": ROUNDS, "seeds": list(SEEDS)})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
