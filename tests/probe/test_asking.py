"""Asking and counting: every answer once, a stopped probe goes on, shares with intervals over targets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from retold.core.document import Completion
from retold.probe import BATTERIES, Given, Question, Sampled, ask, figures
from retold.probe.ask import prompts
from retold.probe.outcome import as_dict, probed
from retold.probe.tally import share_of
from retold.report.probe_page import probe_html
from retold.testing import ScriptedEngine


class Told(ScriptedEngine):
    """Answers "Yes." or, for some prompts, fails; counts how often it is asked."""

    def __init__(self, failing: str = "") -> None:
        super().__init__()
        self.asked = 0
        self.failing = failing

    async def complete(self, prompt):
        self.asked += 1
        text = prompt.turns[0].content[0].text
        if self.failing and self.failing in text:
            return Completion(prompt.request_id, "", "error", self.identity, 1, 0, failure="server")
        return Completion(prompt.request_id, f"Yes. <b>{prompt.sampling.seed}</b>", "stop", self.identity, 1, 1)


def given_by(engine, questions, how, file=None):
    return asyncio.run(ask(engine, questions, how, 32, file=file))


def test_every_question_is_asked_greedily_and_in_samples(tmp_path):
    questions = BATTERIES["emoji"].questions(7, 3)
    engine = Told()
    found = given_by(engine, questions, Sampled(2), tmp_path / "answers.jsonl")
    assert engine.asked == len(found) == 3 * len(questions)
    assert [one.sample for one in found] == [0] * len(questions) + [1] * len(questions) + [2] * len(questions)


def test_every_sampled_answer_has_a_seed_of_its_own():
    """Kills: one seed for all, which draws the first words of all alike: 10 of 80 began with No, then 44 of 80."""
    planned = list(prompts(BATTERIES["emoji"].questions(7, 5), Sampled(3), 32))
    drawn = [prompt.sampling.seed for _, sample, prompt in planned if sample]
    assert len(set(drawn)) == len(drawn) == 90
    assert all(prompt.sampling.temperature == 0 for _, sample, prompt in planned if not sample)


def test_a_stopped_probe_goes_on(tmp_path):
    """Kills: asking what stands in the file, and believing a torn line or another engine's answers."""
    file = tmp_path / "answers.jsonl"
    questions = BATTERIES["emoji"].questions(7, 3)
    first = given_by(Told(), questions, Sampled(1), file)
    lines = file.read_text("utf-8").splitlines()
    assert len(lines) == len(first)
    strange = json.dumps({**json.loads(lines[-1]), "engine": "another"})
    file.write_text("\n".join([*lines[:-2], strange, lines[-2][:20]]) + "\n", "utf-8")
    engine = Told()
    assert given_by(engine, questions, Sampled(1), file) == first
    assert engine.asked == 2


def test_a_failure_is_no_answer(tmp_path):
    """Kills: a failed completion counted as a denial, or kept in the file."""
    file = tmp_path / "answers.jsonl"
    questions = BATTERIES["emoji"].questions(7, 3)
    found = given_by(Told("seahorse"), questions, Sampled(0), file)
    assert {one.question.target for one in found}.isdisjoint({"seahorse"})
    told = probed(BATTERIES["emoji"], len(questions), found, 7)
    assert told.failed == 3
    assert len(given_by(Told(), questions, Sampled(0), file)) == len(questions)


def test_shares_and_their_intervals():
    """Kills: a share of shares, and the wrong quantiles."""
    share, low, high = share_of([(10, 10), (0, 10)] * 10)
    assert share == 0.5 and 0.2 <= low <= 0.4 and 0.6 <= high <= 0.8
    narrow = share_of([(5, 10)] * 20)
    assert narrow == (0.5, 0.5, 0.5)
    assert share_of([(0, 3)] * 20) == (0.0, 0.0, pytest.approx(0.1391, abs=1e-4))  # 1 - 0.05 ** (1 / 20)
    assert share_of([(3, 3)] * 20)[1] == pytest.approx(0.8609, abs=1e-4)
    with pytest.raises(ValueError, match="nothing was asked"):
        share_of([])


def test_figures_keep_groups_and_ways_of_drawing_apart():
    battery = BATTERIES["emoji"]
    questions = [Question("emoji", group, str(at), "show", "?") for group in ("absent", "real") for at in range(4)]
    given = [Given(one, 0, "Yes." if one.group == "absent" else "No.", "stop") for one in questions]
    given += [replace(one, sample=1, text="", finish="length") for one in given]
    found = {(f.group, f.drawn, f.outcome): f.share for f in figures(battery, given)}
    assert found["absent", "greedy", "asserts"] == 1 and found["real", "greedy", "denies"] == 1
    assert found["absent", "sampled", "asserts"] == 0 and found["absent", "sampled", "unfinished"] == 1


def test_many_answers_about_few_things_make_no_narrow_interval():
    """Kills: an interval over answers instead of targets."""
    questions = [Question("emoji", "absent", str(at), "show", "?") for at in range(6)]
    given = [
        Given(one, sample, "Yes." if place < 3 else "No.", "stop")
        for place, one in enumerate(questions)
        for sample in range(1, 101)
    ]
    (asserted,) = [f for f in figures(BATTERIES["emoji"], given) if f.outcome == "asserts"]
    assert (asserted.share, asserted.answers, asserted.targets) == (0.5, 600, 6)
    assert asserted.high - asserted.low > 0.5


def test_the_page_escapes_answers_and_the_result_is_plain():
    """Law 8. Kills: an answer marked as safe."""
    questions = BATTERIES["emoji"].questions(7, 2)
    given = given_by(Told(), questions, Sampled(1))
    found = [probed(BATTERIES["emoji"], 2 * len(questions), given, 7)]
    html = probe_html("a <model>", "scripted", found)
    assert "<b>7</b>" not in html and "&lt;b&gt;7&lt;/b&gt;" in html and "a &lt;model&gt;" in html
    assert json.loads(json.dumps(as_dict("m", "i", Sampled(1), found)))["batteries"][0]["asked"] == 24
