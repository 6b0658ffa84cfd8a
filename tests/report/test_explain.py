"""Every reason of every room has its sentence, the one of the room that judged; figures are not rounded to lies."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import retold
from retold.report.explain import JUDGES, ROOMS, explain, named, percent, seconds


def test_a_reason_is_explained_by_the_room_that_gave_it():
    """Kills: one table of reasons for all rooms, where the same code has one meaning."""
    for stage, rooms in JUDGES.items():
        for code, sentence in import_module(f"retold.{rooms[0]}.reasons").REASONS.items():
            assert explain(code, stage) == sentence


def test_every_reason_of_every_room_is_known():
    """Kills: a room that declares reasons and is not among those that are asked."""
    there = {path.parent.name for path in Path(retold.__file__).parent.glob("*/reasons.py")}
    assert there == set(ROOMS)
    for room in ROOMS:
        for code in import_module(f"retold.{room}.reasons").REASONS:
            assert explain(code)


def test_a_reason_that_nobody_declared_is_shown_in_words():
    assert explain("myplugin:too_blue") == "Myplugin: too blue."
    assert (explain(""), named("not_in_form")) == ("", "not in form")


def test_shares_are_never_rounded_to_a_lie():
    """Kills: `f"{value:.0f} %"` for all, which shows 999 of 1,000 as 100 %."""
    shown = [percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0, 0.0001, 0.004, 0.36, 0.996, 0.9999, 1)]
    assert shown == ["0 %", "< 0.1 %", "0.4 %", "36 %", "99.6 %", "> 99.9 %", "100 %"]
    assert [seconds(value) for value in (0.42, 42, 600, 9000)] == ["0.4 s", "42 s", "10 min", "2.5 h"]
