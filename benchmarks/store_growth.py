"""What a commit, an opening and a scan of a table cost after many groups, with rolling compaction and without.

    python benchmarks/store_growth.py           4,000 commits (some minutes)
    python benchmarks/store_growth.py --quick   1,000 commits

Each commit has ten answers of 1.5 kB. Commits are timed at the beginning, in the middle and at the end; those that
compact, write a checkpoint or clear the log are in the mean and in the highest, not in the median. Without compaction
the same commits are made, a quarter of them. Commits come here as fast as they can, so the log is kept for 20 seconds
instead of two hours: about as many versions as a group each ten seconds makes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from retold.core.document import Completion
from retold.core.schema import batch, plain
from retold.store import Store, Writer, commit, tables
from support import floor, record, table

ROWS, TEXT = 10, "The harbour lies in the lee of the island, and its pilots know every rock of the sound. " * 17
WINDOW = 200


def grown(commits: int, *, compaction: bool) -> dict[str, float]:
    """Milliseconds of commits, of opening and of a scan; files and bytes at the end."""
    every, commit.EVERY = commit.EVERY, commit.EVERY if compaction else 1 << 60
    try:
        with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
            store = Store.create(Path(folder) / "store")
            writer = Writer(store, "answers", vouched=("completions",))
            writer.claim(["part"])
            seconds = []
            for number in range(commits):
                rows = [
                    plain(Completion(f"{number:016x}{row:016x}", f"{number} {row} {TEXT}", "stop", "e", 1, 1))
                    for row in range(ROWS)
                ]
                writer.add("part", {"completions": batch("completions", rows)})
                begun = time.perf_counter()
                writer.flush()
                seconds.append(time.perf_counter() - begun)
            folder_of_table = store.table("completions").local
            return {
                "commit_first_ms": 1000 * statistics.median(seconds[:WINDOW]),
                "commit_last_ms": 1000 * statistics.median(seconds[-WINDOW:]),
                "commit_mean_ms": 1000 * statistics.mean(seconds),
                "commit_highest_ms": 1000 * max(seconds),
                "open_ms": _median_ms(lambda: store.delta("completions")),
                "scan_ms": _median_ms(lambda: store.rows("completions", columns=["part"])),
                "files": len(store.delta("completions").file_uris()),
                "log_files": len(list((folder_of_table / "_delta_log").iterdir())),
                "megabytes": sum(path.stat().st_size for path in folder_of_table.rglob("*") if path.is_file()) / 1e6,
            }
    finally:
        commit.EVERY = every


def _median_ms(work) -> float:
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return 1000 * statistics.median(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    tables.LOG_KEPT = "interval 20 seconds"
    commits = 1_000 if arguments.quick else 4_000
    figures = {
        f"{commits} commits": grown(commits, compaction=True),
        f"{commits // 4} commits, not compacted": grown(commits // 4, compaction=False),
    }
    heads = list(next(iter(figures.values())))
    print(table(["", *heads], [[name, *(f"{row[head]:,.1f}" for head in heads)] for name, row in figures.items()]))
    ours = figures[f"{commits} commits"]
    floors = [
        floor(
            "median commit at the end over that at the start",
            ours["commit_last_ms"] / ours["commit_first_ms"],
            at_most=2.0,
        ),
        floor("files at the end", ours["files"], at_most=150),
        floor("milliseconds to open", ours["open_ms"], at_most=200),
    ]
    return record("store_growth", figures, floors, settings={"commits": commits}, write=not arguments.quick)


if __name__ == "__main__":
    sys.exit(main())
