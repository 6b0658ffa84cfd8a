"""The prompts of the plan, in planned order."""

from __future__ import annotations

import pickle
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from memory_view import nothing, run_fold, run_map
from retold.core.step import Ask
from retold.rephrase import Complete, Passages, Plan, RephraseSettings, generate
from support.corpus_of_rephrase import HARBOUR, RAIN, corpus, passage, source, with_passages

SETTINGS = RephraseSettings.model_validate(
    {"engine": "e", "styles": ["facts.md", "prose.md", "sentences.md"], "per_document": 2, "passage": {"min_words": 20}}
)


@pytest.fixture
def view(tmp_path, own_styles, scripted):
    found = corpus(tmp_path, {"a": [source("d1", HARBOUR, "Lerwick")], "b": [source("d2", RAIN)]})
    run_map(Passages(SETTINGS), found)
    run_fold(Plan(SETTINGS, scripted, own_styles, 7), found)
    return found


@pytest.fixture
def step(own_styles, scripted):
    return Complete(SETTINGS, scripted, own_styles)


def test_prompts_come_in_planned_order_each_under_its_part(view, step):
    """Kills: sorting by id, or part by part."""
    asked = list(step.prompts(view, nothing))
    requests = sorted(view.table("requests"), key=lambda row: row["position"])
    assert [prompt.request_id for _, prompt in asked] == [row["request_id"] for row in requests]
    parts = {row["passage_id"]: "a" if row["document_id"] == "d1" else "b" for row in view.table("passages")}
    assert [part for part, _ in asked] == [parts[row["passage_id"]] for row in requests]


def test_a_prompt_holds_the_passage_or_its_sentence_as_untrusted_text(view, step):
    texts = {row["passage_id"]: row["text"] for row in view.table("passages")}
    requests = {row["request_id"]: row for row in view.table("requests")}
    for _, prompt in step.prompts(view, nothing):
        request = requests[prompt.request_id]
        shown = [piece.text for turn in prompt.turns for piece in turn.content if not piece.trusted]
        if request["style"] == "my_sentences":
            whole = HARBOUR if request["document_id"] == "d1" else RAIN
            assert shown == [" ".join(whole[request["start"] : request["end"]].split())]
        else:
            assert texts[request["passage_id"]].split() in [text.split() for text in shown]


def test_what_is_answered_is_not_asked_again(view, step):
    """Kills: ignoring `answered`."""
    everything = [prompt.request_id for _, prompt in step.prompts(view, nothing)]
    done = set(everything[::2])
    assert [prompt.request_id for _, prompt in step.prompts(view, lambda _: pa.array(done))] == everything[1::2]
    assert list(step.prompts(view, lambda _: pa.array(everything))) == []


def test_the_size_of_a_block_changes_nothing(view, step, monkeypatch):
    whole = list(step.prompts(view, nothing))
    monkeypatch.setattr("retold.rephrase.generate.BLOCK", 3)
    assert list(step.prompts(view, nothing)) == whole


def test_no_more_than_one_block_is_held_while_the_next_is_read_ahead(tmp_path, own_styles, scripted, step, monkeypatch):
    """Kills: `del requests, passages, ...` left out of `_rendered`.

    When the next block is ordered, the one that has just come is all there is: the one that was asked is gone.
    """
    planned = with_passages(tmp_path, {part: [passage(f"p{part}", f"{RAIN} {part}")] for part in "abcdef"})
    run_fold(Plan(SETTINGS, scripted, own_styles, 7), planned)
    look_up, blocks, alive = generate._passages, [], []

    def noted(*arguments):
        found = look_up(*arguments)
        blocks.append(weakref.ref(found))
        return found

    class Counting(ThreadPoolExecutor):
        def submit(self, *arguments):
            alive.append(sum(block() is not None for block in blocks))
            return super().submit(*arguments)

    monkeypatch.setattr("retold.rephrase.generate._passages", noted)
    monkeypatch.setattr("retold.rephrase.generate.ThreadPoolExecutor", Counting)
    assert all(step.prompts(planned, nothing))
    assert alive == [0, *[1] * 6]  # parts are blocks of their own


def test_the_next_block_is_read_while_one_is_asked(view, step, monkeypatch):
    """Kills: looking up passages in the loop that asks, while answers wait."""
    monkeypatch.setattr("retold.rephrase.generate.BLOCK", 3)
    look_up, places = generate._passages, []

    def noted(*arguments):
        places.append(threading.current_thread().name)
        return look_up(*arguments)

    monkeypatch.setattr("retold.rephrase.generate._passages", noted)
    assert list(step.prompts(view, nothing))
    assert len(places) > 1 and all(name.startswith("retold-ahead") for name in places)


def test_requests_of_other_styles_are_left_to_other_steps(view, own_styles, scripted):
    fewer = RephraseSettings.model_validate({"engine": "e", "styles": ["facts.md"]})
    asked = list(Complete(fewer, scripted, own_styles).prompts(view, nothing))
    assert {prompt.prefill for _, prompt in asked} == {"-"}


def test_a_request_whose_passage_is_gone_is_not_asked(tmp_path, own_styles, scripted, step):
    planned = with_passages(tmp_path, {"a": [passage("p1", RAIN)]})
    run_fold(Plan(SETTINGS, scripted, own_styles, 7), planned)
    planned._rows = [row for row in planned._rows if row[0] != "passages"]
    assert list(step.prompts(planned, nothing)) == []


def test_it_is_a_step_that_asks_and_can_be_sent_to_another_process(step):
    assert isinstance(step, Ask)
    assert step.engine().name == "scripted"
    assert pickle.loads(pickle.dumps(step)).identity() == step.identity()
