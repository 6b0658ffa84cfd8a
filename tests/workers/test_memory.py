"""What one thread has freed, another uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

THREADS = 6
MEGABYTES = 30
SCRIPT = f"""
import sys, threading
from pathlib import Path
if "plain" not in sys.argv:
    from retold.workers.memory import steady
    steady()

def resident():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024

kept = []
def work():
    blocks = [bytes(3000) for _ in range({MEGABYTES} * 350)]
    kept.append(blocks[::1000])  # so that no heap can be given back as a whole

before = resident()
for _ in range({THREADS}):  # one after the other, all alive to the end, so each has a heap of its own
    done, end = threading.Event(), threading.Event()
    threading.Thread(target=lambda: (work(), done.set(), end.wait()), daemon=True).start()
    done.wait()
print(resident() - before)
"""


def grown(*arguments: str) -> float:
    """MB that a process grows by while six threads, one after the other, take and free 30 MB each."""
    run = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True)
    return float(run.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the heaps of the GNU C library")
def test_threads_use_what_others_have_freed():
    """Kills: not limiting the heaps. The plain process shows that the test can fail."""
    assert grown("plain") > 4 * MEGABYTES  # 176 MB
    assert grown() < 3 * MEGABYTES  # 60 MB
