"""The plan: quotas on every prefix, an order that depends on ids alone."""

from __future__ import annotations

import itertools
import pickle
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory_view import run_fold
from retold.engines import EngineSettings
from retold.rephrase import Plan, RephraseSettings
from retold.rephrase.plan import units
from retold.rephrase.quota import shares
from support.corpus_of_rephrase import HARBOUR, RAIN, passage, with_passages

WEIGHTS = {"facts.md": 3, "prose.md": 2, "sentences.md": 1}
FIXTURES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def recipe(**values) -> RephraseSettings:
    return RephraseSettings.model_validate({"engine": "e", "styles": WEIGHTS, **values})


def parts_of(sizes: list[int]) -> dict[str, list]:
    return {
        f"part-{part}": [passage(f"p{part}-{index}", RAIN, f"d{part}", index * 1000) for index in range(size)]
        for part, size in enumerate(sizes)
    }


def planned(folder: Path, parts, step) -> list[dict]:
    """The requests in planned order."""
    view = with_passages(folder, parts)
    run_fold(step, view)
    return sorted(view.table("requests"), key=lambda row: row["position"])


def retold(requests: list[dict]) -> list[tuple[str, str]]:
    """Passage and style of each retelling, in planned order."""
    return list(dict.fromkeys((row["passage_id"], row["style"]) for row in requests))


@FIXTURES
@given(
    sizes=st.lists(st.integers(0, 9), min_size=1, max_size=4), per_document=st.integers(1, 3), seed=st.integers(0, 9)
)
def test_quotas_hold_on_every_prefix_of_the_whole_plan(tmp_path, own_styles, scripted, sizes, per_document, seed):
    """Kills: one Quota for each part, instead of one for the plan."""
    step = Plan(recipe(per_document=per_document), scripted, own_styles, seed)
    made = retold(planned(tmp_path, parts_of(sizes), step))
    assert len(made) == sum(sizes) * per_document
    wanted = {own_styles[key].name: share for key, share in shares(WEIGHTS, per_document).items()}
    taken: Counter[str] = Counter()
    for asked, (_, style) in enumerate(made, 1):
        taken[style] += 1
        assert all(abs(taken[name] - asked * share) <= 1 for name, share in wanted.items())


@FIXTURES
@given(random=st.randoms(use_true_random=False), sizes=st.lists(st.integers(0, 9), min_size=2, max_size=4))
def test_the_order_of_parts_and_passages_decides_nothing(tmp_path, own_styles, scripted, random, sizes):
    """Kills: taking parts or passages in the order in which they come."""
    step = Plan(recipe(), scripted, own_styles, 7)
    parts = parts_of(sizes)
    shuffled = {name: random.sample(parts[name], len(parts[name])) for name in random.sample(list(parts), len(parts))}
    assert planned(tmp_path, shuffled, step) == planned(tmp_path, parts, step)


@FIXTURES
@given(limit=st.integers(1, 20), more=st.integers(1, 20), per_document=st.integers(1, 2))
def test_a_shorter_plan_is_the_beginning_of_a_longer_one(tmp_path, own_styles, scripted, limit, more, per_document):
    """Kills: a limit in the choice of styles or in the order; a limit that counts requests."""

    def upto(count: int | None) -> list[dict]:
        chosen = recipe(per_document=per_document, until={"retellings": count})
        return planned(tmp_path, parts_of([6, 5]), Plan(chosen, scripted, own_styles, 7))

    short, long, whole = upto(limit), upto(limit + more), upto(None)
    assert short == long[: len(short)] and long == whole[: len(long)]
    assert len(retold(short)) == min(limit, 11 * per_document)


def test_positions_count_from_zero_and_the_requests_of_a_passage_are_neighbours(tmp_path, own_styles, scripted):
    """Kills: planning style by style, which makes a prefix cache pay each passage again."""
    requests = planned(tmp_path, parts_of([5, 4]), Plan(recipe(per_document=3), scripted, own_styles, 7))
    assert [row["position"] for row in requests] == list(range(len(requests)))
    passages = [row["passage_id"] for row in requests]
    assert len([1 for above, below in itertools.pairwise(passages) if above != below]) == 8


def test_a_plan_larger_than_a_block_is_numbered_without_gaps(tmp_path, own_styles, scripted, monkeypatch):
    """Kills: numbering every block from the same position."""
    step = Plan(recipe(per_document=2), scripted, own_styles, 7)
    whole = planned(tmp_path, parts_of([9, 8]), step)
    monkeypatch.setattr("retold.rephrase.plan.ROWS", 3)
    assert planned(tmp_path, parts_of([9, 8]), step) == whole


