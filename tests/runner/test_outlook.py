"""What a plan says of time, money and targets before they are spent."""

from __future__ import annotations

import pytest

import retold
from retold.core.step import Target
from retold.runner.outlook import words

RECIPE = """\
sources: {docs: {read: python_docs, limit: 4}}
engines: {small: ENGINE}
rephrase: {engine: small, styles: [tutorial], until: UNTIL}
verify: default@1
group_seconds: 0.1
"""
PRICED = "{http: [http://127.0.0.1:9/v1], model: m, price: PRICE}"


@pytest.fixture
def plan(tmp_path):
    def make(engine: str, until: str = "{retellings: 5}"):
        path = tmp_path / "four.yaml"
        path.write_text(RECIPE.replace("ENGINE", engine).replace("UNTIL", until))
        return retold.plan(path)

    return make


def test_prices_by_tokens_are_known_before_the_first_answer(plan):
    """Kills: a price without the prompts in it; output priced as input."""
    reading = plan(PRICED.replace("PRICE", "{input: 2.0}"))
    writing = plan(PRICED.replace("PRICE", "{output: 2.0}"))
    both = plan(PRICED.replace("PRICE", "{input: 2.0, output: 2.0}"))
    assert 5 * 100 * 2e-6 < reading.cost < 5 * 1500 * 2e-6
    assert writing.cost == pytest.approx(5 * 160 * 2e-6, rel=0.3), "half the longest answer of this style"
    assert both.cost == pytest.approx(reading.cost + writing.cost)


def test_a_price_by_the_hour_is_unknown_before_the_first_answer_and_an_engine_without_price_costs_nothing(plan):
    assert plan(PRICED.replace("PRICE", "{hour: 2.0}")).cost is None
    assert plan("scripted").cost == 0.0


def test_a_target_is_at_most_the_plan_before_anything_is_known_and_an_estimate_after(plan, tmp_path):
    """Kills: an estimate that counts what is answered twice; a target that is met and still asks."""
    engine = "{scripted: {lie: 30%}}"
    before = plan(engine, "{accepted_tokens: 400}")
    assert (before.expected, before.until, before.cost) == (None, "400 accepted tokens", 0.0)
    assert before.to_ask == before.requests
    retold.run(tmp_path / "four.yaml")
    met = plan(engine, "{accepted_tokens: 400}")
    assert (met.expected, met.to_ask) == (0, 0)
    raised = plan(engine, "{accepted_tokens: 800}")
    assert 0 < raised.expected <= raised.to_ask
    assert raised.expected == pytest.approx(raised.answered, rel=0.6), "twice the tokens, about twice the requests"


def test_the_time_that_one_engine_took_says_nothing_of_another(plan, tmp_path):
    """Kills: the seconds of every earlier run in the store, whoever answered (34 minutes were foretold of a server)."""
    slow, quick = "{scripted: {latency: 0.3, capacity: 1}}", "{scripted: {seed: 1}}"
    plan(slow)
    retold.run(tmp_path / "four.yaml")
    assert plan(slow, "{retellings: 10}").seconds > 1.0
    assert plan(quick, "{retellings: 10}").seconds is None
    retold.run(tmp_path / "four.yaml")
    assert plan(quick, "{retellings: 16}").seconds < 1.0


def test_targets_in_words():
    assert words(Target(2_000_000, 10.5)) == "2,000,000 accepted tokens or 10.50 USD"
    assert words(None) == ""
