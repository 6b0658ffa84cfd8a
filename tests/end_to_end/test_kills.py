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

from retold import run as run_recipe
from retold.engines.fetch import locate
from retold.store import Store
from support.compare import all_rows, shard_bytes


def start(recipe: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "retold", "run", str(recipe), "--out", str(out), "--quiet", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(recipe: Path, out: Path, *more: str) -> float:
    begin = time.monotonic()
    process = start(recipe, out, *more)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()
    return time.monotonic() - begin


def undisturbed(recipe: Path, out: Path) -> None:
    """The same in this process, for what killed runs are compared with."""
    run_recipe(recipe, out=out)


def storm(recipe: Path, out: Path, kills: int, shortest: float, longest: float) -> int:
    """Start, kill after a random time, start again, until so many kills or until a run has ended by itself, well."""
    moments = random.Random(20261122)
    killed = 0
    while killed < kills:
        process = start(recipe, out)
        try:
            process.wait(timeout=moments.uniform(shortest, longest))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        _, errors = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), errors.decode()
        if process.returncode == 0:
            break
    return killed


@pytest.mark.parametrize(("kills", "topics"), [(10, 12), pytest.param(100, 79, marks=pytest.mark.prove)])
def test_kills_at_random_moments_change_no_row(recipe, tmp_path, kills, topics):
    """Kills: rows without keys, marks before rows, parts resumed by position, shards written in place."""
    text = recipe.read_text("utf-8").replace("limit: 12", f"limit: {topics}")
    recipe.write_text(text.replace("retellings: 60", f"retellings: {5 * topics}"), "utf-8")
    slow = recipe.with_name("slow.yaml")
    slow.write_text(recipe.read_text("utf-8").replace("latency: 0.01", "latency: 1.2"), "utf-8")
    undisturbed(recipe, tmp_path / "quiet")
    killed = storm(slow, tmp_path / "stormy", kills, 1.0, 5.0)
    finish(recipe, tmp_path / "stormy")
    print(f"killed {killed} times")
    assert killed == kills
    assert all_rows(tmp_path / "stormy" / "store") == all_rows(tmp_path / "quiet" / "store")
    assert shard_bytes(tmp_path / "stormy") == shard_bytes(tmp_path / "quiet")


@pytest.mark.embedded
def test_the_embedded_engine_answers_each_request_exactly_once_however_often_it_is_killed(recipe, tmp_path):
    """What it answers may vary with its cache; that it answers each planned request once may not."""
    if locate() is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")
    real = recipe.with_name("real.yaml")
    text = recipe.read_text("utf-8").replace("key_facts: 2, reword: 1, tutorial: 1", "tutorial: 1")
    text = text.replace("  rules: all", "  passage: {tokens: 60, min_words: 20}")
    engine = "engines: {small: {embedded: {slots: 2, threads: 1, batch: 512}}}\n"
    text = text[: text.index("engines:")] + engine + text[text.index("rephrase:") :]
    real.write_text(text.replace("retellings: 60", "retellings: 5"), "utf-8")
    assert storm(real, tmp_path / "out", 3, 4.0, 6.0) >= 1
    finish(real, tmp_path / "out")
    store = Store.open(tmp_path / "out" / "store")
    planned = sorted(row["request_id"] for row in store.rows("requests"))
    answered = sorted(row["request_id"] for row in store.rows("completions"))
    assert len(planned) == 5 and answered == planned


def test_a_zombie_process_that_wakes_after_the_restart_doubles_no_row(recipe, tmp_path):
    """Stop a run (SIGSTOP), let another take over and finish, wake the first: it must give up by itself."""
    slow = recipe.with_name("slow.yaml")
    slow.write_text(recipe.read_text("utf-8").replace("latency: 0.01", "latency: 0.5"), "utf-8")
    undisturbed(recipe, tmp_path / "quiet")
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
