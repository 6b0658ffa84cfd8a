"""Dead letters asked again in rounds: which, how often, and what sees the answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.errors import StoreError, TooManyBad
from retold.runner.letters import asks, letters_of, prompt_of
from retold.runner.lock import only_run
from retold.runner.progress import Silent
from retold.runner.retry import open_retry, plan_retry
from retold.runner.rounds import FAILURES, Round, UnknownFailure, chosen_failures, lifted, rounds_of
from retold.runner.run import Options, run_stages
from retold.runner.stages import chain
from retold.store import Store
from support.toy import Letters, Listing, Requests, Shout, ToyEngine, Unique, parts

QUICK = Options(group_seconds=0.05)
PIECES = parts(p="abcd", q="efgh")
FAILING = {1: "timeout", 2: "server", 5: "poison"}


def stages_of(store, engine=None, *, style="shout", pieces=PIECES):
    steps = [Letters(), Unique(), Requests(style=style), Shout(engine or ToyEngine()), Listing()]
    return chain(steps, pieces, rounds_of(store))


def run(store, engine=None, **options):
    engine = engine or ToyEngine()
    history = run_stages(store, stages_of(store, engine, **options), options.get("pieces", PIECES), QUICK, Silent())
    return engine, history


def retry(store, *failures, style="shout"):
    return open_retry(store, stages_of(store, style=style), PIECES, failures or chosen_failures(""))


def letters(store, **options):
    return [letter for stage in asks(stages_of(store, **options)) for letter in letters_of(stage, store, PIECES)]


@pytest.fixture
def store(tmp_path):
    """Eight requests, three of which failed."""
    made = Store.create(tmp_path / "store")
    run(made, ToyEngine(fail_as=FAILING))
    return made


def test_a_round_asks_the_chosen_classes_and_nothing_else(store):
    """Kills: treating every letter as done for ever, or every letter as open."""
    decided = retry(store, "timeout", "refused")
    assert decided.asked == {"timeout": 1} and decided.left == {"poison": 1, "server": 1} and decided.round == 1
    engine, _ = run(store)
    assert len(engine.calls) == 1 and store.dataset("completions").count_rows() == 6
    assert sorted(letter.failure for letter in letters(store)) == ["poison", "server"]
    assert store.dataset("dead_letters").count_rows() == 3, "rows are never deleted"


def test_what_comes_after_the_ask_is_made_anew_and_then_there_is_nothing_to_do(store):
    """Law 3. Kills: leaving rounds out of the fingerprint; putting them into it where there are none."""
    before = stages_of(store)
    assert before == chain([stage.step for stage in before], PIECES)
    retry(store, "timeout")
    after = stages_of(store)
    assert [one.fingerprint == two.fingerprint for one, two in zip(before, after, strict=True)] == [True] * 3 + [
        False
    ] * 2
    run(store)
    engine, history = run(store)
    assert engine.calls == [] and all(item.reused == item.total for item in history)


def test_poison_is_asked_again_only_when_named(store):
    """Kills: a default that holds every class."""
    assert "poison" not in chosen_failures("") and set(chosen_failures("")) | {"poison"} == set(FAILURES)
    retry(store)
    engine, _ = run(store)
    assert len(engine.calls) == 2
    assert retry(store).requests == 0
    assert retry(store, "poison").asked == {"poison": 1}


def test_what_fails_again_is_a_letter_of_its_round_and_is_asked_once_a_round(store):
    """Kills: letters that do not tell their round, `>=` for `>` in `lifted`."""
    retry(store, "timeout")
    engine, _ = run(store, ToyEngine(fail_as={1: "server"}))
    assert len(engine.calls) == 1
    engine, _ = run(store)
    assert engine.calls == []
    rounds = sorted((row["round"], row["failure"]) for row in store.rows("dead_letters"))
    assert rounds == [(0, "poison"), (0, "server"), (0, "timeout"), (1, "server")]
    assert sorted(letter.round for letter in letters(store) if letter.failure == "server") == [0, 1]
    assert retry(store, "timeout").requests == 0, "its last letter says server"
    assert retry(store, "server").round == 2
    engine, _ = run(store)
    assert len(engine.calls) == 2 and [letter.failure for letter in letters(store)] == ["poison"]


def test_an_open_round_is_gone_on_with_and_no_second_one_opened(store):
    """Kills: opening a round without looking whether one is unfinished."""
    retry(store, "timeout")
    again = retry(store, "server")
    assert again.resumed and again.asked == {"timeout": 1} and again.round == 1
    assert store.dataset("rounds").count_rows() == 1


def test_a_dry_run_changes_nothing(store):
    assert plan_retry(store, stages_of(store), PIECES, chosen_failures("")).requests == 2
    assert store.delta("rounds") is None


def test_rounds_of_one_recipe_do_not_reopen_the_letters_of_another(store):
    """Two recipes in one store. Kills: rounds by the label of the Ask, which all recipes share."""
    run(store, ToyEngine(fail_as={3: "timeout"}), style="whisper")
    retry(store, "timeout")
    engine, history = run(store, style="whisper")
    assert engine.calls == [] and all(item.reused == item.total for item in history)
    assert retry(store, "timeout", style="whisper").round == 2


def test_a_round_of_a_changed_recipe_takes_up_letters_of_earlier_rounds(store):
    """The same requests, planned by a chain with another fingerprint. Kills: numbers counted for each recipe."""
    retry(store, "timeout")
    run(store, ToyEngine(fail_as={1: "timeout"}))
    run(store, pieces=(more := parts(p="abcd", q="efgh", r="i")))
    stages = stages_of(store, pieces=more)
    assert open_retry(store, stages, more, ("timeout",)).round == 2
    engine, _ = run(store, pieces=more)
    assert len(engine.calls) == 1


def test_letters_asked_again_do_not_count_as_a_bad_share(tmp_path):
    """All of 60 fail twice. Kills: judging the share of a round as if its requests were like all others."""
    store = Store.create(tmp_path / "store")
    many = parts(p="".join(chr(0x4E00 + number) for number in range(60)))
    dead = dict.fromkeys(range(60), "busy")
    with pytest.raises(TooManyBad, match="retold retry"):
        run(store, ToyEngine(fail_as=dead), pieces=many)
    run_stages(store, stages_of(store, ToyEngine(fail_as=dead), pieces=many), many, Options(failed_limit=1.0), Silent())
    open_retry(store, stages_of(store, pieces=many), many, ("busy",))
    engine, _ = run(store, ToyEngine(fail_as=dead), pieces=many)
    assert len(engine.calls) == 60 and store.dataset("dead_letters").count_rows() == 120


def test_no_round_is_opened_while_a_run_goes_on(store):
    with only_run(store.place), pytest.raises(StoreError, match="another run"):
        retry(store)


def test_the_prompt_of_a_letter_is_rendered_again(store):
    """Kills: returning the first prompt of the plan."""
    for letter in letters(store):
        (ask,) = asks(stages_of(store))
        assert prompt_of(ask, store, PIECES, letter.request_id).request_id == letter.request_id


def test_an_unknown_class_is_named_with_those_there_are():
    with pytest.raises(UnknownFailure, match="there are: timeout, server"):
        chosen_failures("timeout, slow")


@given(
    st.integers(0, 4),
    st.sampled_from(FAILURES),
    st.lists(st.tuples(st.integers(1, 6), st.lists(st.sampled_from(FAILURES)))),
)
def test_a_letter_is_lifted_by_a_later_round_of_its_class_alone(number, failure, opened):
    rounds = [Round(one, tuple(failures)) for one, failures in opened]
    expected = bool([one for one in rounds if one.number > number and failure in one.failures])
    assert lifted((number, failure), rounds) == expected
