"""Builders of traces: a thousand items each, checked by code that shares nothing with what made them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retold import reflect
from retold.core.document import Stretch
from retold.reflect.tasks import LEVELS, TASKS
from support.reflect_checker import audit, expected

TRACES = ("verifiable_trace", "error_then_fix", "clean_control")


@pytest.mark.parametrize("builder", TRACES)
def test_a_thousand_items_hold_before_an_independent_checker(builder):
    """Kills: any wrong step, answer or mark that a builder and its verifier agree on."""
    made = list(reflect.items(builder, 7, 1_000))
    assert len(made) == 1_000
    assert [(item.text, faults) for item in made if (faults := audit(item))] == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", TASKS)
def test_every_kind_at_every_level(kind, level):
    for builder in TRACES:
        for wording in ("plain", "varied"):
            made = reflect.items(builder, 11, 60, tasks=(kind,), level=level, wording=wording)
            assert [(item.text, faults) for item in made if (faults := audit(item))] == []


@pytest.mark.parametrize("builder", reflect.BUILDERS)
def test_a_builder_makes_nothing_that_its_verifier_refuses(builder):
    """A verifier that sorts out its builder's faults would hide others. Kills: `if slip.line not in right`."""
    tasks = ("arithmetic",) if builder == "unfixed" else ()
    for level in (1, 3):
        stream = reflect.judged(builder, 3, reflect.Knobs(level=level, tasks=tasks))
        found = [next(stream)[1] for _ in range(1_000)]
        assert [refused for refused in found if isinstance(refused, reflect.Refused)] == []


def test_the_same_seed_gives_the_same_items_and_another_seed_others():
    """Kills: a choice from the global random state, or from the order of making."""
    first = list(reflect.items("error_then_fix", 7, 50))
    assert list(reflect.items("error_then_fix", 7, 20, first=0)) == first[:20]
    assert [item.text for item in reflect.items("error_then_fix", 8, 50)] != [item.text for item in first]
    later = list(reflect.items("verifiable_trace", 7, 5, first=40))
    assert later == list(reflect.items("verifiable_trace", 7, 45))[40:]


def test_one_place_has_one_task_for_all_builders():
    """Arms of an experiment are paired. Kills: a task drawn from the builder's own random numbers."""
    made = [list(reflect.items(name, 5, 40, tasks=("arithmetic",))) for name in (*TRACES, "direct")]
    assert [[item.prompt for item in arm] for arm in made[1:]] == [[item.prompt for item in made[0]]] * 3


def test_what_is_injected_ends_with_the_wrong_line():
    for item in reflect.items("error_then_fix", 5, 200):
        assert item.injected.endswith("\n")
        assert item.injected[:-1].endswith(item.text[item.masked[-1].start : item.masked[-1].end])
        assert item.notice and item.text.startswith(item.notice, len(item.injected))


def test_unfixed_is_wrong_from_its_error_to_its_answer():
    for item in reflect.items("unfixed", 5, 300, tasks=("arithmetic",)):
        assert item.answer != expected(item.kind, item.prompt.strip())[1]
        assert audit(item)


def damaged(item: reflect.Item) -> list[tuple[str, reflect.Item]]:
    """The item with one thing wrong in each, and the reason for refusing that."""
    mark = item.masked[0]
    wrong, right = item.text[mark.start : mark.end], item.steps[len(item.masked) + item.steps.index(_core(item))]
    flat = Stretch(mark.start, mark.start + len(right))
    twice = f"{item.notice}\n{item.notice}"
    last = item.response[:-1].split("\n")[-1]
    return [
        ("mask_misplaced", replace(item, text=item.text.replace(item.notice, f"In steps:\n{item.notice}", 1))),
        ("not_one_correction", replace(item, text=item.text.replace(item.notice, twice, 1))),
        ("not_one_correction", replace(item, masked=())),
        ("mask_misplaced", replace(item, masked=(Stretch(mark.start + 1, mark.end),))),
        ("no_error", replace(item, text=item.text.replace(wrong, right, 1), masked=(flat,))),
        ("answer_wrong", replace(item, text=item.text.removesuffix("\n") + "7\n")),
        ("answer_wrong", replace(item, answer=item.answer + "1")),
        ("step_wrong", replace(item, text=item.text.removesuffix(last + "\n") + "So 1 + 1 = 3\n" + last + "\n")),
        ("words_unknown", replace(item, text=item.text.removesuffix(last + "\n") + "Well, well.\n" + last + "\n")),
        ("prompt_changed", replace(item, text=item.text.removesuffix("\n"))),
    ]


def _core(item: reflect.Item) -> str:
    return next(step for step in item.steps if item.text[: item.masked[0].end].endswith(step))


def test_the_verifier_refuses_what_is_damaged_and_says_why():
    """Kills: each return of a reason in `trace.audit` and what it calls, one by one."""
    verify = reflect.BUILDERS["error_then_fix"].verify
    for item in reflect.items("error_then_fix", 21, 50, tasks=("arithmetic",), late=0):
        reasons = [(expected_one, verify(bad)) for expected_one, bad in damaged(item)]
        assert [pair for pair in reasons if pair[0] != pair[1]] == [], item.text
