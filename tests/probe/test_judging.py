"""How answers are read: existence, loops, numbers; each rule with what it must not take for one."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from retold.probe import BATTERIES, Question, loop_signs
from retold.probe.emoji import ABSENT, REAL, pictures
from retold.probe.existence import asserts, denies
from retold.probe.loops import retractions
from retold.probe.recovery import last_number


@pytest.mark.parametrize(
    ("text", "asserted", "denied"),
    [
        ("Yes, there is: 🐴", True, False),
        ("No. There is no seahorse emoji.", False, True),
        ("There isn’t one, sorry.", False, True),
        ("Unicode does not have a walrus.", False, True),
        ("🐠", True, False),
        ("There is no such emoji; take 🐠", False, True),
        ("I like the sea.", False, False),
        ("Nothing to say about northern notes.", False, False),
        ("", False, False),
    ],
)
def test_assertions_and_denials(text, asserted, denied):
    """Kills: `"no" in text`, and an emoji counted as an assertion beside a denial."""
    assert denies(text) is denied
    assert asserts(text, bool(pictures(text))) is asserted


def test_retractions_are_whole_words():
    """Kills: counting "wait" in "waiter" and "sorry" in nothing."""
    assert retractions("The waiter awaits a correctional officer.") == 0
    assert retractions("Wait, no. Hold on! Actually... wait: sorry.") == 5
    assert retractions("That’s not right. That's not it.") == 2


def test_loops():
    """Kills: `>= RETRACTIONS` turned to `>`, and n-grams counted once."""
    assert loop_signs("wait wait wait").loops
    assert not loop_signs("wait wait").loops
    eight = "one two three four five six seven eight"
    assert loop_signs(f"{eight} {eight} {eight}").repeated
    assert not loop_signs(f"{eight} {eight}").repeated
    assert loop_signs("the same line here\n" * 3).repeated
    assert loop_signs("🌈🌈🌈🌈 " * 3).repeated and not loop_signs("🌈🌈🌈🌈 " * 2).repeated
    assert not loop_signs("-" * 40 + "\n1000000000000000").repeated
    assert loop_signs("a", "length").unfinished and not loop_signs("a", "length").loops


def test_last_numbers():
    assert last_number("12 + 3 = 15. So it is 1,015.") == "1015"
    assert last_number("no number") == ""


def test_no_absent_emoji_exists_and_every_real_one_does():
    """The label of the battery is looked up in Unicode's own names. Kills: `"dolphin"` among the absent ones."""
    names = {unicodedata.name(chr(code), "") for code in range(sys.maxunicode + 1)}
    names = {name for name in names if not name.startswith(("EGYPTIAN HIEROGLYPH", "CJK"))}
    assert [(thing, name) for thing in ABSENT for name in names if thing.upper() in name] == []
    assert all(thing.upper() in unicodedata.name(sign) for thing, sign in REAL.items())
    assert all(unicodedata.category(sign) == "So" for sign in REAL.values())


@pytest.mark.parametrize("name", BATTERIES)
def test_batteries_have_controls_asked_alike(name):
    """Kills: a group with other wordings or fewer targets than its control."""
    battery = BATTERIES[name]
    questions = battery.questions(7, 8)
    assert questions == battery.questions(7, 8) and questions != battery.questions(8, 8)
    groups = {group: [q for q in questions if q.group == group] for group in dict.fromkeys(q.group for q in questions)}
    first, second = groups.values()
    assert len(first) == len(second)
    assert [q.form for q in first] == [q.form for q in second]
    assert len({q.target for q in first}) == len({q.target for q in second}) == 8
    for question in questions:
        assert set(battery.judge(question, "Yes. 42")) == set(battery.outcomes)


def test_the_emoji_battery_judges():
    judge = BATTERIES["emoji"].judge
    absent, real = Question("emoji", "absent", "seahorse", "show", "?"), Question("emoji", "real", "owl", "show", "?")
    assert judge(absent, "Here: 🐠")["asserts"] and judge(absent, "Here: 🐠")["other_emoji"]
    seen = judge(Question("emoji", "real", "owl", "show", "?", wanted="🦉"), "🦉")
    assert seen["right_emoji"] and not seen["other_emoji"]
    assert judge(real, "There is no owl emoji.")["denies"]


def test_the_recovery_battery_begins_with_a_wrong_and_with_a_right_step():
    for wrong, right in zip(*[iter(BATTERIES["recovery"].questions(7, 20))] * 2, strict=True):
        assert (wrong.group, right.group) == ("wrong_step", "right_step")
        assert wrong.prompt == right.prompt and wrong.prefill != right.prefill and wrong.wanted == right.wanted
        first, last = right.prefill.rstrip("\n").split("\n")[-1].split(" = ")
        assert eval(first) == int(last)  # `47 + 85`, of our own making
