"""Law 2 with many requests: SIGKILL again and again, and after each the answers that were given and are not kept.

The answers that an engine gave are written down by a process that survives (a server's own log, or that of the scripted
engine, a line before the answer is handed on). After each kill the store is read: what was given since the run began
and is not there is lost, and the oldest of it may be no older than the bound that `runner/asking.py` and
`engines/canary.py` state: `group_seconds`, half a second until the loop looks, two commits, and for servers what the
canary holds. Commits, canaries and the time in which the loop does not come round are timed in the same run. The
canary's interval is one second here, so that runs that live for seconds get on.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from retold.runner.asking import TICK_SECONDS
from retold.store import Store
from support import witnessed_run
from support.compare import all_rows
from support.server_process import ServerProcess
from support.witnessed_run import Line, lines_of

GROUP_SECONDS = 0.4
CANARY_SECONDS = 1.0
LATENCY = 1.0
IN_FLIGHT = 40
CAPACITY = 400
SLACK = 1.0
"""Seconds for what is on its way: an answer, a canary there and back. What a busy machine adds is timed."""

RECIPE = """\
name: many
sources: {docs: {read: jsonl, paths: documents}}
curate: [normalize]
engines: {small: ENGINE}
rephrase: {engine: small, styles: [plain], passage: {min_words: 10}}
group_seconds: SECONDS
"""


@dataclass
class Loss:
    """What one kill cost: answers, and how old the oldest of them was; and what it may have cost."""

    answers: int
    seconds: float
    bound: float
    groups: int
    late: float


@dataclass
class Case:
    """One run in the making: where its things are, and the words that start it."""

    folder: Path
    out: str
    engines: dict[str, str]
    given: Path
    canary: bool
    losses: list[Loss] = field(default_factory=list)

    def recipe(self, speed: str) -> Path:
        path = self.folder / f"{speed}.yaml"
        path.write_text(RECIPE.replace("ENGINE", self.engines[speed]).replace("SECONDS", str(GROUP_SECONDS)), "utf-8")
        return path

    def start(self, speed: str, out: str | None = None) -> subprocess.Popen[bytes]:
        words = ["run", str(self.recipe(speed)), "--out", out or self.out, "--quiet"]
        command = [sys.executable, witnessed_run.__file__, str(self.folder / "log"), str(CANARY_SECONDS), *words]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self, out: str | None = None) -> None:
        process = self.start("quick", out)
        _, errors = process.communicate(timeout=900)
        assert process.returncode == 0, errors.decode()

    def kept(self) -> set[str]:
        """What the store has of the answers: the digits in a server's text, or the request's id."""
        store = Store.open(f"{self.out}/store")
        if self.canary:
            return {row["text"].split()[-1] for row in store.rows("completions", columns=["text"])}
        tables = ("completions", "dead_letters")
        return {row["request_id"] for table in tables for row in store.rows(table, columns=["request_id"])}

    def kill_one(self, moments: random.Random) -> None:
        """One run, killed at a random moment: of its first seconds, or after its first answers."""
        began = time.time()
        process = self.start("slow")
        if moments.random() < 0.8:
            self._until_an_answer(process, began)
        try:
            process.wait(timeout=moments.uniform(0.0, 4.5))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        killed = time.time()
        _, errors = process.communicate()
        assert process.returncode == -signal.SIGKILL, f"it ended by itself: {process.returncode} {errors.decode()}"
        self.losses.append(self._loss(began, killed))

    def _until_an_answer(self, process: subprocess.Popen[bytes], began: float) -> None:
        while process.poll() is None:
            if any(line.kind == "answer" and line.seconds >= began for line in lines_of(self.given)[-20:]):
                return
            time.sleep(0.1)

    def _loss(self, began: float, killed: float) -> Loss:
        given = {
            line.what: line.seconds for line in lines_of(self.given) if began <= line.seconds and line.kind == "answer"
        }
        kept = self.kept() if given else set()
        lost = [seconds for what, seconds in given.items() if what not in kept]
        marks = [line for line in lines_of(self.folder / "log") if began <= line.seconds and line.kind != "answer"]
        commits, canaries = _spans(marks, "begin", "end", killed), _spans(marks, "ask", "told", killed)
        groups = sum(line.kind == "end" for line in marks)
        oldest = min(lost, default=killed)
        late = sum(float(line.what) for line in marks if line.kind == "late" and line.seconds >= oldest)
        bound = GROUP_SECONDS + TICK_SECONDS + 2 * max(commits, default=0.0) + SLACK + late
        bound += self.canary * (CANARY_SECONDS + 2 * max(canaries, default=0.0))
        return Loss(len(lost), killed - oldest, bound, groups, late)


def _spans(marks: list[Line], begin: str, end: str, killed: float) -> list[float]:
    """Seconds of each, the last perhaps cut short."""
    ended = [line.seconds for line in marks if line.kind == end]
    begun = [line.seconds for line in marks if line.kind == begin]
    return [last - first for first, last in zip(begun, [*ended, killed], strict=False)]


def documents(folder: Path, count: int) -> None:
    """So many short documents, no two alike, in four files."""
    words = ["harbour", "lantern", "winter", "copper", "orchard", "signal", "meadow", "thunder", "basket", "mirror"]
    drawn = random.Random(7)
    folder.mkdir()
    for number in range(4):
        lines = [
            json.dumps({"id": f"d{at}", "text": f"Entry {at} says this. " + " ".join(drawn.choices(words, k=24)) + "."})
            for at in range(number, count, 4)
        ]
        (folder / f"{number}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def scripted(latency: float, capacity: int) -> str:
    return f"{{scripted: {{latency: {latency}, capacity: {capacity}, fail: 1%, cut_off: 2%}}}}"


def served(url: str, in_flight: int) -> str:
    return f"{{http: [{url}], model: small, in_flight: {in_flight}, metrics: false, template: chatml}}"


MINUTES, PROVE = pytest.mark.minutes, pytest.mark.prove


@pytest.mark.parametrize(
    ("engine", "where", "kills", "count"),
    [
        ("served", "disk", 3, 400),
        ("scripted", "object storage", 2, 300),
        pytest.param("scripted", "disk", 15, 4_000, marks=MINUTES),
        pytest.param("served", "disk", 15, 4_000, marks=MINUTES),
        pytest.param("served", "object storage", 6, 1_000, marks=MINUTES),
        pytest.param("scripted", "disk", 100, 20_000, marks=PROVE),
        pytest.param("served", "disk", 100, 20_000, marks=PROVE),
        pytest.param("served", "object storage", 100, 20_000, marks=PROVE),
    ],
)
def test_kills_lose_no_row_and_no_more_answers_than_stated(request, tmp_path, engine, where, kills, count):
    """Kills: rows without keys; a group that is committed late or never; answers held for longer than a canary."""
    documents(tmp_path / "documents", count)
    out = request.getfixturevalue("prefix") if where == "object storage" else str(tmp_path / "stormy")
    given, quick = tmp_path / "given", tmp_path / "quick-given"
    with ServerProcess(given, LATENCY) as slow_server, ServerProcess(quick, 0.0) as quick_server:
        if engine == "served":
            engines = {"slow": served(slow_server.url, IN_FLIGHT), "quick": served(quick_server.url, CAPACITY)}
            case = Case(tmp_path, out, engines, given, canary=True)
        else:
            engines = {"slow": scripted(LATENCY, IN_FLIGHT), "quick": scripted(0.0, CAPACITY)}
            case = Case(tmp_path, out, engines, tmp_path / "log", canary=False)
        moments = random.Random(20261127)
        for _ in range(kills):
            case.kill_one(moments)
        stored = len(case.kept())
        assert stored < count, "the kills belong to one run"
        case.finish()
        case.finish(str(tmp_path / "undisturbed"))
    losses = case.losses
    print(
        f"\n{engine} engine, store on {where}, {count:,} requests, {kills} kills: {stored:,} answers kept in between; "
        f"{sum(loss.groups for loss in losses)} groups committed by the killed runs; lost at most "
        f"{max(loss.answers for loss in losses)} answers (in all {sum(loss.answers for loss in losses)}), the oldest "
        f"{max(loss.seconds for loss in losses):.2f} s old; nearest to its bound {_nearest(losses)}; the loop was "
        f"late by at most {max(loss.late for loss in losses):.2f} s"
    )
    assert all(loss.seconds <= loss.bound for loss in losses), [loss for loss in losses if loss.seconds > loss.bound]
    assert sum(loss.groups for loss in losses) >= kills, "there must be commits between the kills"
    assert all_rows(f"{out}/store") == all_rows(tmp_path / "undisturbed" / "store")


def _nearest(losses: list[Loss]) -> str:
    loss = max(losses, key=lambda one: one.seconds / one.bound)
    return f"{loss.seconds:.2f} of {loss.bound:.2f} s"
