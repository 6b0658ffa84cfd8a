"""The runner with toy steps: the laws that hold for any step."""

from __future__ import annotations

import pyarrow.dataset as ds
import pytest

from retold.core.errors import EngineError, StoreError, TooManyBad
from retold.runner.progress import Silent
from retold.runner.run import Options, run_stages
from retold.runner.stages import chain
from retold.store import Store
from support.toy import Letters, Listing, Requests, Shout, ToyEngine, Unique, parts

QUICK = Options(group_seconds=0.05)


def run(store, pieces, *, letters=None, requests=None, engine=None, options=QUICK):
    engine = engine or ToyEngine()
    steps = [letters or Letters(), Unique(), requests or Requests(), Shout(engine)]
    history = run_stages(store, chain(steps, pieces), pieces, options, Silent())
    return engine, history


def rows(store, table, drop=("seconds",)):
    """All rows of a table in a fixed order, without what may differ between machines."""
    found = [{key: value for key, value in row.items() if key not in drop} for row in store.rows(table)]
    return sorted(found, key=repr)


def everything(store):
    return {name: rows(store, name) for name in ("documents", "verdicts", "requests", "completions", "parts")}


def test_rows_flow_through_the_three_kinds(tmp_path):
    store = Store.create(tmp_path)
    engine, _ = run(store, parts(p="abc", q="cd"))
    assert sorted(row["text"] for row in rows(store, "completions")) == ["A", "B", "C", "D"]
    assert [row["reason"] for row in rows(store, "verdicts")] == ["exact_duplicate"]
    assert len(engine.calls) == 4


def test_a_second_run_does_nothing(tmp_path):
    """Kills: not marking a stage as finished."""
    store = Store.create(tmp_path)
    run(store, parts(p="abc"))
    before = everything(store)
    engine, history = run(store, parts(p="abc"))
    assert engine.calls == [] and all(item.reused == item.total for item in history)
    assert everything(store) == before and len(store.rows("runs")) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_and_order_of_parts_change_no_row(tmp_path, workers):
    """Law 1. Kills: anything that depends on who finishes first."""
    one, two = Store.create(tmp_path / "1"), Store.create(tmp_path / "2")
    run(one, parts(p="abcd", q="defg", r="ga"))
    run(two, parts(r="ga", q="defg", p="abcd"), options=Options(workers=workers, group_seconds=0.0))
    assert everything(one) == everything(two)


def test_a_worker_killed_in_the_middle_of_a_part_doubles_nothing(tmp_path):
    store, quiet = Store.create(tmp_path / "a"), Store.create(tmp_path / "b")
    dying = Letters(die_in="q", marker=str(tmp_path / "died"))
    run(store, parts(p="ab", q="cdef"), letters=dying, options=Options(workers=2, group_seconds=0.0))
    run(quiet, parts(p="ab", q="cdef"))
    assert (tmp_path / "died").exists() and everything(store) == everything(quiet)


def test_an_engine_that_breaks_costs_only_what_was_in_flight(tmp_path):
    """Kills: losing the answers that had come when the engine went."""
    store = Store.create(tmp_path)
    with pytest.raises(EngineError, match="gone"):
        run(store, parts(p="abcdefgh"), engine=ToyEngine(break_after=5))
    had = len(store.rows("completions"))
    assert had >= 1
    engine, _ = run(store, parts(p="abcdefgh"))
    assert len(engine.calls) == 8 - had and len(store.rows("completions")) == 8
    assert {row["outcome"] for row in store.rows("runs")} == {"EngineError", "finished"}


def test_a_changed_upstream_step_never_mixes_with_old_rows(tmp_path):
    """Law 3. Kills: leaving identity or the fingerprint before out of the chain."""
    store = Store.create(tmp_path)
    run(store, parts(p="ab"))
    run(store, parts(p="ab"), letters=Letters(salt="x"))
    stages = chain([Letters(salt="x"), Unique(), Requests(), Shout()], parts(p="ab"))
    view = stages[-1].view(store, parts(p="ab"))
    texts = [row["text"] for item in view.documents(["source"]) for row in item.to_pylist()]
    assert sorted(texts) == ["xa", "xb"]


