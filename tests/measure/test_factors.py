"""How much less for the same score, with what is not known said."""

from __future__ import annotations

import pytest

from retold.measure.factors import factor, parameters_to, tokens_to


def curve(*values):
    return [{"tokens": 100 * (place + 1), "scores": {"s": value}} for place, value in enumerate(values)]


def test_a_level_is_reached_between_points():
    assert tokens_to(curve(0.0, 0.2, 0.6, 0.7), "s", 0.4) == pytest.approx(250)


def test_one_lucky_point_is_not_reaching_it():
    """Kills: the first point above the level, whatever follows."""
    assert tokens_to(curve(0.0, 0.5, 0.1, 0.6, 0.7), "s", 0.4) == pytest.approx(360)


def test_a_score_that_is_better_when_lower_falls_to_its_level():
    """Kills: bits per byte taken for reached at the first point."""
    assert tokens_to(curve(3.0, 2.0, 1.0), "s", 1.5, -1) == pytest.approx(250)
    assert parameters_to([(100, 2.0), (400, 1.0)], 1.5, -1) == ("=", pytest.approx(200))


def test_what_never_gets_there_is_not_known():
    assert tokens_to(curve(0.1, 0.2), "s", 0.4) is None


def test_a_control_that_never_gets_there_gives_a_lower_bound():
    """Kills: taking the budget for the control's need, as if it had got there."""
    found = factor([(None, 100.0), (None, 100.0), (900.0, 100.0)], 1000.0, 0.95)
    assert found.kind == ">" and found.high is None and found.censored == 2
    assert found.low < found.mean == pytest.approx((10 * 10 * 9) ** (1 / 3))
    assert found.words().startswith("> 9.7")


def test_nothing_is_said_where_neither_gets_there():
    assert factor([(None, None), (500.0, 100.0)], 1000.0, 0.95).kind == "?"
    assert factor([(None, 100.0), (500.0, None)], 1000.0, 0.95).kind == "?"


def test_who_is_there_at_the_first_point_may_have_been_there_before():
    """Kills: the first point taken for the need itself."""
    early = factor([(400.0, 100.0), (800.0, 100.0)], 1000.0, 0.95, 100.0)
    assert early.kind == ">" and early.high is None and early.low is not None
    assert factor([(100.0, 400.0), (100.0, 800.0)], 1000.0, 0.95, 100.0).kind == "<"
    assert factor([(100.0, 100.0), (800.0, 200.0)], 1000.0, 0.95, 100.0).kind == "?"


def test_means_are_of_logarithms():
    assert factor([(100.0, 50.0), (800.0, 100.0)], 1000.0, 0.95).mean == pytest.approx(4.0)


def test_parameters_between_sizes_and_beyond_them():
    sizes = [(100, 0.2), (400, 0.6)]
    assert parameters_to(sizes, 0.4) == ("=", pytest.approx(200))
    assert parameters_to(sizes, 0.1) == ("<", 100.0)
    assert parameters_to(sizes, 0.9) == (">", 400.0)
