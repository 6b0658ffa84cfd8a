"""Requests that failed, asked again from the command line; killed in the middle; no row lost, doubled or torn."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter

import pytest

from retold.store import Store
from support.compare import all_rows, shard_bytes

OUTAGE = "latency: 0.01, outage: {timeout: 15%, server: 10%, poison: 5%}"


@pytest.fixture
def down(recipe):
    """The little recipe while a third of its requests fail for now; the same recipe repaired, and repaired but slow."""
    text = recipe.read_text("utf-8").replace("group_seconds: 0.2", "group_seconds: 0.2\nstop_if: {failed: 90%}")
    recipe.write_text(text, "utf-8")
    for name, engine in (("down", OUTAGE), ("slow", "latency: 0.7, capacity: 2")):
        recipe.with_name(f"{name}.yaml").write_text(text.replace("latency: 0.01", engine), "utf-8")
    return recipe.with_name("down.yaml")


def test_retry_shows_asks_and_repairs(down, recipe, inside, retold, tmp_path):
    """Run with an outage, look, ask again, nothing left to do. Kills: parse, verify and pack that keep old rows."""
    out = ("--out", tmp_path / "out")
    assert "requests have no answer: retold retry" in inside("run", down, *out, "--quiet")
    listed = json.loads(inside("retry", recipe, *out, "--list", "--limit", "500", "--json"))
    assert set(listed["counts"]) == {"timeout", "server", "poison", "engine"}
    assert len(listed["letters"]) == listed["total"] == sum(listed["counts"].values())
    one = next(item for item in listed["letters"] if item["failure"] == "timeout")
    assert one["style"] and one["passage"] and one["title"] and one["error"] == "scripted outage: timeout"

    shown = inside("retry", recipe, *out, "--show", one["request_id"][:10])
    assert one["passage"][:30] in " ".join(shown.split()) and "scripted outage" in shown and "\nuser" in shown
    assert "would ask" in inside("retry", recipe, *out, "--dry-run")
    planned = inside("plan", recipe, *out)
    assert f"{listed['total']:,} failed for good" in planned and "retold retry" in planned and "0 to ask" in planned

    events = [json.loads(line) for line in inside("retry", recipe, *out, "--reason", "timeout", "--json").splitlines()]
    assert events[0]["asked"] == {"timeout": listed["counts"]["timeout"]} and events[0]["round"] == 1
    asked = next(item for item in events if item["event"] == "finished" and item["stage"] == "complete")
    assert asked["retried"] == listed["counts"]["timeout"]
    after = json.loads(inside("retry", recipe, *out, "--list", "--json"))
    assert "timeout" not in after["counts"]
    failed = Counter({style["style"]: style["failed"] for style in events[-1]["story"]["styles"]})
    assert failed.total() > 0, "what was not named is still a letter"
    assert "nothing to do" in inside("run", recipe, *out)

    inside("retry", recipe, *out, "--reason", "server,poison", "--quiet")
    inside("run", recipe, "--out", tmp_path / "never-down", "--quiet")
    assert shard_bytes(tmp_path / "out") == shard_bytes(tmp_path / "never-down"), "as if nothing had ever failed"
    assert "nothing to ask again" in inside("retry", recipe, *out, "--reason", "timeout")
    assert "there is no class" in retold("retry", recipe, *out, "--reason", "slow", code=2)


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.prove)])
def test_kills_in_the_middle_of_a_retry_change_no_row(down, recipe, inside, tmp_path, kills):
    """Law 2. Kills: a round that is opened after asking began, or opened again by the command that goes on with it."""
    for folder in ("quiet", "stormy"):
        inside("run", down, "--out", tmp_path / folder, "--quiet")
    inside("retry", recipe, "--out", tmp_path / "quiet", "--quiet")
    slow, moments, killed = recipe.with_name("slow.yaml"), random.Random(3), 0
    for number in range(kills):
        verb = "retry" if number % 3 != 2 else "run"
        command = [sys.executable, "-m", "retold", verb, str(slow), "--out", str(tmp_path / "stormy"), "--quiet"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=moments.uniform(1.0, 3.5))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
    assert killed >= min(3, kills)
    inside("retry", recipe, "--out", tmp_path / "stormy", "--quiet")
    assert "nothing to do" in inside("run", recipe, "--out", tmp_path / "stormy")
    assert len(Store.open(tmp_path / "stormy" / "store").rows("rounds")) == 1
    assert all_rows(tmp_path / "stormy" / "store") == all_rows(tmp_path / "quiet" / "store")
    assert shard_bytes(tmp_path / "stormy") == shard_bytes(tmp_path / "quiet")


def test_a_retry_under_a_target_ends_and_leaves_what_lies_behind_it(down, recipe, inside, tmp_path):
    """Kills: counting letters behind the end of a target, which no round would ever ask."""
    for path in (down, recipe):
        text = path.read_text("utf-8").replace("until: {retellings: 60}", "until: {accepted_tokens: 1200}")
        path.write_text(text.replace("latency: 0.01", "capacity: 64, latency: 0.01"), "utf-8")
    out = ("--out", tmp_path / "out")
    inside("run", down, *out, "--quiet")
    letters = len(Store.open(tmp_path / "out" / "store").rows("dead_letters"))
    listed = json.loads(inside("retry", recipe, *out, "--list", "--json"))
    assert 0 < listed["total"] < letters, "some lie behind the end"
    inside("retry", recipe, *out, "--reason", "timeout,server,poison,engine", "--quiet")
    after = json.loads(inside("retry", recipe, *out, "--list", "--json"))
    assert set(after["counts"]) <= {"engine"}
    assert "nothing to do" in inside("run", recipe, *out)
    assert json.loads(inside("retry", recipe, *out, "--dry-run", "--json"))["resumed"] is False
