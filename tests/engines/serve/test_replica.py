"""Servers that die, hang, cannot start or will not end: watched, started again, given up. Real processes, real HTTP."""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from retold.core.errors import EngineError
from retold.engines.serve.fleet import Fleet, recipe_line
from retold.engines.serve.launch import ServeSettings, launches
from retold.engines.serve.replica import Limits, Replica
from support import fake_server
from support.ports import alive, free_port

LIMITS = Limits(deaths=3, first_rest=0.05, longest_rest=0.1, look=0.1, grace=0.3, hung=0.5)


def settings(folder: Path, behaviour: str = "", replicas: int = 1, **more: object) -> ServeSettings:
    command = shlex.join([sys.executable, "-I", str(Path(fake_server.__file__)), str(folder)])
    extra = ("--behave", behaviour) if behaviour else ()
    return ServeSettings(
        "vllm", "small", port=free_port(replicas), replicas=replicas, command=command, extra=extra, **more
    )


def lives(folder: Path) -> list[list]:
    """(pid, worker's pid, GPUs, key) of every life."""
    path = folder / "lives"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def watch(
    folder: Path, chosen: ServeSettings, enough: Callable[[Fleet], bool], limits: Limits = LIMITS, kill: bool = False
) -> tuple[Fleet, list[tuple[int, str]]]:
    """Run a fleet until `enough` (then it is stopped) or until it ends by itself: the fleet, (replica, state)..."""
    seen: list[tuple[int, str]] = []

    def changed(replica: Replica) -> None:
        if not seen or seen[-1] != (replica.launch.replica, replica.state):
            seen.append((replica.launch.replica, replica.state))
        if enough(fleet):
            fleet.stop()
            if kill:
                fleet.stop()

    async def run() -> Fleet:
        nonlocal fleet
        fleet = Fleet(launches(chosen), folder / "logs", changed, limits)
        async with asyncio.timeout(30):
            await fleet.run()
        return fleet

    fleet: Fleet = None  # type: ignore[assignment]
    return asyncio.run(run()), seen


def gone(folder: Path) -> bool:
    return not any(alive(process) for life in lives(folder) for process in life[:2])


