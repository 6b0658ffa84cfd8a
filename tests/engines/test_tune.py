"""Choosing slots, threads and batch: what is tested, what is remembered, and when it is forgotten."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.engines import tune as tuning
from retold.engines.embedded import EmbeddedEngine
from retold.engines.processors import idle_processors, model_of_processor, real_processors
from retold.engines.settings import EmbeddedSettings, EngineSettings
from retold.engines.tune import BATCH, FILE, LONG_SECONDS, Choice, Watch, level_of, machine, recall, remember, tune

FREE = Choice(0, 0, 0)


class Burning:
    """Stands for a server whose answers cost processor time by its choice, and hang besides as on a busy machine."""

    def __init__(self, choice: Choice, cost: dict[int, float], hang: float) -> None:
        self.seconds = cost[choice.slots] * (1.0 if choice.batch == BATCH else 1.5)
        self.hang = hang if choice.slots > 1 else 0.0

    def handle_completions(self, body: dict) -> dict:
        time.sleep(self.hang)
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        return {"usage": {"prompt_tokens": 100, "completion_tokens": body["max_tokens"]}}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RETOLD_CACHE", str(tmp_path))
    return tmp_path / "weights" / FILE


def test_slots_are_chosen_by_processor_time_whatever_the_clock_says():
    """Two slots cost half as much and hang, as where others have the processors. Kills: the clock as the measure."""
    cost = {1: 0.02, 2: 0.01, 4: 0.02, 8: 0.02}
    found = tune(lambda choice: Burning(choice, cost, 0.1), 2, FREE)
    assert (found.threads, found.slots, found.batch) == (2, 2, BATCH)
    assert found.pace > 0


def test_more_slots_must_be_worth_it():
    """Kills: any gain, however small, taken for a reason."""
    cost = {1: 0.0200, 2: 0.0198, 4: 0.0205, 8: 0.0198}
    assert tune(lambda choice: Burning(choice, cost, 0.0), 1, FREE).slots == 1


def test_what_the_settings_say_is_not_tried_otherwise():
    tried = []

    def start(choice: Choice) -> Burning:
        tried.append(choice)
        return Burning(choice, dict.fromkeys(range(9), 0.01), 0.0)

    assert tune(start, 1, Choice(0, 4, 256)).slots == 4
    assert {(choice.slots, choice.batch) for choice in tried} == {(4, 256)}


def test_it_ends_in_time(monkeypatch):
    """Kills: a test that takes as long as a slow machine makes it take."""
    monkeypatch.setattr(tuning, "SECONDS", 0.0)
    tried = []

    def start(choice: Choice) -> Burning:
        tried.append(choice)
        return Burning(choice, dict.fromkeys(range(9), 0.01), 0.0)

    assert tune(start, 8, FREE).slots == 1
    assert len(tried) == 1


def test_a_busy_moment_decides_nothing_for_an_idle_machine(cache):
    """Kills: one choice for all numbers of idle processors."""
    key = machine("model", "1")
    remember(key, 1, Choice(1, 1, BATCH, 50.0))
    assert recall(key, 2) is None
    remember(key, 2, Choice(2, 4, BATCH, 90.0))
    assert (recall(key, 1), recall(key, 2)) == (Choice(1, 1, BATCH, 50.0), Choice(2, 4, BATCH, 90.0))
    assert recall(machine("other", "1"), 1) is None and recall(machine("model", "2"), 1) is None
    remember(key, 1, None)
    assert recall(key, 1) is None and recall(key, 2) is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"KEY": 3}', '{"KEY": {"1": {"threads": 0}}}', '{"KEY": {"1": {"a": 1}}}', "\x00",
             '{"KEY": {"1": {"threads": "9", "slots": 1, "batch": 1, "pace": 1}}}'],
)  # fmt: skip
def test_a_damaged_file_only_means_that_it_is_tested_again(cache, text):
    key = machine("model", "1")
    cache.parent.mkdir(parents=True)
    cache.write_text(text.replace("KEY", key))
    assert recall(key, 1) is None
    remember(key, 1, Choice(1, 2, BATCH, 5.0))
    assert recall(key, 1) == Choice(1, 2, BATCH, 5.0)
    assert json.loads(cache.read_text())[key]


@given(st.integers(-3, 10_000))
def test_never_more_threads_than_cores(idle):
    assert 1 <= level_of(idle) <= real_processors()
    assert level_of(idle) <= max(1, idle)


def test_a_pace_far_from_the_test_is_noticed_and_short_or_thin_runs_are_not_judged():
    """Kills: a choice kept for ever; a run with one prompt at a time taken for a slow machine."""

    def run(slots: int, at_once: int, pace: float, seconds: float) -> Watch:
        watch = Watch(slots)
        for _ in range(at_once):
            watch.enter(100.0)
        for _ in range(at_once):
            watch.leave(100.0 + seconds, pace * seconds / at_once)
        return watch

    long = 2 * LONG_SECONDS
    assert run(2, 2, 10.0, long).far_from(30.0) and run(2, 2, 90.0, long).far_from(30.0)
    assert not run(2, 2, 20.0, long).far_from(30.0)
    assert not run(2, 2, 10.0, LONG_SECONDS / 2).far_from(30.0)
    assert not run(2, 1, 10.0, long).far_from(30.0)


def test_auto_is_how_a_recipe_says_it_and_none_of_it_is_identity():
    free = EngineSettings.model_validate({"embedded": {"slots": "auto", "threads": "auto", "batch": "auto"}})
    assert free == EngineSettings.model_validate("embedded")
    assert free.fingerprint() == EngineSettings.model_validate({"embedded": {"slots": 8, "batch": 64}}).fingerprint()


def test_with_slots_and_threads_set_nothing_is_tested(cache):
    chosen = EmbeddedEngine(EmbeddedSettings(slots=3, threads=2, model=""))._choice(cache, None)
    assert chosen == Choice(2, 3, BATCH)
    assert EmbeddedEngine(EmbeddedSettings(slots=3, batch=64))._choice(cache, None).batch == 64
    assert not cache.exists()


def test_the_machine_is_described():
    assert idle_processors(0.05) >= 1
    assert model_of_processor()
