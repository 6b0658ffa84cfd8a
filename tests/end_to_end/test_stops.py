"""Runs against a fleet that are stopped (too many failures, Ctrl-C once and twice, a full disk), and go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from retold.core.fingerprint import uniform
from retold.store import Store
from support.ports import until
from support.server import CANARY, TestServer, serving

RECIPE = """\
name: fleet
seed: 7
sources: {docs: {read: python_docs, limit: 40}}
engines: {small: {http: [URL], model: small, template: chatml, in_flight: 8, attempts: 2CANARY}}
rephrase: {engine: small, styles: [summary, tutorial, key_facts], until: {retellings: 120}}
stop_if: {failed: 5%}
group_seconds: 0.3
"""


@pytest.fixture
def server() -> Iterator[TestServer]:
    found = TestServer()
    with serving(found):
        yield found


@pytest.fixture
def path(tmp_path, server) -> Path:
    found = tmp_path / "fleet.yaml"
    found.write_text(RECIPE.replace("URL", server.url).replace("CANARY", ""))
    return found


@pytest.fixture
def plain(path) -> Path:
    """Without a canary answers are not held back, so there are many groups in a short run."""
    path.write_text(path.read_text().replace("attempts: 2", "attempts: 2, canary: false"))
    return path


@contextmanager
def running(path: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    """`retold run`, ended at last whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "retold", "run", str(path), *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def rows(path: Path, table: str) -> list[dict]:
    return Store.open(path.parent / "out" / "fleet" / "store").rows(table)


def test_too_many_failures_stop_the_run_with_their_reason_and_it_goes_on_when_mended(plain, server, retold, inside):
    """One in four is refused. Kills: a run that ends well with a quarter of it failed; asking again what was answered;
    counting what failed before against the next run."""
    server.rule = lambda text: "bad_request" if CANARY not in text and uniform("refuse", text) < 0.25 else None
    printed = retold("run", plain, "--quiet", code=1)
    assert "requests failed, more than the limit of 5% (stop_if: failed): refused" in printed
    assert "status 400: this prompt is too long" in printed and "retold retry" in printed
    before, dead = {row["request_id"] for row in rows(plain, "completions")}, len(rows(plain, "dead_letters"))
    assert len(before) >= 30 and dead >= 3

    server.rule = lambda _: None
    asked = len(server.bodies)
    inside("run", plain, "--quiet")
    answers = rows(plain, "completions")
    planned = len(rows(plain, "requests"))
    assert len(answers) + len(rows(plain, "dead_letters")) == planned >= 120
    assert before < {row["request_id"] for row in answers} and len(rows(plain, "dead_letters")) == dead
    assert len(server.bodies) - asked == planned - len(before) - dead, "only what had no answer was asked"
    inside("retry", plain)
    assert {row["request_id"] for row in rows(plain, "completions")} == {
        row["request_id"] for row in rows(plain, "requests")
    }
    assert "nothing to do" in inside("run", plain)


def test_ctrl_c_commits_what_has_come_and_says_how_to_go_on(path, server, inside):
    """Answers wait for a canary when it comes, and a group is open. Kills: dropping either; an exit code of success."""
    server.seconds = 0.1
    path.write_text(path.read_text().replace("group_seconds: 0.3", "group_seconds: 60"))
    with running(path, "--quiet") as process:
        until(lambda: len(server.bodies) >= 50 or process.poll() is not None, 60)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in errors
    assert "everything answered so far is kept. Run the same command again to go on" in errors
    assert time.monotonic() - begun < 15
    kept, asked = len(rows(path, "completions")), len(server.bodies)
    assert asked - 8 <= kept <= asked, "all but what was in flight"
    server.seconds = 0.0
    inside("run", path, "--quiet")
    assert len(server.bodies) == 120 + asked - kept
    assert len(rows(path, "completions")) == len(rows(path, "requests")) == 120


def test_a_second_ctrl_c_ends_at_once_and_keeps_what_was_committed(path, server):
    """The server hangs, canaries too, so the first Ctrl-C waits for it. Kills: ignoring the second; a traceback."""
    server.rule = lambda _: "hang" if len(server.bodies) > 50 else None
    with running(path, "--quiet") as process:
        until(lambda: (server.in_flight >= 8 and len(server.bodies) > 50) or process.poll() is not None, 90)
        process.send_signal(signal.SIGINT)
        time.sleep(1.0)
        assert process.poll() is None, "it waits for answers that may still be confirmed"
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, errors = process.communicate(timeout=60)
        seconds = time.monotonic() - begun
    assert process.returncode == 130 and "Traceback" not in errors and "go on" in errors
    assert seconds < 6.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 MB. Needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_while_asking_stops_the_run_and_it_goes_on(plain, server, small_disk, inside):
    """Kills: answers counted as kept that were not written; a torn table; a traceback of the committing thread."""
    server.seconds = 0.15
    out = small_disk / "out"
    with running(plain, "--out", out, "--quiet") as process:
        until(lambda: list(out.glob("store/tables/completions/*.parquet")) or process.poll() is not None, 60)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"0" * 4096)
            except OSError:
                pass
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and "no space left" in errors and "Traceback" not in errors
    ballast.unlink()
    store = Store.open(out / "store")
    kept = len(store.rows("completions"))
    assert 0 < kept < 120
    server.seconds = 0.0
    assert json.loads(inside("plan", plain, "--out", out, "--json"))["answered"] == kept
    inside("run", plain, "--out", out, "--quiet")
    answers = [row["request_id"] for row in store.rows("completions")]
    assert len(answers) == len(set(answers)) == len(store.rows("requests")) == 120
