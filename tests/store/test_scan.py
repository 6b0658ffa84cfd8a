"""Reading in order without holding the table."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.core.document import Request
from retold.core.schema import batch
from retold.store import Store, StoreView, Writer, next_version

ONE = Request("r", "r", 0, "p", "d", 0, 1, "faq", "1", "e")


def requests(positions) -> dict:
    return {"requests": batch("requests", [replace(ONE, request_id=f"r{at}", position=at) for at in positions])}


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "store")


def view_of(store: Store) -> StoreView:
    return StoreView(store.place, store.beside, {"plan": "now"}, ())


@pytest.mark.parametrize("groups", [[[0, 1], [2, 3], [4]], [[3, 4], [0, 1], [2]], [[4, 0], [1, 3], [2]]])
def test_rows_of_many_files_come_in_order(store, groups):
    """Kills: yielding files in the order of commits; forgetting that ranges may overlap."""
    old = Writer(store, "before")
    old.add("a", requests([1, 2, 7]))
    old.flush()
    writer = Writer(store, "now")
    for number, positions in enumerate(groups):
        writer.add("ab"[number % 2], requests(positions))
        writer.flush()
    rows = [
        row for found in view_of(store).in_order("requests", columns=["position", "part"]) for row in found.to_pylist()
    ]
    assert [row["position"] for row in rows] == [0, 1, 2, 3, 4]
    assert {row["position"]: row["part"] for row in rows} == {
        at: "ab"[number % 2] for number, positions in enumerate(groups) for at in positions
    }


@pytest.mark.parametrize("first", [0, 1, 2, 4, 5, 99])
def test_rows_from_a_place_on(store, first):
    """Kills: opening nothing that begins before it; yielding what lies before it in a file that reaches beyond."""
    writer = Writer(store, "now")
    for positions in ([0, 1, 2], [3], [4, 5, 6]):
        writer.add("a", requests(positions))
        writer.flush()
    found = view_of(store).in_order("requests", columns=["position"], first=first)
    assert [at for rows in found for at in rows["position"].to_pylist()] == list(range(first, 7))


def test_an_empty_store_has_no_rows_in_order(store):
    assert list(view_of(store).in_order("requests")) == []


def test_history_is_what_other_states_left_and_never_what_is_before(store):
    """Kills: history without its filter (a step would take the present for its past), or without the named stages."""
    for stage, at in (("now", 0), ("older", 1), ("oldest", 2)):
        writer = Writer(store, stage)
        writer.add("a", requests([at]))
        writer.flush()
    view = view_of(store)

    def found(**chosen):
        return {
            (row["stage"], row["part"], row["position"])
            for rows in view.history("requests", columns=["stage", "part", "position"], **chosen)
            for row in rows.to_pylist()
        }

    assert found() == {("older", "a", 1), ("oldest", "a", 2)}
    assert found(stages=["oldest"]) == {("oldest", "a", 2)} and found(stages=[]) == set()


def test_a_file_that_holds_rows_of_several_stages_is_not_left_out(store):
    """Another tool may have compacted the table. Kills: looking at the first and last stage of a file only."""
    for stage in ("a", "now", "z"):
        writer = Writer(store, stage)
        writer.add("a", requests([3, 1]))
        writer.flush()
    store.delta("requests").optimize.compact()
    assert len(store.delta("requests").file_uris()) == 1
    rows = [row["position"] for found in view_of(store).in_order("requests") for row in found.to_pylist()]
    assert rows == [1, 3]


@given(st.sets(st.integers(0, 220)), st.sampled_from([None, "a", "b"]))
@settings(max_examples=25, deadline=None)
def test_rows_among_values_are_those_and_no_others(wanted, part):
    """Kills: empty batches; rows of another stage or part; a row group left out, or yielded whole."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(next_version, "ROW_GROUP_BYTES", 2 << 10):
        store = Store.create(Path(folder) / "store")
        for stage, low in (("before", 0), ("now", 100)):
            writer = Writer(store, stage)
            for owner, start in (("a", low), ("b", low + 50)):
                writer.add(owner, requests(range(start, start + 50)))
            writer.flush()
        among = "request_id", pa.array([f"r{at}" for at in sorted(wanted)], pa.string())
        found = list(view_of(store).read("requests", part=part, columns=["position"], among=among))
        assert all(rows.num_rows for rows in found)
        assert all(rows.num_rows for rows in view_of(store).read("requests", part="b")), "no batch of other parts alone"
        mine = {None: range(100, 200), "a": range(100, 150), "b": range(150, 200)}[part]
        assert sorted(at for rows in found for at in rows["position"].to_pylist()) == sorted(wanted & set(mine))
