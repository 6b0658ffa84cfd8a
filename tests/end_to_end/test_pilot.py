"""A pilot on the command line: the beginning of the plan, nothing mixed, everything used again."""

from __future__ import annotations

import json

import pytest

from retold.engines.fetch import locate
from retold.runner.session import Session
from support.compare import shard_bytes


@pytest.fixture
def forty(recipe):
    """Many documents, so that a pilot is a small share of the plan."""
    text = recipe.read_text("utf-8").replace("limit: 12", "limit: 40").replace("retellings: 60", "retellings: 150")
    recipe.write_text(text.replace("rules: all", "rules: [lead]"), "utf-8")
    return recipe


def piloted(inside, recipe, out, retellings=40):
    lines = inside("run", recipe, "--out", out, "--pilot", retellings, "--json").splitlines()
    return json.loads(lines[-1])["pilot"]


def test_a_pilot_is_the_beginning_of_the_run_and_its_answers_are_used_again(forty, inside, tmp_path):
    """Laws 1 and 3. Kills: a sample that is no prefix; rows of the pilot in the whole run; asking anything twice."""
    out, alone = tmp_path / "out", tmp_path / "alone"
    pilot = piloted(inside, forty, out)
    assert pilot["retellings"] == 40 and pilot["planned"] == 150
    assert (out / "pilot.html").is_file() and not (out / "shards").exists() and not (out / "report.html").exists()

    session = Session.begin(forty, out=out)
    small = session.sample(40)
    place = {row["request_id"]: row["position"] for row in rows_of(session, "requests")}
    first = {row["request_id"] for row in rows_of(small, "requests")}
    assert sorted(place[name] for name in first) == list(range(len(first)))
    plan = session.plan()
    assert plan.answered + plan.given_up == len(first) == pilot["requests"] and not rows_of(
        session, "documents", "parse"
    )

    assert f"reuse      {plan.answered:,} answers" in inside("plan", forty, "--out", out)
    inside("run", forty, "--out", out, "--quiet")
    inside("run", forty, "--out", alone, "--quiet")
    assert shard_bytes(out) == shard_bytes(alone)
    assert session.store.dataset("completions").count_rows() == session_rows(alone)
    again = piloted(inside, forty, out)
    assert again["story"]["styles"] == pilot["story"]["styles"], "a pilot of what is done asks nothing, says the same"


def rows_of(session, table, *stages):
    view = session.view()
    return [row for rows in view.read(table, stages=stages or None) for row in rows.to_pylist()]


def session_rows(out):
    return Session.open(out).store.dataset("completions").count_rows()


def test_what_is_extrapolated_is_what_comes(forty, inside, tmp_path):
    """The whole run lies in the intervals (fixed seeds). Kills: extrapolating from the wrong base."""
    pilot = piloted(inside, forty, tmp_path / "out", 60)
    inside("run", forty, "--out", tmp_path / "out", "--quiet")
    whole = piloted(inside, forty, tmp_path / "out", 150)
    for small, true in zip(pilot["figures"], whole["figures"], strict=True):
        assert true["whole"]["low"] == true["sample"] == true["whole"]["high"], "all of it is no estimate"
        assert small["whole"]["low"] <= true["sample"] <= small["whole"]["high"], small["name"]
        assert small["sample"] <= true["sample"]


def test_a_recipe_without_a_model_has_nothing_to_try(forty, retold):
    text = forty.read_text("utf-8").replace("styles: {key_facts: 2, reword: 1, tutorial: 1}", "styles: {}")
    forty.write_text(text.replace("until: {retellings: 150}", ""), "utf-8")
    assert "asks no model" in retold("run", forty, "--pilot", 5, code=2)


def test_the_summary_of_a_pilot_with_a_target(forty, inside, tmp_path):
    text = forty.read_text("utf-8").replace("until: {retellings: 150}", "until: {accepted_tokens: 800}")
    forty.write_text(text, "utf-8")
    printed = inside("run", forty, "--out", tmp_path / "out", "--pilot", 30)
    words = " ".join(printed.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "95 % interval" in words and "whole plan" in words and "target 800 accepted tokens" in words
    assert "source" in words and "pilot.html" in words and "uses the pilot's answers" in words


@pytest.mark.embedded
def test_a_pilot_with_a_real_model(forty, inside, tmp_path):
    """Four retellings by the embedded engine: real tokens, real time, used again. Passages are short, and slots are not
    tested: other tests do that."""
    if locate() is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")
    text = forty.read_text("utf-8").replace("key_facts: 2, reword: 1, tutorial: 1", "tutorial: 1")
    text = text.replace("  rules: [lead]", "  rules: [lead]\n  passage: {tokens: 60, min_words: 20}")
    engine = "engines: {small: {embedded: {slots: 1, threads: 1, batch: 512}}}\n"
    text = text[: text.index("engines:")] + engine + text[text.index("rephrase:") :]
    forty.write_text(text, "utf-8")
    pilot = piloted(inside, forty, tmp_path / "out", 4)
    figures = {figure["name"]: figure for figure in pilot["figures"]}
    assert pilot["retellings"] == 4 and figures["completion_tokens"]["sample"] >= 40
    assert figures["prompt_tokens"]["whole"]["value"] > 10 * figures["prompt_tokens"]["sample"]
    assert pilot["seconds"]["low"] <= pilot["seconds"]["value"] and pilot["few"]
    assert Session.begin(forty, out=tmp_path / "out").plan().answered == 4
