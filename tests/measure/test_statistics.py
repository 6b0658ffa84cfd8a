"""Intervals that hold what they say."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.measure.statistics import binomial_interval, bootstrap, holm, t_interval, t_quantile, t_within


@pytest.mark.parametrize(
    ("confidence", "freedom", "value"),
    [
        (0.95, 1, 12.7062),
        (0.95, 2, 4.3027),
        (0.95, 4, 2.7764),
        (0.95, 9, 2.2622),
        (0.99, 7, 3.4995),
        (0.95, 30, 2.0423),
    ],
)
def test_quantiles_are_those_of_the_tables(confidence, freedom, value):
    """Kills: the series for odd degrees of freedom used for even ones."""
    assert t_quantile(confidence, freedom) == pytest.approx(value, abs=5e-5)


@given(st.floats(0.01, 50), st.integers(1, 60))
@settings(deadline=None)
def test_the_series_is_the_integral_of_the_density(value, freedom):
    steps = 4000
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    heights = [
        constant * (1 + (value * place / steps) ** 2 / freedom) ** (-(freedom + 1) / 2) for place in range(steps + 1)
    ]
    area = value / steps * (math.fsum(heights) - (heights[0] + heights[-1]) / 2)
    assert t_within(value, freedom) == pytest.approx(2 * area, abs=2e-4)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """Kills: the normal quantile in place of Student's, which covers 88 % with five values."""
    draw = random.Random(1)
    inside = 0
    for _ in range(1500):
        found = t_interval([draw.gauss(0.3, 1.0) for _ in range(5)], 0.95)
        inside += found.low <= 0.3 <= found.high
    assert 0.935 <= inside / 1500 <= 0.965


def test_one_value_has_no_interval():
    found = t_interval([0.4], 0.95)
    assert not found.known and found.p == 1.0


def test_items_of_one_thing_are_drawn_together():
    """Kills: resampling items one by one, which takes a thing's four answers for four witnesses."""
    draw = random.Random(2)
    values = [value for _ in range(50) for value in [draw.gauss(0, 1)] * 4]
    apart = bootstrap([values], [[str(place) for place in range(200)]], 0.95)
    together = bootstrap([values], [[str(place // 4) for place in range(200)]], 0.95)
    assert together[1] - together[0] > 1.7 * (apart[1] - apart[0])


def test_models_that_were_asked_the_same_are_not_more_questions():
    """Kills: questions drawn anew for each seed, which made the interval of five models of one battery half as wide."""
    draw = random.Random(3)
    values, names = [draw.gauss(0, 1) for _ in range(40)], [str(place) for place in range(40)]
    one, five = bootstrap([values], [names], 0.95), bootstrap([values] * 5, [names] * 5, 0.95)
    assert five == pytest.approx(one)
    turned = bootstrap([values, values[::-1]], [names, names[::-1]], 0.95)
    assert turned == pytest.approx(one), "questions are known by their names, not by their places"
    apart = bootstrap([values] * 5, [[f"{seed} {name}" for name in names] for seed in range(5)], 0.95)
    assert apart[1] - apart[0] < 0.6 * (one[1] - one[0]), "worlds of their own are five sets of questions"


def test_holm_on_the_textbook_case():
    """Kills: Bonferroni for all, or forgetting that adjusted values never fall."""
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )


def test_shares_of_no_and_one_hit_in_twenty():
    assert binomial_interval(0, 20, 0.95) == pytest.approx((0.0, 0.16843), abs=1e-4)
    assert binomial_interval(1, 20, 0.95) == pytest.approx((0.001265, 0.248733), abs=1e-4)
