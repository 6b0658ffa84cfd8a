"""Where an Ask with a target ends: the shortest prefix of the plan, whoever answers first and whoever is killed."""

from __future__ import annotations

import pytest

from retold.core.errors import EngineError
from retold.core.step import Target
from retold.runner.progress import Silent
from retold.runner.run import Options, run_stages
from retold.runner.stages import chain
from retold.store import Store
from support.toy import Letters, Requests, Unique, parts
from support.toy_target import Costly, Uneven, Until, tokens_of

LONG = 100
LETTERS = "".join(chr(0x4E00 + number) for number in range(LONG))


def run(store, engine, target, *, workers=1, group_seconds=0.0, pieces=None):
    pieces = pieces or parts(p=LETTERS[:45], q=LETTERS[45:])
    steps = [Letters(), Unique(), Requests(), Until(engine, target=target)]
    return run_stages(
        store, chain(steps, pieces), pieces, Options(workers=workers, group_seconds=group_seconds), Silent()
    )


def planned(store) -> list[str]:
    """Letters in planned order."""
    texts = {row["document_id"]: row["text"] for row in store.rows("documents")}
    rows = sorted(store.rows("requests"), key=lambda row: row["position"])
    return [texts[row["document_id"]] for row in rows]


def shortest(letters: list[str], tokens: int | None = None, usd: float | None = None) -> int:
    """How many letters are enough, by counting."""
    total = cost = 0.0
    for number, letter in enumerate(letters, start=1):
        total, cost = total + tokens_of(letter), cost + 0.5
        if (tokens is not None and total >= tokens) or (usd is not None and cost >= usd):
            return number
    return len(letters)


def cut(store) -> dict:
    (row,) = store.rows("cuts")
    return row


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("tokens", [1, 20, 100, 185])
def test_the_shortest_prefix_whoever_answers_first(tmp_path, seed, tokens):
    """Law 1. Kills: summing answers as they come; judging what is not committed; cutting at a group's end."""
    store, engine = Store.create(tmp_path), Uneven(seed, capacity=1 + 7 * seed)
    run(store, engine, Target(tokens), group_seconds=0.01 * seed)
    found = cut(store)
    assert found["end"] == shortest(planned(store), tokens) and found["met"] == "accepted_tokens"
    assert found["tokens"] == sum(map(tokens_of, planned(store)[: found["end"]]))
    assert len(store.rows("completions")) - found["end"] <= engine.capacity + 12, "sent far more than needed"


def test_money_is_a_target_too_and_what_is_met_first_counts(tmp_path):
    """Kills: looking at tokens alone; spending more than the target with many in flight."""
    store, engine = Store.create(tmp_path), Costly(1, capacity=40)
    run(store, engine, Target(tokens=150, usd=20.0), group_seconds=0.05)
    assert (cut(store)["end"], cut(store)["met"]) == (40, "usd")
    assert len(store.rows("completions")) <= 44
    other = Store.create(tmp_path / "other")
    run(other, Costly(1, capacity=40), Target(tokens=40, usd=1000.0))
    assert (cut(other)["end"], cut(other)["met"]) == (shortest(planned(other), 40), "accepted_tokens")


@pytest.mark.parametrize("workers", [1, 2])
def test_broken_off_again_and_again_it_ends_at_the_same_place(tmp_path, workers):
    """Kills: forgetting stretches that were judged; judging one twice; beginning in the middle of one."""
    store = Store.create(tmp_path)
    for stop in (12, 5, 15):
        with pytest.raises(EngineError):
            run(store, Uneven(stop, capacity=9, break_after=stop), Target(150), workers=workers)
    run(store, Uneven(0, capacity=9), Target(150), workers=workers)
    assert cut(store)["end"] == shortest(planned(store), 150)
    stretches = sorted((row["first"], row["end"]) for row in store.rows("yields"))
    assert [first for first, _ in stretches] == [0, *(end for _, end in stretches[:-1])]
    assert sum(row["tokens"] for row in store.rows("yields")) == cut(store)["tokens"]


def test_a_target_beyond_the_plan_asks_everything_and_says_that_it_is_not_met(tmp_path):
    store = Store.create(tmp_path)
    run(store, Uneven(3, capacity=16), Target(10**9))
    assert (cut(store)["end"], cut(store)["met"]) == (LONG, "")
    assert len(store.rows("completions")) == LONG


def test_a_raised_target_begins_with_what_was_asked_and_a_lowered_one_asks_nothing(tmp_path):
    """Kills: a finished mark without the target in it; opening an engine for nothing."""
    store = Store.create(tmp_path)
    run(store, Uneven(1), Target(50))
    asked = len(store.rows("completions"))
    more = Uneven(2)
    run(store, more, Target(100))
    assert len(more.calls) == len(store.rows("completions")) - asked > 0
    less = Uneven(3)
    run(store, less, Target(25))
    assert less.calls == []
    ends = {row["end"] for row in store.rows("cuts")}
    assert ends == {shortest(planned(store), tokens) for tokens in (25, 50, 100)}
