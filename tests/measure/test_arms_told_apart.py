"""Broken arms come out last, and a copy of the control is called different about as often as the level says.

About four minutes on one core: `make prove`.
"""

from __future__ import annotations

import math

import pytest

from retold.measure import cells, experiment
from retold.measure.statistics import binomial_interval, t_interval

SMALL = {
    "world": {"entities": 24, "questions": 1.0},
    "sizes": {"small": {"layers": 1, "width": 32}},
    "training": {"batch": 4, "length": 32, "rate": 0.005, "warmup": 20},
    "every": 10_000_000,
}
PAIRS, SEEDS, LEVEL = 20, 3, 0.05


def silent(_: object) -> None:
    return None


def means(chosen, score):
    """Arm to its seeds' mean scores."""
    found: dict[str, list[float]] = {}
    for one in cells.finished(chosen):
        values = one["items"][score]
        found.setdefault(one["arm"], []).append(math.fsum(values) / len(values))
    return found


@pytest.mark.prove
def test_broken_arms_come_out_last(written):
    """Kills: settings that do not reach an arm's texts, a score upside down.

    The rule, written down before these seeds were trained: in exact answers to held-out questions after 100,000 tokens,
    five new seeds, each broken arm lies below the whole one in every seed, and the 95 % interval of the differences
    lies below 0. It is the second one: by `cloze` after 200,000 tokens shuffled words did as well in one seed of five
    (`docs/log.md`), for what stands beside a name needs no order to be learnt, and more tokens make up for it.
    """
    arms = {
        "eight": {"forms": 8},
        "shuffled": {"forms": 8, "shuffled": True},
        "template": {"forms": 8, "template": 0.75},
    }
    primary = {"arm": "shuffled", "score": "held_out", "size": "small"}
    path = written(**SMALL, arms=arms, control="eight", primary=primary, seeds=5, first_seed=301, budget="100k")
    chosen = experiment.load(path)
    cells.run(chosen, silent)
    for score in ("telling", "cloze", "held_out"):
        found = means(chosen, score)
        print(
            f"{score}: " + ", ".join(f"{arm} {', '.join(f'{v:.3f}' for v in values)}" for arm, values in found.items())
        )
    asked = means(chosen, "held_out")
    for arm in ("shuffled", "template"):
        differences = [broken - whole for broken, whole in zip(asked[arm], asked["eight"], strict=True)]
        interval = t_interval(differences, 0.95)
        print(f"{arm} less eight: {interval.mean:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})")
        assert max(differences) < 0 and interval.high < 0


@pytest.mark.prove
def test_a_copy_of_the_control_is_called_different_as_often_as_the_level_says(written):
    """20 independent pairs of 3 seeds. Kills: an interval over items in place of one over seeds."""
    arms = {"eight": {"forms": 8}, "copy": {"forms": 8, "draw": 1}}
    primary = {"arm": "copy", "score": "telling", "size": "small"}
    path = written(**SMALL, arms=arms, control="eight", primary=primary, seeds=PAIRS * SEEDS, budget="12k")
    chosen = experiment.load(path)
    cells.run(chosen, silent)
    found = means(chosen, "telling")
    differences = [one - other for one, other in zip(found["copy"], found["eight"], strict=True)]
    assert len(differences) == PAIRS * SEEDS and len(set(differences)) > PAIRS
    called = sum(
        t_interval(differences[start : start + SEEDS], 1 - LEVEL).p < LEVEL for start in range(0, PAIRS * SEEDS, SEEDS)
    )
    low, high = binomial_interval(called, PAIRS, 0.99)
    print(f"called different: {called} of {PAIRS} pairs (99 % interval {low:.3f} to {high:.3f}), level {LEVEL}")
    assert low <= LEVEL <= high