def test_a_style_by_sentences_asks_for_each_sentence_once(tmp_path, own_styles, scripted):
    step = Plan(recipe(styles={"sentences.md": 1}), scripted, own_styles, 7)
    where = passage("p1", RAIN, start=500)
    requests = planned(tmp_path, {"a": [where]}, step)
    assert len({row["retelling_id"] for row in requests}) == 1
    assert [row["unit"] for row in requests] == list(range(5)) and {row["units"] for row in requests} == {5}
    texts = [RAIN[row["start"] - 500 : row["end"] - 500] for row in requests]
    assert texts[1].startswith("The\nobserver empties") and texts[-1].endswith("yearly table.")
    assert len({row["request_id"] for row in requests} | {requests[0]["retelling_id"]}) == 6


def test_other_styles_ask_once_for_the_span_of_the_passage(tmp_path, own_styles, scripted):
    step = Plan(recipe(styles={"facts.md": 1}), scripted, own_styles, 7)
    (request,) = planned(tmp_path, {"a": [passage("p1", RAIN, start=500)]}, step)
    assert request["retelling_id"] == request["request_id"]
    assert (request["start"], request["end"], request["units"]) == (500, 500 + len(RAIN), 1)
    assert (request["style"], request["style_version"], request["engine"]) == ("my_facts", "3", request["engine"])


def test_headings_code_bullets_and_scraps_are_not_sentences_to_reword():
    text = f"{HARBOUR}\n* A bullet with several words in it.\n* Short.\n\n    gate.close(); x = y\n"
    found = [text[start:end] for start, end in units(text)]
    assert "A bullet with several words in it." in found
    assert not [piece for piece in found if "===" in piece or "gate.close" in piece or piece == "* Short."]
    assert len(found) == 9
    assert units("Hm.") == ((0, 3),)


def test_a_passage_that_is_in_two_parts_is_planned_once(tmp_path, own_styles, scripted):
    """Kills: dropping `_first_seen`: the second copy would never be answered after a restart."""
    twice = {"a": [passage("p1", RAIN), passage("p2", RAIN)], "b": [passage("p1", RAIN), passage("p3", RAIN)]}
    requests = planned(tmp_path, twice, Plan(recipe(), scripted, own_styles, 7))
    assert Counter(name for name, _ in retold(requests)) == {"p1": 1, "p2": 1, "p3": 1}


def test_ids_name_everything_that_decides_an_answer(tmp_path, own_styles, scripted):
    """Kills: leaving prompt, sampling, engine or span out of the request's id."""
    facts = own_styles["facts.md"]
    chosen = recipe(styles={"facts.md": 1})

    def name(style=facts, engine=scripted, seed=7) -> str:
        step = Plan(chosen, engine, {"facts.md": style}, seed)
        return planned(tmp_path, {"a": [passage("p1", RAIN)]}, step)[0]["request_id"]

    other_engine = EngineSettings.model_validate({"scripted": {"seed": 4}})
    changed = {
        name(),
        name(replace(facts, prompt_digest="other")),
        name(replace(facts, name="other")),
        name(replace(facts, sampling=replace(facts.sampling, temperature=0.9))),
        name(engine=other_engine),
    }
    assert len(changed) == 5
    assert name(seed=8) == name(replace(facts, digest="another contract")) == name()


def test_two_styles_of_one_name_are_refused(own_styles, scripted):
    with pytest.raises(ValueError, match="two styles are called 'my_facts'"):
        Plan(
            recipe(styles=["a.md", "b.md"]),
            scripted,
            {"a.md": own_styles["facts.md"], "b.md": own_styles["facts.md"]},
            7,
        )


def test_identity_changes_with_what_decides_the_plan(own_styles, scripted):
    step = Plan(recipe(), scripted, own_styles, 7)
    others = [
        Plan(recipe(), scripted, own_styles, 8),
        Plan(recipe(per_document=2), scripted, own_styles, 7),
        Plan(recipe(until={"retellings": 5}), scripted, own_styles, 7),
        Plan(recipe(styles={**WEIGHTS, "facts.md": 4}), scripted, own_styles, 7),
        Plan(recipe(), EngineSettings.model_validate({"scripted": {"seed": 4}}), own_styles, 7),
    ]
    assert step.identity() not in [other.identity() for other in others]
    assert pickle.loads(pickle.dumps(step)).identity() == step.identity()
