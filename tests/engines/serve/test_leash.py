"""No server, and nothing that a server started, outlives the one who asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from retold.engines.serve.replica import LEASH
from support.ports import alive, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="adopting processes is Linux's")

SERVER = """
import os, signal, subprocess, sys, time
worker = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", worker], start_new_session=True)
print(os.getpid(), child.pid, flush=True)
time.sleep({seconds})
sys.exit(7)
"""
OWNER = "import subprocess, sys, time; p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE); time.sleep(600)"


def leash(seconds: float, grace: float = 0.3) -> list[str]:
    words = [sys.executable, "-I", "-S", str(LEASH), str(grace)]
    return [*words, sys.executable, "-I", "-S", "-c", SERVER.format(seconds=seconds)]


def started(words: list[str]) -> tuple[subprocess.Popen, list[int]]:
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, [int(word) for word in process.stdout.readline().split()]


def close(process: subprocess.Popen) -> None:
    for pipe in (process.stdin, process.stdout):
        pipe.close()


def test_when_the_pipe_closes_all_end_also_a_worker_that_left_the_group_and_ignores_sigterm():
    """Kills: killpg alone; no SIGKILL after the grace."""
    process, (server, worker) = started(leash(600))
    assert alive(server) and alive(worker)
    process.stdin.close()
    assert process.wait(10) == 128 + signal.SIGTERM
    assert not alive(server) and not alive(worker)
    close(process)


def test_when_a_server_ends_by_itself_its_workers_end_and_its_code_is_passed_on():
    """Kills: a worker that keeps a GPU's memory; a lost exit code."""
    process, (_, worker) = started(leash(0.2))
    assert process.wait(10) == 7
    assert not alive(worker)
    close(process)


def test_when_the_owner_is_killed_all_end():
    """Kills: a pipe that the server inherits and keeps open."""
    owner, (server, worker) = started([sys.executable, "-I", "-S", "-c", OWNER, *leash(600)])
    owner.kill()
    owner.wait()
    until(lambda: not alive(server) and not alive(worker))
    close(owner)


def test_when_the_leash_itself_is_killed_the_server_is_told_to_end():
    """Kills: no PR_SET_PDEATHSIG."""
    process, (server, worker) = started(leash(600))
    process.kill()
    process.wait()
    until(lambda: not alive(server))
    os.kill(worker, signal.SIGKILL)  # nobody is left to do it
    close(process)


def test_a_command_that_does_not_exist_is_said():
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(LEASH), "1", "/nowhere/serve"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (127, "/nowhere/serve cannot be started: No such file or directory\n")
