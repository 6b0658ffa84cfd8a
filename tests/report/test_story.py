"""Intervals and quartiles."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.report.story import Z95, rate, spread


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_solves_wilsons_equation(hits, more):
    """Kills: `square / (2 * size)` -> `square / size`, and a forgotten square root."""
    size = hits + more
    found = rate(hits, size)
    assert 0 <= found.low <= found.share <= found.high <= 1
    for end in (found.low, found.high):
        if size and 0 < end < 1:
            assert abs(end - hits / size) == pytest.approx(Z95 * math.sqrt(end * (1 - end) / size), rel=1e-6)


def test_nothing_judged_says_nothing():
    assert (rate(0, 0).low, rate(0, 0).high) == (0.0, 1.0)
    assert rate(0, 30).high == pytest.approx(0.1135, abs=1e-4)
    with pytest.raises(ValueError):
        rate(3, 2)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=60), st.sampled_from([0, 1, 20]))
def test_quartiles_are_those_of_the_sorted_values(values, width):
    """Kills: `math.ceil` -> `int` for the rank, `seen >= rank` -> `seen > rank`; bins that lose what is too long."""
    found, ordered = spread(Counter(values), width, 400), sorted(values)
    expected = [ordered[math.ceil(len(ordered) * quarter / 4) - 1] for quarter in (1, 2, 3)]
    assert [found.lower, found.median, found.upper] == expected
    assert found.size == len(values)
    assert sum(texts for _, texts in found.bins) == (len(values) if width else 0)
