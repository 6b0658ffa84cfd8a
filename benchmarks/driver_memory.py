"""Resident memory of the process that asks, from ten thousand to a million documents.

    python benchmarks/driver_memory.py             a million documents (some minutes)
    python benchmarks/driver_memory.py --quick     50 thousand

One run, in which the whole Ask is at work: planned order read back, prompts rendered, answers committed, files joined.
It is planned in another process, whose memory is not counted. The engine answers from a script at once. Memory is
sampled twenty times a second together with how many documents are answered; "at" ten thousand is the middle of the
samples between five and ten thousand, and so on. The highest is what the kernel has seen up to then (VmHWM, reset when
the Ask begins), so that no short peak is missed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from retold.runner.progress import Progress, Silent
from support import floor, planned, record, table

TEXT = "The harbour lies in the lee of the island, and its pilots know every rock of the sound by its own name. " * 6
ENGINE = {"scripted": {"capacity": 256}}
GROWTH = 1.10
HIGHEST_GROWTH = 1.20
"""Files are joined after sixteen commits for the first time, and the highest of many moments is higher than of few."""
EVERY_SECONDS = 0.05


def resident(name: str = "VmRSS") -> float:
    """MB of this process now; `VmHWM`: at its highest."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


class Count(Silent):
    """How many documents are answered."""

    def __init__(self) -> None:
        self.done = 0

    def advanced(self, progress: Progress) -> None:
        """Called whenever answers have come."""
        self.done = progress.done


def asked(documents: int) -> tuple[list[tuple[int, float, float]], float]:
    """Ask for so many documents. Samples of (documents answered, MB now, MB at the highest so far), and the seconds."""
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            plan = other.submit(planned, Path(folder), ENGINE, documents, TEXT).result()
        samples: list[tuple[int, float, float]] = []
        count, ended = Count(), threading.Event()

        def watch() -> None:
            while not ended.wait(EVERY_SECONDS):
                samples.append((count.done, resident(), resident("VmHWM")))

        watching = threading.Thread(target=watch)
        Path("/proc/self/clear_refs").write_text("5")  # the highest so far is forgotten
        watching.start()
        begun = time.perf_counter()
        plan.run(reporter=count)
        seconds = time.perf_counter() - begun
        ended.set()
        watching.join()
        assert plan.store.dataset("completions").count_rows() == documents
    return samples, seconds


def at(samples: list[tuple[int, float, float]], documents: int) -> dict[str, float]:
    """Memory when so many documents were answered: the middle of the half before, and the highest so far."""
    before = [(now, highest) for done, now, highest in samples if documents / 2 < done <= documents]
    return {
        "documents": documents,
        "resident_mb": round(statistics.median(now for now, _ in before), 1),
        "highest_so_far_mb": round(max(highest for _, highest in before), 1),
        "samples": len(before),
    }


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--quick", action="store_true")
    quick = reader.parse_args().quick
    sizes = (10_000, 50_000) if quick else (10_000, 100_000, 1_000_000)
    samples, seconds = asked(sizes[-1])
    rows = [at(samples, size) for size in sizes]
    print(table(list(rows[0]), [list(row.values()) for row in rows]))
    growth = rows[-1]["resident_mb"] / rows[0]["resident_mb"]
    highest = rows[-1]["highest_so_far_mb"] / rows[0]["highest_so_far_mb"]
    floors = [
        floor(f"resident memory at {sizes[-1]:,} documents over that at {sizes[0]:,}", growth, at_most=GROWTH),
        floor("the same of the highest so far", highest, at_most=HIGHEST_GROWTH),
    ]
    settings = {"characters": len(TEXT), "per_part": 50_000, "documents_per_second": round(sizes[-1] / seconds)}
    figures = {str(row["documents"]): row for row in rows}
    return record("driver_memory", figures, floors, settings=settings, write=not quick)


if __name__ == "__main__":
    raise SystemExit(main())
