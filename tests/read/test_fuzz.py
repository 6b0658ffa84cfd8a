"""Law 5, at random: whatever is done to a file, the process lives, ends in time, and gives rows that a store takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
SECONDS = 30  # of a busy machine, where the slowest of ten thousand took 2.1


def fuzzed(first: int, count: int, folder: Path) -> dict:
    """Run the cases in a process of their own: one that dies of a signal must be seen, and not end the tests."""
    command = [
        sys.executable,
        "-X",
        "faulthandler",
        str(TESTS / "read" / "fuzz.py"),
        str(first),
        str(count),
        str(folder),
    ]
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent / 'src'}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120 + count, check=False)
    number = (folder / "case").read_text() if (folder / "case").exists() else "none"
    assert done.returncode == 0, f"case {number}: exit {done.returncode}\n{done.stderr[-3_000:]}"
    found = json.loads(done.stdout)
    print(found)
    assert found["slowest"][0] < SECONDS, f"case {found['slowest'][1]} took {found['slowest'][0]:.1f} s"
    return found["found"]


def test_three_hundred_damaged_files(tmp_path):
    """Kills: an exception of any parser let through, NUL characters let into a document, an unknown reason."""
    found = fuzzed(0, 300, tmp_path)
    assert found[""] > 300 and len(found) > 6, "damage is such that much is read and much refused"


@pytest.mark.prove
def test_ten_thousand_damaged_files(tmp_path):
    """In the order of their numbers after the three hundred above."""
    found = fuzzed(300, 10_000, tmp_path)
    assert found[""] > 10_000 and len(found) > 12
