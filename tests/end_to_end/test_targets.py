"""A target of accepted tokens on the whole path: the same rows with one worker and with four, killed or not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

from retold import open as open_output
from retold import run as run_recipe
from retold.store import Store
from retold.text.tokens import count
from support.compare import all_rows

AS_ASKED = {"completions", "dead_letters", "yields"}
"""What was asked behind the end, and in which stretches it was judged, may differ; nothing else may."""


def start(recipe: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "retold", "run", str(recipe), "--out", str(out), "--quiet", *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def with_target(recipe: Path, tokens: int, latency: str = "0.01") -> Path:
    text = recipe.read_text("utf-8").replace("retellings: 60", f"accepted_tokens: {tokens}")
    path = recipe.with_name(f"until-{tokens}-{latency}.yaml")
    path.write_text(text.replace("latency: 0.01", f"latency: {latency}"), "utf-8")
    return path


def kill_once_it_has_answered(recipe: Path, out: Path, answers: int, *more: str) -> None:
    """SIGKILL when the store holds more answers than so many."""
    process = start(recipe, out, *more)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        there = (out / "store" / "retold.json").exists()
        if there and Store.open(out / "store").dataset("completions").count_rows() > answers:
            break
        time.sleep(0.05)
    assert process.poll() is None, "it ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def answers_before(out: Path) -> list[str]:
    """Answers that lie before the end, as text."""
    store = Store.open(out / "store")
    (cut,) = store.rows("cuts")
    inside = {row["request_id"] for row in store.rows("requests") if row["position"] < cut["end"]}
    rows = [row for row in store.rows("completions") if row["request_id"] in inside]
    return sorted(repr((row["request_id"], row["text"], row["finish"])) for row in rows)


def test_a_target_reached_with_one_worker_and_with_four_killed_twice_gives_the_same_rows(recipe, tmp_path):
    """Law 1. Kills: ending at a group, at a worker's stretch, or where the answers of one session end."""
    calm, slow = with_target(recipe, 1200), with_target(recipe, 1200, "0.15")
    run_recipe(calm, out=tmp_path / "one")
    kill_once_it_has_answered(slow, tmp_path / "four", 4, "--workers", "4")
    kill_once_it_has_answered(slow, tmp_path / "four", 30, "--workers", "4")
    _, errors = (process := start(calm, tmp_path / "four", "--workers", "4")).communicate(timeout=120)
    assert process.returncode == 0, errors.decode()

    one, four = (all_rows(tmp_path / name / "store") for name in ("one", "four"))
    assert {name: one[name] for name in one if name not in AS_ASKED} == {
        name: four[name] for name in four if name not in AS_ASKED
    }
    assert answers_before(tmp_path / "one") == answers_before(tmp_path / "four")
    (cut,) = Store.open(tmp_path / "one" / "store").rows("cuts")
    made = open_output(tmp_path / "one").accepted(["retelling"]).filter(pl.col("made_by") == "model")
    assert cut["met"] == "accepted_tokens"
    assert sum(map(count, made["text"].to_list())) == cut["tokens"] >= 1200, "what was judged is what was accepted"


def test_what_recites_an_evaluation_item_does_not_count(recipe, tmp_path):
    """Kills: counting what `verify` accepts and decontamination drops afterwards."""
    path = with_target(recipe, 400)
    first = recipe_tokens(path, tmp_path / "free")
    items = [{"question": text} for text in first["text"].to_list()[:3]]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, items)), "utf-8")
    curate = "curate: [{decontaminate: {against: items.jsonl, method: ngram13}}, normalize"
    path.write_text(path.read_text("utf-8").replace("curate: [normalize", curate), "utf-8")
    second = recipe_tokens(path, tmp_path / "clean")
    assert set(second["text"]).isdisjoint(first["text"].to_list()[:3])


def recipe_tokens(path: Path, out: Path) -> pl.DataFrame:
    """Run; the accepted model-made retellings, whose tokens are those of the cut."""
    made = run_recipe(path, out=out)
    accepted = made.accepted(["retelling"]).filter(pl.col("made_by") == "model")
    (cut,) = made.store.rows("cuts")
    assert sum(map(count, accepted["text"].to_list())) == cut["tokens"] >= 400
    return accepted.sort("document_id")


def test_the_end_tells_what_was_reached_and_a_second_run_asks_nothing(recipe, inside):
    path = with_target(recipe, 600)
    printed = inside("run", path)
    assert "accepted tokens met: " in printed and "not done yet" not in printed
    assert "nothing to do" in inside("run", path)
    assert "0 to ask" in inside("plan", path)


def test_a_prompt_changed_in_mid_run_is_never_mixed_with_the_old_one(recipe, tmp_path, inside):
    """Law 3. Killed, its prompt edited, run again: plan says what is set aside. Kills: answers found by document."""
    style = tmp_path / "mine.md"
    style.write_text(MINE, "utf-8")
    text = recipe.read_text("utf-8").replace("{key_facts: 2, reword: 1, tutorial: 1}", "[./mine.md]")
    path = tmp_path / "little.yaml"
    path.write_text(text.replace("latency: 0.01", "latency: 0.3"), "utf-8")
    out = tmp_path / "out" / "little"
    kill_once_it_has_answered(path, out, 5)
    old = {row["request_id"] for row in Store.open(out / "store").rows("completions")}
    style.write_text(MINE.replace("Say it again", "Say it again in plain words"), "utf-8")
    path.write_text(path.read_text("utf-8").replace("latency: 0.3", "latency: 0.01"), "utf-8")
    said = inside("plan", path)
    assert "reuse      0 answers; 50 to ask" in said and f"{len(old)} answers of other prompts" in said
    inside("run", path)
    session = open_output(out)
    asked = set(session.scan("requests")["request_id"].to_list())
    made = session.scan("documents").filter(pl.col("made_by") == "model")
    assert asked.isdisjoint(old)
    assert set(made["document_id"].to_list()) <= asked and made.height > 20


MINE = """\
---
name: mine
version: 1
summary: The passage once more.
unit: passage
contract: {parser: prose, items: [1, 9], length: [0.1, 3.0], copy_limit: 1.0}
---
## user
{passage}

Say it again.
"""
