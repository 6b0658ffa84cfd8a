"""Recovery: held-out questions stay out, masks lie on wrong lines, and answers are judged by what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from retold.measure.builders.recovery import ArmSettings, Recovery, WorldSettings, held_out
from retold.measure.vocabulary import Vocabulary

ARMS = {
    "direct": ArmSettings(mix={"direct": 1}),
    "steps": ArmSettings(mix={"verifiable_trace": 1}),
    "fix": ArmSettings(mix={"verifiable_trace": 3, "error_then_fix": 1}),
    "masked": ArmSettings(mix={"verifiable_trace": 3, "error_then_fix": 1}, mask=True),
    "unfixed": ArmSettings(mix={"verifiable_trace": 3, "unfixed": 1}),
}
WORLD = Recovery(WorldSettings(level=0, texts=200, asked=30), ARMS, Path())


def right(line: str) -> bool:
    """Whether a line of arithmetic holds."""
    left, value = line.split(" = ")
    first, op, second = left.split(" ")[-3:]
    return int(first) + (int(second) if op == "+" else -int(second)) == int(value)


@pytest.mark.parametrize("arm", list(ARMS))
def test_no_arm_trains_on_a_question_that_is_asked(arm):
    """Kills: items of another seed taken for other questions; small numbers give the same ones again."""
    asked = {question.group for question in WORLD.tasks(3)[0].questions}
    assert len(asked) > 20 and all(map(held_out, asked))
    for number in range(2):
        assert not asked & {text.text.split("\n")[0] + "\n" for text in WORLD.texts(arm, 3, number)}


def test_the_mask_lies_on_wrong_lines_alone():
    """Kills: a mask on the correction, or a line masked that is right."""
    texts = WORLD.texts("masked", 1, 0)
    assert 0.2 < sum(bool(text.masked) for text in texts) / len(texts) < 0.3
    for text in texts:
        lines = [line for line in text.text.split("\n")[1:-1] if " = " in line]
        for start, end in text.masked:
            wrong = text.text[start:end]
            before = lines[lines.index(wrong) - 1].split(" = ")[1] if wrong != lines[0] else wrong.split(" ")[0]
            assert not right(wrong) or wrong.split(" ")[0] != before
    assert [text.text for text in texts] == [text.text for text in WORLD.texts("fix", 1, 0)]
    assert not any(text.masked for text in WORLD.texts("fix", 1, 0))


def test_what_is_injected_is_wrong_and_its_twin_is_right():
    """Kills: a battery of right prefixes, on which every arm recovers."""
    clean, injected, same = (task.questions for task in WORLD.tasks(2))
    for plain, wrong, good in zip(clean, injected, same, strict=True):
        last_wrong, last_good = (question.prompt.rstrip("\n").split("\n")[-1] for question in (wrong, good))
        assert wrong.prompt.startswith(plain.prompt) and good.prompt.startswith(plain.prompt)
        first = last_good.split(" = ")[0].split(" ")[0]
        assert right(last_good) and (not right(last_wrong) or not last_wrong.startswith(first + " "))
        assert plain.answer == wrong.answer == good.answer


def test_answers_are_judged_by_their_last_line():
    clean, injected, same = WORLD.tasks(2)
    answers = [(f"1 + 1 = 2\n{question.answer}\n", True) for question in clean.questions]
    assert set(WORLD.judge(clean, answers)["clean"]) == {1.0}
    assert set(WORLD.judge(clean, answers)["loops"]) == {0.0}
    half = [(text.rstrip("\n").replace("Answer", "Answers"), True) for text, _ in answers]
    assert set(WORLD.judge(injected, half)["recovered"]) == {0.0}
    corrected = [("Error. Right: 1 + 1 = 2\nAnswer: 2\n", True)] * len(same.questions)
    assert set(WORLD.judge(same, corrected)["false_alarms"]) == {1.0}
    unended = [("1 + 1 = 2\n", False)] * len(same.questions)
    assert set(WORLD.judge(same, unended)["loops"]) == {1.0}


def test_every_number_and_word_is_known():
    vocabulary = Vocabulary(WORLD.tokenizer(1))
    for arm in ARMS:
        for text in WORLD.texts(arm, 4, 0):
            assert 1 not in vocabulary.ids(text.text)
            assert vocabulary.decode(vocabulary.ids(text.text)) == text.text


def test_passes_come_again_in_another_order():
    first, again = WORLD.texts("steps", 1, 0), WORLD.texts("steps", 1, 6)
    assert first != again and sorted(text.text for text in first) == sorted(text.text for text in again)
    assert sorted(t.text for t in WORLD.texts("steps", 1, 1)) != sorted(t.text for t in first)
