"""The suffix array and its searches against the plainest way to say the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.trace import suffixes


def index_of(tokens: list[int], size: int, dtype=np.uint16):
    held = np.array(tokens, dtype)
    return held, suffixes.order(held), suffixes.begins(held, size)


def test_tokens_of_every_width_are_sorted_as_numbers():
    """Kills: `newbyteorder(">")` left out, which sorts 256 before 1."""
    rng = np.random.default_rng(3)
    for dtype in (np.uint8, np.uint16, np.uint32):
        tokens = rng.integers(0, 200 if dtype == np.uint8 else 1000, 700).astype(dtype)
        wanted = sorted(range(len(tokens)), key=lambda place: tokens[place:].tolist())
        assert suffixes.order(tokens).tolist() == wanted


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.lists(st.integers(0, 4), min_size=1, max_size=20))
def test_longest_and_found_are_those_of_brute_force(tokens, query):
    """Kills: `min(known_low, known_high)` made max; `best` taken of the last step alone; `smaller = after` negated."""
    index = index_of(tokens, 5)
    ids = np.array(query, np.int64)
    lengths = np.zeros(len(ids), np.int64)
    suffixes.longest(ids, np.arange(len(ids), 0, -1), (0, len(ids)), *index, lengths)
    for start in range(len(ids)):
        ends = [end for end in range(start + 1, len(ids) + 1) if count(tokens, query[start:end])]
        assert lengths[start] == max((end - start for end in ends), default=0)
        for end in range(start + 1, len(ids) + 1):
            low, high = suffixes.found(ids, start, end, *index)
            assert high - low == count(tokens, query[start:end])
            assert sorted(index[1][low:high].tolist()) == places(tokens, query[start:end])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6)), min_size=1, max_size=12),
)
def test_no_more_is_compared_than_is_in_reach(tokens, asked):
    """A document traced as a whole would cost the square of its length. Kills: `len(query) - start` for the reach."""
    query, reach = [token for token, _ in asked], [min(most, len(asked) - at) for at, (_, most) in enumerate(asked)]
    lengths = np.zeros(len(query), np.int64)
    suffixes.longest(np.array(query), np.array(reach), (0, len(query)), *index_of(tokens, 3), lengths)
    for start, most in enumerate(reach):
        found = [size for size in range(1, most + 1) if count(tokens, query[start : start + size])]
        assert lengths[start] == max(found, default=0)


def places(tokens: list[int], gram: list[int]) -> list[int]:
    return [place for place in range(len(tokens)) if tokens[place : place + len(gram)] == gram]


def count(tokens: list[int], gram: list[int]) -> int:
    return len(places(tokens, gram))


def test_more_bytes_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(suffixes, "MOST", 10)
    with pytest.raises(ValueError, match="too many"):
        suffixes.order(np.zeros(6, np.uint16))
