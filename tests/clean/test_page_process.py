"""A page that hangs or kills the process that parses it costs only itself. Real slow pages, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from retold.clean import page_process
from retold.clean.page import Refused
from retold.clean.page_process import PageProcess, read_page, stop

PARAGRAPHS = "<p>Some words that make up a paragraph here, so that it is one.</p>" * 5
EASY = f"<html><body>{PARAGRAPHS}".encode()
SLOW = f"<html><body>{PARAGRAPHS}<table><tr>{'<td>x</td>' * 60_000}".encode()
"""600 kB in one row of a table: the time goes with the square of its cells, about 10 s of a processor."""


@pytest.fixture(autouse=True)
def _fresh():
    stop()
    yield
    stop()


def ask(page: bytes = EASY, seconds: float = 20.0) -> str:
    return read_page(page, "", "thorough", seconds).text


def child() -> subprocess.Popen:
    assert page_process._child is not None
    return page_process._child.process


def kill_each_child(times: int, done: threading.Event) -> None:
    """SIGKILL to each new child as soon as it works on a page (it has used a second of processor time)."""
    killed: set[int] = set()
    while len(killed) < times and not done.is_set():
        running = page_process._child
        if running is not None and running.process.pid not in killed and used(running.process.pid) > 1.0:
            killed.add(running.process.pid)
            os.kill(running.process.pid, signal.SIGKILL)
        time.sleep(0.01)


def used(process: int) -> float:
    """Processor seconds of a process; imports take about half a second."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_page_that_takes_too_long_costs_only_itself():
    """Kills: no timer, or one that the process must answer to itself (the parser never returns to Python in time)."""
    ask()
    before = child()
    with pytest.raises(Refused) as caught:
        ask(SLOW, 0.5)
    assert caught.value.reason == "took_too_long" and "0.5 s" in caught.value.detail
    assert before.poll() == -signal.SIGPROF
    assert "Some words" in ask() and child().pid != before.pid


def test_one_process_reads_many_pages():
    """Kills: a new child for each page; a timer that is not stopped and counts pages together."""
    ask()
    first = child().pid
    for _ in range(60):
        ask(seconds=0.5)
        ask(PARAGRAPHS.encode() * 40, 0.5)
    assert child().pid == first


def test_a_process_that_is_killed_once_loses_nothing():
    """A kill from outside says nothing about the page. Kills: a verdict at the first death."""
    expected = ask()
    os.kill(child().pid, signal.SIGKILL)
    assert ask() == expected


@pytest.mark.parametrize(("deaths", "reason"), [(2, "unreadable_page")])
def test_a_page_that_kills_its_process_twice_is_a_verdict(deaths, reason):
    """Kills: trying for ever; the death of the child as an error of the run."""
    done = threading.Event()
    killer = threading.Thread(target=kill_each_child, args=(deaths, done))
    killer.start()
    try:
        with pytest.raises(Refused) as caught:
            ask(SLOW, 100.0)
    finally:
        done.set()
        killer.join()
    assert caught.value.reason == reason and "-9" in caught.value.detail
    assert "Some words" in ask()


def test_a_stopped_process_is_given_up_by_the_clock(monkeypatch):
    """It uses no processor time, so the kernel's timer never ends it. Kills: waiting without a limit."""
    monkeypatch.setattr(page_process, "WAITING", 2.0)
    ask()
    os.kill(child().pid, signal.SIGSTOP)
    with pytest.raises(Refused) as caught:
        ask(seconds=0.5)
    assert caught.value.reason == "took_too_long" and "Some words" in ask()


def test_a_child_that_hangs_up_and_lives_on_has_died(monkeypatch):
    """Kills: an error of the run (TimeoutExpired) in place of a verdict about the page."""
    monkeypatch.setattr(page_process, "WAITING", 0.3)
    monkeypatch.setattr(page_process, "START", "import os, time; os.close({}); time.sleep(60)")
    with pytest.raises(Refused) as caught:
        ask(seconds=30.0)
    assert caught.value.reason == "unreadable_page" and "-9" in caught.value.detail


def test_a_child_ends_with_its_parent():
    """SIGKILL to the parent while the child waits. Kills: an end of the socket that the child keeps open itself."""
    script = (
        "from retold.clean import page_process as p; p.read_page(b'<p>x', '', 'fast', 20.0);"
        "print(p._child.process.pid, flush=True); import time; time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 10
    while alive(orphan) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(orphan)


def alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def test_refusals_cross_the_process_border():
    with pytest.raises(Refused) as caught:
        ask(b"<div>" * 50_000)
    assert caught.value.reason == "too_complex" and "50,000" in caught.value.detail


def test_the_child_needs_nothing_of_the_folder_it_starts_in(tmp_path, monkeypatch):
    """Law 8. Kills: a module of the current folder taken for one of ours (no -P)."""
    (tmp_path / "orjson.py").write_text("raise SystemExit('foreign code ran')")
    monkeypatch.chdir(tmp_path)
    process = PageProcess()
    try:
        assert "Some words" in process.ask(EASY, "", "fast", 20.0)["text"]
    finally:
        process.close()
