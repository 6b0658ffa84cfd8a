"""The processors of this machine: how many this process may use, how many stand idle, how many are real.

In: `/proc` and `/sys` of Linux. Out: whole numbers, at least 1; where the system does not tell, all processors count as
idle and as real.
"""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path


def allowed() -> list[int]:
    """The numbers of the processors that this process may use; empty where that is unknown."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def idle_processors(seconds: float = 0.2) -> int:
    """How many of this process's processors stood idle during `seconds`, at least 1; all where that is unknown."""
    mine = allowed()
    before = _idle_times(mine)
    if not before:
        return max(1, len(mine) or os.cpu_count() or 1)
    time.sleep(seconds)
    after = _idle_times(mine)
    ticks = os.sysconf("SC_CLK_TCK") * seconds
    idle = sum(min(1.0, (after.get(name, 0) - value) / ticks) for name, value in before.items())
    return max(1, round(idle))


def real_processors() -> int:
    """Cores, two threads of one core counted once: both share the units that multiply."""
    mine = allowed()
    cores = set()
    for number in mine:
        path = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        try:
            cores.add(path.read_text(encoding="ascii").strip())
        except OSError:
            return max(1, len(mine))
    return max(1, len(cores) or os.cpu_count() or 1)


def model_of_processor() -> str:
    """Its name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _idle_times(mine: list[int]) -> dict[str, int]:
    names = {f"cpu{number}" for number in mine}
    try:
        lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
        # Columns of /proc/stat: user, nice, system, idle, waiting for disks.
        return {row[0]: int(row[4]) + int(row[5]) for line in lines if (row := line.split()) and row[0] in names}
    except (OSError, ValueError, IndexError):
        return {}
