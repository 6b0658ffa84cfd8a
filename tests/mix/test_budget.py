"""How large the parts of a phase are, and which documents fill them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retold.mix.budget import draw, targets
from retold.mix.settings import PhaseSettings


def phase(parts, tokens=None):
    return PhaseSettings.model_validate({"parts": parts, "tokens": tokens})


def test_shares_hold_and_a_scarce_part_shrinks_all():
    """Kills: filling the scarce part with another one, so that shares are no longer what was written."""
    mixture = phase({"web": "70%", "retelling": "30%"}, "1k")
    assert targets(mixture, {"web": 900, "retelling": 900}, {"web": 3600, "retelling": 3600}) == {
        "web": 700,
        "retelling": 300,
    }
    scarce = targets(mixture, {"web": 900, "retelling": 30}, {"web": 3600, "retelling": 120})
    assert scarce == {"web": 280, "retelling": 120}


def test_without_a_size_nothing_is_repeated():
    """Kills: repetition that nobody asked for."""
    mixture = phase({"web": 2, "books": 1})
    assert targets(mixture, {"web": 1000, "books": 100}, {"web": 4000, "books": 400}) == {"web": 200, "books": 100}


def test_budgets_take_what_there_is():
    mixture = phase({"web": "2k", "books": "500"})
    assert targets(mixture, {"web": 100, "books": 9000}, {"web": 400, "books": 36000}) == {"web": 400, "books": 500}


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(0, 2000), st.integers(1, 5))
def test_the_shortest_prefix_meets_the_target_and_none_is_drawn_twice_before_all_once(sizes, target, most):
    """Law 1. Kills: one document too many; a document's second turn before another's first; more turns than allowed."""
    tokens = np.array(sizes, dtype=np.int64)
    used = np.zeros(len(sizes), dtype=np.int32)
    documents, epochs = draw(np.arange(len(sizes)), tokens, used, target, most)
    total = int(tokens[documents].sum())
    possible = most * int(tokens.sum())
    assert total >= min(target, possible)
    if len(documents):
        assert total - int(tokens[documents[-1]]) < target
    assert used.max(initial=0) <= most and used.max(initial=0) - used.min(initial=most) <= 1
    assert (np.bincount(documents, minlength=len(sizes)) == used).all()
    for document in set(documents.tolist()):
        assert epochs[documents == document].tolist() == list(range(used[document]))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(0, 500), st.integers(0, 500))
def test_a_larger_budget_draws_the_same_and_more(sizes, small, more):
    """Kills: an order that depends on the target."""
    tokens, order = np.array(sizes, dtype=np.int64), np.arange(len(sizes))
    one, _ = draw(order, tokens, np.zeros(len(sizes), dtype=np.int32), small, 9)
    two, _ = draw(order, tokens, np.zeros(len(sizes), dtype=np.int32), small + more, 9)
    assert two[: len(one)].tolist() == one.tolist()


def test_a_second_phase_goes_on_where_the_first_stopped():
    """Kills: each phase beginning with the same documents."""
    tokens, used = np.full(10, 10, dtype=np.int64), np.zeros(10, dtype=np.int32)
    first, _ = draw(np.arange(10), tokens, used, 60, 4)
    second, epochs = draw(np.arange(10), tokens, used, 60, 4)
    assert first.tolist() == [0, 1, 2, 3, 4, 5]
    assert second.tolist() == [6, 7, 8, 9, 0, 1] and epochs.tolist() == [0, 0, 0, 0, 1, 1]