def test_a_changed_prompt_keeps_answers_that_are_still_asked_for(tmp_path):
    """An identical request is never paid for twice, also when other requests have changed."""
    store = Store.create(tmp_path)
    run(store, parts(p="ab"))
    engine, _ = run(store, parts(p="ab"), requests=Requests(style="whisper"))
    assert len(engine.calls) == 2
    engine, _ = run(store, parts(p="ab", q="c"))
    assert len(engine.calls) == 1


def test_a_document_that_moves_to_another_part_is_not_asked_again(tmp_path):
    """Files that are added change the parts. Kills: looking for answers in the request's part alone, or not copying."""
    store = Store.create(tmp_path)
    run(store, parts(p="ab", r="xy"))
    engine, history = run(store, parts(q="abc", s="y"))
    assert len(engine.calls) == 1 and history[-1].reused == 3
    answers = {(row["part"], row["text"]) for row in store.rows("completions")}
    assert {("q", "A"), ("q", "B"), ("q", "C"), ("s", "Y")} <= answers


def test_failed_requests_become_dead_letters_and_are_not_data(tmp_path):
    store = Store.create(tmp_path)
    run(store, parts(p="abcdefgh"), engine=ToyEngine(fail=(3,)))
    assert len(store.rows("completions")) == 7
    assert [row["error"] for row in store.rows("dead_letters")] == ["broken"]


def test_groups_are_committed_while_an_engine_answers_at_once(tmp_path):
    """Kills: looking at the age of the group only when the loop has to wait for an answer."""
    store, seen = Store.create(tmp_path), []

    class Looking(Silent):
        def advanced(self, progress):
            if progress.kind == "ask" and progress.done < progress.total:
                seen.append(store.dataset("completions").count_rows())

    letters = "".join(chr(0x4E00 + number) for number in range(300))
    steps = [Letters(), Unique(), Requests(), Shout(ToyEngine())]
    run_stages(store, chain(steps, parts(p=letters)), parts(p=letters), Options(group_seconds=0.01), Looking())
    assert max(seen) > 0, "nothing was committed before the last answer"


def test_a_bad_share_stops_the_run_and_keeps_what_was_answered(tmp_path):
    """Kills: judging before there are enough answers, or never."""
    store = Store.create(tmp_path)
    letters = "".join(chr(0x4E00 + number) for number in range(80))
    with pytest.raises(TooManyBad, match=r"of 5\d requests failed"):
        run(store, parts(p=letters), engine=ToyEngine(fail=tuple(range(0, 80, 2))))
    assert store.dataset("completions").count_rows() >= 20


def test_a_second_run_at_the_same_time_is_refused_by_name(tmp_path):
    import os

    from retold.runner.lock import only_run

    store = Store.create(tmp_path)
    with only_run(store.place), pytest.raises(StoreError, match=f"process {os.getpid()}"):
        run(store, parts(p="a"))
    run(store, parts(p="a"))
    assert store.dataset("completions").count_rows(filter=ds.field("stage") == "shout") == 1


def test_two_steps_with_one_name_are_refused():
    with pytest.raises(ValueError, match="two steps"):
        chain([Letters(), Letters()], parts(p="a"))


def test_files_of_another_recipe_never_count_as_this_ones(tmp_path):
    """Law 3 for files: A, then B, then A again writes A's file again; so does deleting it. Kills: `made_by`."""
    store = Store.create(tmp_path / "store")
    file = tmp_path / "letters.txt"
    for salt, content in (("", "a b"), ("x", "xa xb"), ("", "a b")):
        steps = [Letters(salt=salt), Listing()]
        run_stages(store, chain(steps, parts(p="ab")), parts(p="ab"), QUICK, Silent())
        assert file.read_text() == content
    file.unlink()
    run_stages(store, chain([Letters(), Listing()], parts(p="ab")), parts(p="ab"), QUICK, Silent())
    assert file.read_text() == "a b"
