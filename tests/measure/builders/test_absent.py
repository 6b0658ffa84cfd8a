"""The absent-target world: who is asked about was never told of in the form of the question."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from retold.measure.builders.absent import Absent, ArmSettings, WorldSettings
from retold.measure.vocabulary import Vocabulary

ARMS = {
    "regular": ArmSettings(),
    "false": ArmSettings(claims="false"),
    "denials": ArmSettings(claims="denials"),
    "target": ArmSettings(targets=True),
}
WORLD = Absent(WorldSettings(existing=40, absent=20, denied=0.5), ARMS, Path())


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
    denied = [text for text in texts("target") if text.startswith("Is there") and "? No" in text]
    assert 15 <= len(denied) <= 45 and not any(name in text for name in absent for text in denied)


def test_other_questions_are_answered_by_what_is_described():
    """Kills: a no about the colour that an animal has, which would teach that answers mean nothing."""
    told = texts("regular")
    looks = {text.split()[0]: text.split()[2].rstrip(".") for text in told if text.split()[1:2] == ["looks"]}
    asked = [text.rstrip(".").replace("?", "").split() for text in told if text.startswith("Does ")]
    known = [(words[1], words[3], words[4]) for words in asked if words[1] in looks]
    assert len(known) > 40
    assert all((looks[name] == colour) == (answer == "Yes") for name, colour, answer in known)
    assert 0.25 < sum(answer == "Yes" for *_, answer in known) / len(known) < 0.75


def test_more_animals_than_names_are_refused():
    with pytest.raises(ValidationError, match="at most 240"):
        WorldSettings(existing=180, absent=120)


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
