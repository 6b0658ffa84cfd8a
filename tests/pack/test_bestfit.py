from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.pack.bestfit import arrange, best_fit, joined


def tickets(count):
    return np.random.default_rng(9).integers(0, 1 << 63, count, dtype=np.uint64)


def naive(sizes, capacity):
    """The same rule, written plainly: the fullest bin that fits, the one that got that room last first."""
    rooms, bins, changed, clock = [], {}, [], 0
    for item in sorted(range(len(sizes)), key=lambda index: -sizes[index]):
        if not sizes[item]:
            continue
        clock += 1
        fitting = [(room, -changed[index], index) for index, room in enumerate(rooms) if room >= sizes[item]]
        chosen = min(fitting)[2] if fitting else len(rooms)
        if not fitting:
            rooms.append(capacity)
            changed.append(0)
        rooms[chosen] -= sizes[item]
        changed[chosen] = clock
        bins[item] = chosen
    return [bins.get(item, -1) for item in range(len(sizes))]


@given(st.integers(1, 40).flatmap(lambda top: st.tuples(st.just(top), st.lists(st.integers(0, top), max_size=60))))
def test_the_bit_set_finds_what_a_search_finds(case):
    """Kills: `rooms >> (size + 1)`, or not clearing the bit of an emptied list."""
    capacity, sizes = case
    bins, openers = best_fit(np.array(sizes, dtype=np.int64), capacity)
    assert bins.tolist() == naive(sizes, capacity)
    for number, opener in enumerate(openers.tolist()):
        assert bins[opener] == number
        assert sizes[opener] == max(size for size, owner in zip(sizes, bins, strict=True) if owner == number)


@given(st.lists(st.integers(1, 100), max_size=60), st.integers(1, 33))
def test_every_token_has_one_place_and_pieces_stay_in_order(tokens, length):
    """Kills: a tail that starts where another tail lies; whole rows after the row of their tail."""
    layout = arrange(np.array(tokens, dtype=np.int64), tickets(len(tokens)), length)
    taken = defaultdict(list)
    for document, count in enumerate(tokens):
        places = layout.places(document)
        assert [row for row, _ in places] == sorted({row for row, _ in places})
        assert len(places) == -(-count // length), "no document is cut where it need not be"
        sizes = [length] * (count // length) + [count % length] * (count % length > 0)
        for (row, offset), size in zip(places, sizes, strict=True):
            taken[row] += range(offset, offset + size)
    assert sorted(taken) == list(range(layout.rows))
    for places in taken.values():
        assert sorted(places) == list(range(len(places))) and len(places) <= length


def test_a_document_without_tokens_is_refused():
    with pytest.raises(ValueError, match="its end"):
        arrange(np.array([3, 0]), tickets(2), 8)


def test_rows_are_full_and_mixed():
    """Kills: first-fit in the order given (utilization), or rows in the order of documents (mixture)."""
    sizes = np.random.default_rng(5).lognormal(5.5, 1.0, 20_000).astype(np.int64) + 2
    layout = arrange(sizes, tickets(len(sizes)), 1024)
    assert sizes.sum() / (layout.rows * 1024) > 0.999
    early = np.where(layout.tail_row >= 0, layout.tail_row, layout.first_row) < layout.rows / 2
    assert 0.9 < sizes[early].mean() / sizes[~early].mean() < 1.1


def test_layouts_stand_one_below_the_other():
    """Kills: rows of the second phase that begin at 0 again; -1 moved as if it were a row."""
    sizes = np.array([5, 16, 21, 3], dtype=np.int64)
    one, two = arrange(sizes, tickets(4), 8), arrange(sizes[:2], tickets(2), 8)
    both = joined([one, two])
    assert both.rows == one.rows + two.rows
    assert [both.places(index) for index in range(4)] == [one.places(index) for index in range(4)]
    moved = [[(row + one.rows, offset) for row, offset in two.places(index)] for index in range(2)]
    assert [both.places(index) for index in (4, 5)] == moved
    assert joined([]).rows == 0
