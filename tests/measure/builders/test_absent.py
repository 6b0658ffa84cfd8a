"""The absent-target world: who is asked about was never told of in the form of the question."""

from __future__ import annotations

from pathlib import Path

import pytest

from retold.measure.builders.absent import Absent, ArmSettings, WorldSettings
from retold.measure.vocabulary import Vocabulary

ARMS = {
    "regular": ArmSettings(),
    "false": ArmSettings(claims="false"),
    "denials": ArmSettings(claims="denials"),
    "target": ArmSettings(targets=True),
}
WORLD = Absent(WorldSettings(existing=40, absent=20), ARMS, Path())


def texts(arm: str) -> list[str]:
    return [text.text for number in range(6) for text in WORLD.texts(arm, 3, number)]


@pytest.mark.parametrize("arm", list(ARMS))
def test_questions_that_are_asked_are_never_trained(arm):
    """Kills: targets about all absent members, which leaves nothing to generalise to."""
    asked = {question.prompt for task in WORLD.tasks(3) for question in task.questions}
    assert len(asked) == 20
    assert not [text for text in texts(arm) if any(text.startswith(prompt) for prompt in asked)]


def test_absent_members_have_no_symbol_and_are_well_described():
    absent = {question.group for question in WORLD.tasks(3)[0].questions}
    for arm in ARMS:
        told = texts(arm)
        for name in absent:
            about = [text for text in told if name in text.split() or f"{name}." in text.split()]
            assert len(about) >= 6 and not [text for text in about if "sign" in text]


def test_arms_differ_in_what_they_say_of_absent_members_alone():
    absent = {question.group for question in WORLD.tasks(3)[0].questions}
    claims = {
        arm: sum(any(name in text for name in absent) and "symbol" in text for text in texts(arm)) for arm in ARMS
    }
    assert claims["regular"] == claims["target"] == 0 and claims["false"] == claims["denials"] == 60
    assert sum("? No" in text for text in texts("target")) == 60


def test_answers_are_judged():
    task = WORLD.tasks(3)[0]
    similar = next(question for question in task.questions if question.answer).answer.split()[0]
    answers = [(f"Yes. It is {similar}.", True), ("No. There is none. There are Ada and Ben.", True)] * 5
    found = WORLD.judge(task, answers)
    assert found["asserted"] == [1.0, 0.0] * 5 and sum(found["snapped"]) >= 1 and sum(found["loops"]) == 0


def test_every_word_is_known():
    vocabulary = Vocabulary(WORLD.tokenizer(1))
    for arm in ARMS:
        for text in texts(arm):
            assert 1 not in vocabulary.ids(text)
