"""The scripted engine answers from the prompt alone, and misbehaves in the shares that it is told."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from retold.core.document import Completion
from retold.core.errors import EngineError
from retold.engines import EngineSettings, build
from retold.testing import REFUSAL, ScriptedEngine, ask, prompt
from retold.text.words import words

SOURCE = (
    "Rome, the old city, was founded in 753 BC. It grew for a long time. By 100 AD, it had about a million people. "
    "The river, called Tiber, flows through it."
)


def many(count: int = 200):
    return [prompt(f"r{index}", SOURCE, prefill="-") for index in range(count)]


@given(st.permutations(range(12)), st.integers(0, 3))
def test_answers_do_not_depend_on_order(order, seed):
    """Kills: drawing misbehaviour from a counter or a shared random generator."""
    options = {"seed": seed, "fail": 0.2, "lie": 0.2, "babble": 0.2, "cut_off": 0.2, "refuse": 0.2}
    prompts = many(12)
    expected = {one.request_id: ScriptedEngine(**options).script(one) for one in prompts}
    engine = ScriptedEngine(**options)
    assert {prompts[index].request_id: engine.script(prompts[index]) for index in order} == expected


@pytest.mark.parametrize("kind", ["fail", "lie", "babble", "cut_off", "refuse"])
def test_each_misbehaviour_comes_in_its_share(kind):
    good = ask(ScriptedEngine(capacity=500), many())
    bad = ask(ScriptedEngine(**{kind: "25%"}), many())
    changed = [two for one, two in zip(good, bad, strict=True) if one.text != two.text]
    assert 30 <= len(changed) <= 70
    finish = {"fail": "error", "cut_off": "length"}.get(kind, "stop")
    assert {completion.finish for completion in changed} == {finish}
    if kind == "refuse":
        assert {completion.text.strip() for completion in changed} == {REFUSAL}


@pytest.mark.parametrize(
    ("form", "prefill", "marks"),
    [
        ("prose", "", 0),
        ("bullets", "-", 4),
        ("numbered", "1.", 4),
        ("qa", "Q:", 4),
        ("table", "| Term | Meaning |\n| --- | --- |\n|", 6),
    ],
)
def test_a_made_up_answer_has_the_form_that_the_prefill_begins(form, prefill, marks, golden):
    text = prefill + ask(ScriptedEngine(), [prompt("r1", SOURCE, prefill=prefill)])[0].text
    assert len([line for line in text.splitlines() if line[:1] in "-123456789Q|"]) == marks
    golden(f"made_up_{form}.txt", text + "\n")


def test_a_made_up_answer_says_nothing_new():
    text = ask(ScriptedEngine(), [prompt("r1", SOURCE)])[0].text
    assert {word.lower() for word in words(text)} <= {word.lower() for word in words(SOURCE)}


def test_answers_can_be_given():
    prompts = [prompt("a", SOURCE), prompt("b", SOURCE)]
    assert [c.text for c in ask(ScriptedEngine(lambda one: one.request_id * 2), prompts)] == ["aa", "bb"]
    assert ask(ScriptedEngine({"a": "given"}), prompts)[0].text == "given"
    assert ask(ScriptedEngine({"a": "given"}), prompts)[1].text.endswith(".")
    assert {c.text for c in ask(ScriptedEngine(["x", "y"]), many(50))} == {"x", "y"}
    whole = Completion("other", "t", "filtered", "e", 1, 1)
    assert ask(ScriptedEngine(lambda _one: whole), prompts)[0].finish == "filtered"


def test_the_engine_of_a_recipe_remembers_no_request():
    """Kills: counting by request id there too: 200 bytes for each, 200 MB at a million."""
    engine = build(EngineSettings.model_validate("scripted"))
    assert isinstance(engine, ScriptedEngine)
    ask(engine, many(3))
    assert engine.calls == 3 and not engine.asked


def test_calls_are_counted_and_identity_follows_the_script():
    engine = ScriptedEngine()
    ask(engine, [*many(3), *many(2)])
    assert engine.calls == 5
    assert engine.asked["r0"] == 2
    identities = {ScriptedEngine(seed=1).identity, ScriptedEngine(lie=0.1).identity, ScriptedEngine(["x"]).identity}
    assert len({*identities, engine.identity}) == 4
    assert ScriptedEngine(latency=1.0, capacity=3).identity == engine.identity


def test_stalled_answers_come_later():
    engine = ScriptedEngine(stall=0.5, stall_seconds=0.05)
    done: list[str] = []

    async def one(item):
        await engine.complete(item)
        done.append(item.request_id)

    async def run():
        async with engine:
            await asyncio.gather(*(one(item) for item in many(20)))

    asyncio.run(run())
    late = {item.request_id for item in many(20) if engine.draws("stall", item.request_id)}
    assert late
    assert set(done[-len(late) :]) == late


def test_an_engine_that_is_not_open_says_so():
    with pytest.raises(EngineError, match="not open"):
        asyncio.run(ScriptedEngine().complete(many(1)[0]))
    with pytest.raises(ValidationError):
        ScriptedEngine(liar=0.5)
