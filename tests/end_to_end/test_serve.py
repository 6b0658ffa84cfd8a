"""`retold engine serve` as a user has it: a process in a terminal, with real servers below it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from retold.core.document import Completion, Sampling
from retold.engines.fetch import locate
from retold.engines.http import HttpEngine
from retold.engines.settings import EngineSettings
from retold.testing import prompt
from support import fake_server
from support.ports import alive, below, free_port, until
from support.serving import LLAMACPP, serve
from support.vllm_cpu import ARGUMENTS, located

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


def fake(folder: Path, *behaviour: str) -> list[str]:
    command = shlex.join([sys.executable, "-I", str(Path(fake_server.__file__)), str(folder)])
    words = ["small", "--port", str(free_port(2)), "--replicas", "2", "--grace", "0.5", "--command", command]
    return [*words, "--", "--behave", *behaviour] if behaviour else words


def processes(folder: Path) -> list[int]:
    lives = [json.loads(line) for line in (folder / "lives").read_text().splitlines()]
    return [process for life in lives for process in life[:2]]


def test_it_prints_the_line_for_the_recipe_and_ctrl_c_stops_all(tmp_path):
    """Kills: a Ctrl-C that leaves servers running; an exit code that calls it a failure."""
    words = fake(tmp_path)
    with serve(tmp_path, *words) as (process, printed):
        until(lambda: "engines:" in printed.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    text = printed.read_text()
    port = int(words[2])
    line = f"engines: {{served: {{http: [http://127.0.0.1:{port}/v1, http://127.0.0.1:{port + 1}/v1], model: "
    assert line + '"small"}}' in text and "Traceback" not in text
    assert text.count("stopped") == 2
    assert not any(alive(one) for one in processes(tmp_path))


def test_each_server_gets_its_own_gpus_and_comes_back_with_them(tmp_path):
    """Two servers of two GPUs each; one is killed. Kills: the GPUs of the first given to all; lost at a restart."""
    words = [*fake(tmp_path), "--tensor-parallel", "2", "--gpus", "4,5,6,7"]
    with serve(tmp_path, *words) as (process, printed):
        until(lambda: "engines:" in printed.read_text())
        first, second = (json.loads(line) for line in (tmp_path / "lives").read_text().splitlines())
        assert {first[2], second[2]} == {"4,5", "6,7"}
        assert "--tensor-parallel-size 2" in below(process.pid)[first[0]]
        os.kill(first[0], signal.SIGKILL)
        until(lambda: "ready, restart 1" in printed.read_text())
        again = json.loads((tmp_path / "lives").read_text().splitlines()[2])
        assert again[2] == first[2] and again[0] != first[0] and not alive(first[1])
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not any(alive(one) for one in processes(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the server itself is known")
def test_killed_by_sigkill_it_leaves_no_server_behind(tmp_path):
    """Kills: servers that hold their GPUs after the one who watches them is gone."""
    with serve(tmp_path, *fake(tmp_path)) as (process, printed):
        until(lambda: "engines:" in printed.read_text())
        started = processes(tmp_path)
        assert len(started) == 4 and all(map(alive, started))
        process.kill()
        process.wait()
        until(lambda: not any(map(alive, started)), 40)


def test_when_none_is_left_it_says_why_and_ends(tmp_path):
    with serve(tmp_path, *fake(tmp_path, "no-model")) as (process, printed):
        assert process.wait(30) == 1
    text = printed.read_text()
    assert "is given up: the model cannot be found or read" in text and "is not a local folder" in text
    assert "Traceback" not in text


def test_an_unknown_engine_is_told(tmp_path):
    with serve(tmp_path, "small", "--engine", "ollama") as (process, printed):
        assert process.wait(30) == 2
    assert "there are: vllm, sglang, llamacpp" in printed.read_text()


@pytest.mark.embedded
def test_llama_cpp_is_served_with_a_key_and_answers_a_recipe(tmp_path, monkeypatch):
    """The printed line is what a recipe needs. Kills: a key that the server never got."""
    pytest.importorskip("xllamacpp", reason="not installed: pip install 'retold[local]'")
    if locate() is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")
    monkeypatch.setenv("MY_KEY", "sk-hidden")
    words = ["--engine", "llamacpp", "--port", free_port(), "--key", "MY_KEY"]
    words += ["--command", LLAMACPP, "--", "--parallel", 2, "--ctx-size", 2048, "--threads", 1]
    recipe = tmp_path / "hello.yaml"
    with serve(tmp_path, *words) as (process, printed):
        until(lambda: "engines:" in printed.read_text() or process.poll() is not None, 60)
        line = next(line for line in printed.read_text().splitlines() if line.startswith("engines:"))
        assert "template: chatml" in line and "key: MY_KEY" in line
        recipe.write_text(f"name: hello\nsources: {{d: {{read: python_docs, limit: 1}}}}\n{line}\n"
                          "rephrase: {engine: served, styles: [summary]}\n")  # fmt: skip
        asked = [sys.executable, "-m", "retold", "engine", "ask", str(recipe)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        monkeypatch.setenv("MY_KEY", "sk-other")
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 1 and "refuses the key" in done.stderr and "sk-other" not in done.stderr
    logs = (tmp_path / "retold-serve" / "replica-0.log").read_text()
    assert "sk-hidden" not in logs + printed.read_text()


@pytest.mark.prove
def test_one_of_two_vllm_servers_is_killed_and_comes_back_while_prompts_are_answered(tmp_path, capsys):
    """With vLLM's CPU build: ready, one killed by SIGKILL, its prompts answered by the other, ready again, all ended.

    Kills: a replica that is not started again; workers of vLLM left behind; an answer lost with the server.
    """
    installed = located()
    if not installed.ready:
        pytest.skip("vLLM's CPU build is not here: python tests/support/vllm_cpu.py")
    port = free_port(2)
    words = [installed.model, "--python", installed.python, "--replicas", 2, "--port", port, "--name", "small", "--"]
    environment = {**installed.environment(), "OMP_NUM_THREADS": "1"}

    async def ask(engine: dict, number: int, kill: int) -> list[Completion]:
        settings = EngineSettings.model_validate({**engine, "omit": ["seed"], "in_flight": 2}).http
        async with HttpEngine(settings) as opened:
            short = Sampling(temperature=0.0, max_tokens=24, seed=None)
            prompts = [prompt(f"r{at}", f"Cat {at}.", sampling=short) for at in range(number)]
            asked = [asyncio.create_task(opened.complete(one)) for one in prompts]
            while sum(task.done() for task in asked) < 2 and opened._pool.all[0].in_flight < 2:
                await asyncio.sleep(0.05)
            os.kill(kill, signal.SIGKILL)
            return list(await asyncio.gather(*asked))

    with serve(tmp_path, *words, *ARGUMENTS, environment=environment) as (process, printed):
        until(lambda: "engines:" in printed.read_text() or process.poll() is not None, 500)
        line = next(line for line in printed.read_text().splitlines() if line.startswith("engines:"))
        started = below(process.pid)
        server = next(one for one, command in started.items()
                      if f"--port {port} " in command and "leash.py" not in command)  # fmt: skip
        begun = time.monotonic()
        answers = asyncio.run(ask(yaml.safe_load(line)["engines"]["served"], 24, server))
        asked = time.monotonic() - begun
        assert {answer.finish for answer in answers} <= {"stop", "length"}
        again = f"replica 0  port {port}  ready, restart 1"
        until(lambda: again in printed.read_text(), 300)
        back = time.monotonic() - begun
        started |= below(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, printed.read_text()
    with capsys.disabled():
        sent = sum(answer.sent for answer in answers)
        print(f"\n  vLLM: 24 prompts answered in {asked:.0f} s with {sent} sendings, one of two servers killed; "
              f"ready again after {back:.0f} s")  # fmt: skip
    assert len(started) >= 6 and not any(alive(one) for one in started)
    assert "stopped, restart 1" in printed.read_text() and "Traceback" not in printed.read_text()
