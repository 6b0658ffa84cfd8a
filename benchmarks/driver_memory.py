"""Resident memory of the process that asks, from ten thousand to a million documents.

    python benchmarks/driver_memory.py             10 thousand, 100 thousand and a million (some minutes)
    python benchmarks/driver_memory.py --quick     10 and 50 thousand

The whole Ask runs (planned order read back, prompts rendered, answers committed), each size in a process of its own, so
that none inherits memory of another. The engine answers from a script at once. What counts is the highest resident
memory that the kernel has seen (VmHWM, reset when the Ask begins), so that no short peak is missed; samples twice a
second give the middle.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from support import floor, planned, record, table

TEXT = "The harbour lies in the lee of the island, and its pilots know every rock of the sound by its own name. " * 6
ENGINE = {"scripted": {"capacity": 256}}
GROWTH = 1.10
GROUP_SECONDS = 10.0
"""So that the smallest size too has several groups, and is in its steady state."""


def resident(name: str = "VmRSS") -> float:
    """MB of this process now; `VmHWM`: at its highest."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def one(documents: int) -> dict[str, float]:
    """Ask for so many documents; highest and final memory, and the pace."""
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        # Planned in another process, so that its memory is not counted as the driver's.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            asked = other.submit(planned, Path(folder), ENGINE, documents, TEXT).result()
        samples: list[float] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.5):
                samples.append(resident())

        watching = threading.Thread(target=watch)
        watching.start()
        Path("/proc/self/clear_refs").write_text("5")  # the highest so far is forgotten
        begun = time.perf_counter()
        asked.run(group_seconds=GROUP_SECONDS)
        seconds = time.perf_counter() - begun
        highest = resident("VmHWM")
        done.set()
        watching.join()
        assert asked.store.dataset("completions").count_rows() == documents
    return {
        "documents": documents,
        "highest_mb": round(highest, 1),
        "middle_mb": round(sorted(samples)[len(samples) // 2], 1),
        "documents_per_second": round(documents / seconds),
    }


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--one", type=int, default=0, help="measure this number in this process, and print JSON")
    arguments = reader.parse_args()
    if arguments.one:
        print(json.dumps(one(arguments.one)))
        return 0
    sizes = (10_000, 50_000) if arguments.quick else (10_000, 100_000, 1_000_000)
    rows = []
    for size in sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(rows[-1], file=sys.stderr, flush=True)
    print(table(list(rows[0]), [list(row.values()) for row in rows]))
    growth = rows[-1]["highest_mb"] / rows[0]["highest_mb"]
    floors = [floor(f"highest memory at {sizes[-1]:,} documents over that at {sizes[0]:,}", growth, at_most=GROWTH)]
    settings = {"sizes": list(sizes), "characters": len(TEXT), "per_part": 50_000, "group_seconds": GROUP_SECONDS}
    figures = {str(row["documents"]): row for row in rows}
    return record("driver_memory", figures, floors, settings=settings, write=not arguments.quick)


if __name__ == "__main__":
    raise SystemExit(main())