@pytest.fixture(autouse=True)
def no_gpus(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


def test_two_replicas_become_ready_say_what_they_do_and_leave_nothing_behind(tmp_path, monkeypatch):
    """Kills: ready before it answers; metrics unread; a worker left behind."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")
    monkeypatch.setenv("MY_KEY", "sk-hidden")
    chosen = settings(tmp_path, replicas=2, key="MY_KEY")
    numbers = []

    def enough(fleet: Fleet) -> bool:
        numbers.append([(replica.running, replica.queued) for replica in fleet.replicas])
        return fleet.settled and all(replica.running == 3 for replica in fleet.replicas)

    fleet, _ = watch(tmp_path, chosen, enough)
    assert [(3.0, 1.0)] * 2 in numbers
    assert {life[2] for life in lives(tmp_path)} == {"4", "5"}
    assert {life[3] for life in lives(tmp_path)} == {"sk-hidden"}
    assert [replica.state for replica in fleet.replicas] == ["stopped"] * 2
    assert gone(tmp_path)


def test_a_server_that_dies_is_started_again(tmp_path):
    """Kills: no restart; the worker of the dead server left alive."""
    fleet, _ = watch(tmp_path, settings(tmp_path, "die-once"), lambda fleet: fleet.settled and len(lives(tmp_path)) > 1)
    assert len(lives(tmp_path)) == 2 and fleet.replicas[0].restarts == 1
    assert gone(tmp_path)


def test_one_that_dies_again_and_again_is_given_up_with_the_end_of_its_log(tmp_path):
    """Kills: restarts without end."""
    with pytest.raises(EngineError, match="given up: there is not enough memory") as caught:
        watch(tmp_path, settings(tmp_path, "no-memory"), lambda _: False)
    assert "CUDA out of memory. Tried to allocate" in caught.value.message
    assert "replica-0.log" in caught.value.message and "--tensor-parallel" in caught.value.fix
    assert len(lives(tmp_path)) == LIMITS.deaths


def test_a_cause_that_time_does_not_heal_is_not_tried_again(tmp_path):
    """Kills: five minutes of a user's time to learn of a misspelt model."""
    with pytest.raises(EngineError, match="the model cannot be found or read"):
        watch(tmp_path, settings(tmp_path, "no-model"), lambda _: False)
    assert len(lives(tmp_path)) == 1


def test_a_port_that_was_taken_meanwhile_is_not_taken_for_ours(tmp_path):
    """Kills: another server on our port, believed to be ours since it answers."""
    chosen = settings(tmp_path)
    planned = launches(chosen)
    with socket.socket() as other:
        other.bind(("127.0.0.1", chosen.port))
        other.listen()

        async def run() -> None:
            await Fleet(planned, tmp_path / "logs", lambda _: None, LIMITS).run()

        with pytest.raises(EngineError, match="its port is taken"):
            asyncio.run(run())
    assert lives(tmp_path) == []


def test_one_that_does_not_answer_any_more_is_ended_and_started_again(tmp_path):
    """Kills: a hung server that is alive and counted as ready for ever."""
    _, seen = watch(
        tmp_path,
        settings(tmp_path, "hang"),
        lambda _: len(lives(tmp_path)) > 1,
        Limits(first_rest=0.05, look=0.1, grace=0.3, hung=0.5, answer=0.3),
    )
    states = [state for _, state in seen]
    assert states[:4] == ["starting", "ready", "silent", "waiting"]
    assert gone(tmp_path)


def test_one_that_will_not_end_is_killed_after_the_grace(tmp_path):
    watch(tmp_path, settings(tmp_path, "stubborn"), lambda fleet: fleet.settled)
    assert gone(tmp_path)


def test_the_second_stop_does_not_wait(tmp_path):
    """Kills: a second Ctrl-C that waits for the grace of a server that is stuck."""
    patient = Limits(look=0.1, grace=600)
    watch(tmp_path, settings(tmp_path, "stubborn"), lambda fleet: fleet.settled, patient, kill=True)
    assert gone(tmp_path)


def test_the_others_go_on_when_one_is_given_up(tmp_path):
    chosen = settings(tmp_path, replicas=2)
    first, second = launches(chosen)
    doomed = type(second)(**{**vars(second), "words": (*second.words, "--behave", "no-model")})
    states: list[list[str]] = []

    async def run() -> None:
        def changed(_replica: Replica) -> None:
            states.append([replica.state for replica in fleet.replicas])
            if fleet.settled:
                fleet.stop()

        fleet = Fleet([first, doomed], tmp_path / "logs", changed, LIMITS)
        with pytest.raises(EngineError, match="replica 1 on port"):
            await fleet.run()

    asyncio.run(run())
    assert ["ready", "given up"] in states


def test_the_line_for_the_recipe_is_one(tmp_path, monkeypatch):
    """Kills: an address without /v1; a line that a recipe does not read."""
    import yaml

    from retold.engines.settings import EngineSettings

    monkeypatch.setenv("MY_KEY", "sk-hidden")
    (tmp_path / "model").mkdir()
    tokens = [{"content": "<|im_start|>"}, {"content": "<|im_end|>"}]
    (tmp_path / "model" / "tokenizer.json").write_text(json.dumps({"added_tokens": tokens}))
    chosen = ServeSettings(
        "vllm", str(tmp_path / "model"), "a: name", "v2", port=free_port(2), replicas=2, key="MY_KEY",
        command=sys.executable,
    )  # fmt: skip
    line = recipe_line(chosen, launches(chosen))
    assert "sk-hidden" not in line
    read = EngineSettings.model_validate(yaml.safe_load(line)["engines"]["served"]).http
    assert read is not None
    assert read.urls == (f"http://127.0.0.1:{chosen.port}/v1", f"http://127.0.0.1:{chosen.port + 1}/v1")
    assert (read.model, read.revision, read.template, read.key) == ("a: name", "v2", "chatml", "MY_KEY")
