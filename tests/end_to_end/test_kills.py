"""Law 2 and law 1 on the whole path: killed at random, restarted, reordered, shared out; the same rows."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.compare import all_rows, shard_bytes

KILLS = 10


def start(recipe: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "retold", "run", str(recipe), "--out", str(out), "--quiet", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(recipe: Path, out: Path, *more: str) -> float:
    begin = time.monotonic()
    process = start(recipe, out, *more)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()
    return time.monotonic() - begin


def test_ten_kills_at_random_moments_change_no_row(recipe, tmp_path):
    """Kills: rows without keys, marks before rows, parts resumed by position, shards written in place."""
    seconds = finish(recipe, tmp_path / "quiet")
    moments = random.Random(20261122)
    killed = 0
    for _ in range(KILLS * 4):
        process = start(recipe, tmp_path / "stormy")
        try:
            process.wait(timeout=moments.uniform(0.2, 1.0) * seconds)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
        if killed == KILLS:
            break
    finish(recipe, tmp_path / "stormy")
    assert killed >= 1
    assert all_rows(tmp_path / "stormy" / "store") == all_rows(tmp_path / "quiet" / "store")
    assert shard_bytes(tmp_path / "stormy") == shard_bytes(tmp_path / "quiet")


def test_a_zombie_process_that_wakes_after_the_restart_doubles_no_row(recipe, tmp_path):
    """Stop a run (SIGSTOP), let another take over and finish, wake the first: it must give up by itself."""
    slow = recipe.with_name("slow.yaml")
    slow.write_text(recipe.read_text("utf-8").replace("latency: 0.01", "latency: 0.5"), "utf-8")
    finish(recipe, tmp_path / "quiet")
    zombie = start(slow, tmp_path / "shared")
    deadline = time.monotonic() + 60
    while not list((tmp_path / "shared").glob("store/tables/requests/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    assert zombie.poll() is None, "the slow run must still be asking"
    os.kill(zombie.pid, signal.SIGSTOP)
    finish(recipe, tmp_path / "shared", "--take-over")
    os.kill(zombie.pid, signal.SIGCONT)
    _, errors = zombie.communicate(timeout=120)
    assert zombie.returncode == 1 and b"taken over" in errors
    assert all_rows(tmp_path / "shared" / "store") == all_rows(tmp_path / "quiet" / "store")


@pytest.fixture
def two_files(tmp_path) -> tuple[Path, Path]:
    """The same documents under other names and in another order."""
    import json
    import pydoc_data.topics as reference

    topics = sorted(reference.topics)[:8]
    for folder, names in (("one", ("a", "b")), ("two", ("z", "y"))):
        (tmp_path / folder).mkdir()
        for name, chosen in zip(names, (topics[:4], topics[4:]), strict=True):
            lines = [json.dumps({"id": topic, "text": reference.topics[topic]}) for topic in chosen]
            (tmp_path / folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path / "one", tmp_path / "two"


def test_workers_and_the_order_of_files_change_no_row(recipe, two_files, tmp_path):
    """One worker and two, files in another order: the same ids and rows. Kills: ids or plans made from paths."""
    text = recipe.read_text("utf-8")
    results = []
    for folder, workers in zip(two_files, ("1", "2"), strict=True):
        path = tmp_path / f"{folder.name}.yaml"
        path.write_text(
            text.replace("{read: python_docs, limit: 12}", f"{{read: jsonl, paths: {folder.name}}}"), "utf-8"
        )
        finish(path, tmp_path / f"out-{folder.name}", "--workers", workers)
        rows = all_rows(tmp_path / f"out-{folder.name}" / "store")
        results.append({name: _without_addresses(found) for name, found in rows.items()})
    assert results[0] == results[1]
    assert shard_bytes(tmp_path / "out-one") == shard_bytes(tmp_path / "out-two")


def _without_addresses(rows: list[str]) -> list[str]:
    """The file's name is where a row was read, not what it is."""
    for one, two in (("one/a.jsonl", "X"), ("one/b.jsonl", "Y"), ("two/z.jsonl", "X"), ("two/y.jsonl", "Y")):
        rows = [row.replace(one, two) for row in rows]
    return sorted(rows)
