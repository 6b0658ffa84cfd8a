"""Quotas hold wherever a plan is cut."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.rephrase.quota import Quota, shares

WEIGHTS = st.one_of(st.integers(1, 60).map(float), st.sampled_from([0.1, 0.25, 0.5, 1.5, 33.3]))


@st.composite
def recipes(draw):
    per_passage = draw(st.integers(1, 4))
    values = draw(st.lists(WEIGHTS, min_size=per_passage, max_size=8))
    return {f"style_{index}": value for index, value in enumerate(values)}, per_passage


@settings(max_examples=150, deadline=None)
@given(recipes())
def test_every_prefix_has_each_style_within_one_of_its_share(recipe):
    """Kills: dropping the release times (`due = free`), or choosing by the largest share instead of the deadline."""
    weights, per_passage = recipe
    wanted = shares(weights, per_passage)
    quota, taken, asked = Quota(weights, per_passage), Counter(), 0
    for _ in range(120 // per_passage):
        for name in quota.take():
            taken[name] += 1
            asked += 1
            assert all(abs(taken[style] - asked * share) <= 1 for style, share in wanted.items())


@settings(max_examples=60, deadline=None)
@given(recipes())
def test_a_passage_never_has_a_style_twice(recipe):
    """Kills: dropping the list of used styles."""
    weights, per_passage = recipe
    quota = Quota(weights, per_passage)
    for _ in range(60):
        assert len(set(quota.take())) == per_passage


@given(recipes(), st.randoms())
def test_the_order_in_which_styles_are_written_decides_nothing(recipe, random):
    """Kills: `weights.items()` unsorted."""
    weights, per_passage = recipe
    names = list(weights)
    random.shuffle(names)
    one, other = Quota(weights, per_passage), Quota({name: weights[name] for name in names}, per_passage)
    assert [one.take() for _ in range(30)] == [other.take() for _ in range(30)]


def test_weights_are_shares_of_all_retellings():
    assert shares({"a": 2, "b": 1, "c": 1, "never": 0}) == {
        "a": Fraction(1, 2),
        "b": Fraction(1, 4),
        "c": Fraction(1, 4),
    }


def test_a_share_that_no_plan_can_meet_is_cut_and_the_rest_goes_to_the_others():
    assert shares({"a": 8, "b": 1, "c": 1}, 2) == {"a": Fraction(1, 2), "b": Fraction(1, 4), "c": Fraction(1, 4)}
    assert shares({"a": 5, "b": 1}, 2) == {"a": Fraction(1, 2), "b": Fraction(1, 2)}
    assert sum(shares({"a": 90, "b": 50, "c": 1, "d": 1}, 2).values()) == 1


def test_fewer_styles_than_a_passage_needs_are_refused():
    with pytest.raises(ValueError, match="2 different styles are needed for each passage, and there are 1"):
        shares({"a": 1, "b": 0}, 2)
