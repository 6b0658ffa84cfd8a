"""Law 2: rows exactly once, whoever is killed and whoever wakes up late."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.core.document import Origin
from retold.core.errors import FencedOut
from retold.core.schema import batch
from retold.store import Store, Writer, commit


def origins(*names: str):
    return {"origins": batch("origins", [Origin(name, f"r-{name}", "memory:") for name in names])}


def ids(store: Store, stage: str = "s") -> list[str]:
    return sorted(row["document_id"] for row in store.rows("origins") if row["stage"] == stage)


def test_rows_that_a_killed_run_committed_are_not_written_again(tmp_path):
    """Kills: `_unseen` returning the batch as it came."""
    store = Store.create(tmp_path)
    first = Writer(store, "s")
    first.add("p", origins("a", "b"))
    first.flush()
    first.add("p", origins("c"))  # never flushed: lost with the process

    second = Writer(store, "s")
    second.add("p", origins("a", "b", "c"))
    second.finish("p", 3)
    assert ids(store) == ["a", "b", "c"]
    assert [row["name"] for row in store.rows("parts")] == ["p"]


def test_a_zombie_that_wakes_after_its_successor_wrote_is_fenced_out(tmp_path):
    """Kills: dropping the comparison of epochs in `_fenced`."""
    store = Store.create(tmp_path)
    zombie = Writer(store, "s")
    zombie.add("p", origins("a"))
    successor = Writer(store, "s")
    successor.add("p", origins("a", "b"))
    successor.flush()
    with pytest.raises(FencedOut, match="taken over"):
        zombie.flush()
    assert ids(store) == ["a", "b"]


def test_a_zombie_that_slips_in_before_its_successor_writes_doubles_nothing(tmp_path):
    """Kills: `_fenced` not reading the keys again when an earlier owner has written since."""
    store = Store.create(tmp_path)
    zombie = Writer(store, "s")
    zombie.add("p", origins("a", "b"))
    successor = Writer(store, "s")
    successor.add("p", origins("a", "b", "c"))
    zombie.flush()
    successor.flush()
    assert ids(store) == ["a", "b", "c"]


def test_a_zombie_between_reading_and_committing_loses_the_race(tmp_path, monkeypatch):
    """The window inside one append. Kills: taking a conflict for a commit (`commit_next` returning True)."""
    store = Store.create(tmp_path)
    zombie = Writer(store, "s")
    zombie.add("p", origins("a"))
    write_file = commit.write_file

    def slow(*arguments):
        written = write_file(*arguments)
        if not zombie_done:
            zombie_done.append(True)
            successor = Writer(store, "s")
            successor.add("p", origins("a", "b"))
            successor.flush()
        return written

    zombie_done: list[bool] = []
    monkeypatch.setattr(commit, "write_file", slow)
    with pytest.raises(FencedOut):
        zombie.flush()
    assert ids(store) == ["a", "b"]


def test_two_stages_and_two_parts_do_not_disturb_each_other(tmp_path):
    store = Store.create(tmp_path)
    one, two = Writer(store, "s"), Writer(store, "t")
    one.add("p", origins("a"))
    two.add("p", origins("a"))
    one.add("q", origins("a"))
    two.flush()
    one.flush()
    assert ids(store, "s") == ["a", "a"] and ids(store, "t") == ["a"]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5), min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_any_history_of_kills_leaves_each_row_once(tmp_path_factory, groups, killed):
    """Any split into groups, a kill (lost buffer, new owner) after any of them: the rows are those of a quiet run."""
    store = Store.create(tmp_path_factory.mktemp("store"))
    writer = Writer(store, "s")
    done: list[str] = []
    for group, kill in zip(groups, killed, strict=False):
        done += group
        writer.add("p", origins(*done))
        if kill:
            writer = Writer(store, "s")
        else:
            writer.flush()
    writer = Writer(store, "s")
    writer.add("p", origins(*done))
    writer.finish("p", len(set(done)))
    assert ids(store) == sorted(set(done))


def test_statistics_in_the_log_name_no_text(tmp_path):
    """Law 9, prepared: Delta's log and the Parquet footers hold minima of ids only. Kills: statistics on all."""
    import pyarrow.parquet as pq

    from retold.core.document import Document

    store = Store.create(tmp_path)
    writer = Writer(store, "s")
    writer.add("p", {"documents": batch("documents", [Document("d" * 32, "source", "canary words", "web")])})
    writer.flush()
    folder = tmp_path / "tables" / "documents"
    assert all("canary" not in path.read_text("utf-8") for path in (folder / "_delta_log").glob("*.json"))
    footer = pq.ParquetFile(next(folder.glob("*.parquet"))).metadata.row_group(0)
    columns = [footer.column(index) for index in range(footer.num_columns)]
    assert [c.path_in_schema for c in columns if c.is_stats_set] == ["stage", "part", "document_id"]
