"""Law 2 while small files are joined: the same rows, whatever is appended, killed or lost meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.core.document import Document, Origin, Request
from retold.core.errors import FencedOut
from retold.core.schema import batch
from retold.store import Store, StoreView, Writer, commit, compact, next_version
from support.lossy_proxy import LossyProxy

ONE = Request("r", "r", 0, "p", "d", 0, 1, "faq", "1", "e")


def origins(*names: str):
    return {"origins": batch("origins", [Origin(name, f"r-{name}", "memory:") for name in names])}


def ids(store: Store, stage: str = "s") -> list[str]:
    return sorted(row["document_id"] for row in store.rows("origins") if row["stage"] == stage)


def files(store: Store, table: str = "origins") -> int:
    return len(store.delta(table).file_uris())


def filled(store: Store, groups: int = 12, stage: str = "s") -> Writer:
    writer = Writer(store, stage)
    for number in range(groups):
        writer.add("p", origins(f"{number:03}"))
        writer.flush()
    return writer


def expected(groups: int = 12) -> list[str]:
    return [f"{number:03}" for number in range(groups)]


def test_small_files_of_one_stage_become_one_and_no_row_changes(tmp_path):
    """Kills: joining what other stages wrote (it may be being read); rows left out or written twice."""
    store = Store.create(tmp_path)
    filled(store, stage="before")
    filled(store)
    before = store.dataset("origins").to_table().sort_by("document_id")
    assert compact.compact(store, "origins", "s") == 11
    assert files(store) == 13
    assert store.dataset("origins").to_table().sort_by("document_id").equals(before)
    assert compact.compact(store, "origins", "s") == 0


def test_the_log_and_the_footers_of_joined_files_name_no_text(tmp_path):
    """Law 9, prepared. Kills: statistics on all columns."""
    store = Store.create(tmp_path)
    writer = Writer(store, "s")
    for number in range(10):
        document = Document(f"{number:032}", "source", f"canary words {number}", "web")
        writer.add("p", {"documents": batch("documents", [document])})
        writer.flush()
    assert compact.compact(store, "documents", "s") == 9
    folder = tmp_path / "tables" / "documents"
    assert all("canary" not in path.read_text("utf-8") for path in (folder / "_delta_log").glob("*.json"))
    (name,) = store.delta("documents").file_uris()
    footer = pq.ParquetFile(folder / Path(name).name).metadata.row_group(0)
    columns = [footer.column(index) for index in range(footer.num_columns)]
    assert [c.path_in_schema for c in columns if c.is_stats_set] == ["stage", "part", "document_id"]


def test_what_is_appended_between_reading_and_committing_stays(tmp_path, monkeypatch):
    """Kills: a commit that is not the version after the one that was read, a conflict taken for a commit."""
    store = Store.create(tmp_path)
    writer = filled(store)
    write_file, appended = compact.write_file, []

    def slow(*arguments, **options):
        action = write_file(*arguments, **options)
        if not appended:
            appended.append(True)
            writer.add("p", origins("late"))
            writer.flush()
        return action

    monkeypatch.setattr(compact, "write_file", slow)
    assert compact.compact(store, "origins", "s") == 11
    assert ids(store) == [*expected(), "late"]


def test_of_two_that_join_the_same_files_one_withdraws(tmp_path, monkeypatch):
    """Kills: not looking again whether the files are still there (every row would be there twice)."""
    store = Store.create(tmp_path)
    filled(store)
    write_file, inner = compact.write_file, []

    def slow(*arguments, **options):
        action = write_file(*arguments, **options)
        if not inner:
            inner.append(True)
            inner.append(compact.compact(store, "origins", "s"))
        return action

    monkeypatch.setattr(compact, "write_file", slow)
    assert compact.compact(store, "origins", "s") == 0
    assert inner == [True, 11]
    assert ids(store) == expected() and files(store) == 1


def test_who_comes_after_knows_the_rows_and_a_zombie_is_still_fenced_out(tmp_path):
    """Kills: transactions or keys lost by a compaction."""
    store = Store.create(tmp_path)
    zombie = filled(store)
    zombie.add("p", origins("x"))
    successor = Writer(store, "s")
    successor.add("p", origins(*expected(), "y"))
    successor.flush()
    compact.compact(store, "origins", "s")
    with pytest.raises(FencedOut):
        zombie.flush()
    last = Writer(store, "s")
    last.add("p", origins(*expected(), "y", "z"))
    last.finish("p", 14)
    assert ids(store) == [*expected(), "y", "z"]


def test_a_table_with_an_order_keeps_narrow_ranges(tmp_path, monkeypatch):
    """Kills: joining files in the order of commits, or all into one (reading in order would hold the table)."""
    store = Store.create(tmp_path / "store")
    positions = [5, 1, 7, 3, 0, 6, 2, 4]
    writer = Writer(store, "now")
    for at in positions:
        rows = [replace(ONE, request_id=f"r{at}-{number}", position=10 * at + number) for number in range(10)]
        writer.add("a", {"requests": batch("requests", rows)})
        writer.flush()
    size = max(path.stat().st_size for path in (tmp_path / "store" / "tables" / "requests").glob("*.parquet"))
    monkeypatch.setattr(compact, "ENOUGH", 4 * size - size // 2)
    monkeypatch.setattr(compact, "FEWEST", 2)
    assert compact.compact(store, "requests", "now") == 6
    groups = [group.to_table().num_rows for group in store.by_range("requests", {"now"})]
    assert groups == [40, 40]
    view = StoreView(store.place, store.beside, {"plan": "now"}, ())
    found = [at for rows in view.in_order("requests", columns=["position"]) for at in rows["position"].to_pylist()]
    assert found == list(range(80))


def test_a_large_file_is_read_in_order_a_row_group_at_a_time(tmp_path, monkeypatch):
    """Kills: files read whole in `by_range`, or row groups as large as what was written at once."""
    monkeypatch.setattr(next_version, "ROW_GROUP_BYTES", 8 << 10)
    store = Store.create(tmp_path / "store")
    writer = Writer(store, "now")
    rows = [replace(ONE, request_id=f"r{number}", position=number) for number in range(2000)]
    for part, mine in (("a", rows[:1000]), ("b", rows[1000:])):
        writer.add(part, {"requests": batch("requests", mine)})
    writer.flush()
    assert files(store, "requests") == 1
    groups = [group.to_table().num_rows for group in store.by_range("requests", {"now"})]
    assert sum(groups) == 2000 and len(groups) >= 10 and max(groups) <= 200
    assert sum(group.to_table().num_rows for group in store.by_range("requests", {"now"}, 1500)) <= 700
    view = StoreView(store.place, store.beside, {"plan": "now"}, ())
    read = view.in_order("requests", columns=["position"], first=1500)
    assert [at for rows in read for at in rows["position"].to_pylist()] == list(range(1500, 2000))


def test_a_writer_keeps_its_table_small_by_itself(tmp_path, monkeypatch):
    """Kills: no compaction during a run."""
    monkeypatch.setattr(commit, "EVERY", 10)
    store = Store.create(tmp_path)
    writer = filled(store, 95)
    assert files(store) <= 20
    writer.add("p", origins(*expected(95)))
    writer.finish("p", 95)
    assert ids(store) == expected(95)


def test_files_that_no_version_names_go_and_those_being_written_stay(tmp_path, monkeypatch):
    """Kills: a clean-up that takes files of commits under way (orphans look the same)."""
    store = Store.create(tmp_path)
    filled(store)
    folder = tmp_path / "tables" / "origins"
    (folder / "under-way.parquet").write_bytes((next(folder.glob("*.parquet"))).read_bytes())
    compact.compact(store, "origins", "s")
    assert compact.tidy(store, "origins") == [], "an older version may still be being read"
    monkeypatch.setattr(compact, "KEPT_HOURS", 0)
    assert len(compact.tidy(store, "origins")) == 12
    left = {path.name for path in folder.glob("*.parquet")}
    assert len(left) == 2 and "under-way.parquet" in left
    assert ids(store) == expected()


def test_a_long_log_is_cleared_before_a_checkpoint(tmp_path, monkeypatch):
    """Kills: a log that is kept for ever."""
    monkeypatch.setattr("retold.store.tables.LOG_KEPT", "interval 0 seconds")
    monkeypatch.setattr("retold.store.tables.CHECKPOINT_EVERY", 10)
    store = Store.create(tmp_path)
    writer = filled(store, 45)
    log = tmp_path / "tables" / "origins" / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet")) and len(list(log.glob("*.json"))) < 30
    writer.add("p", origins("last"))
    writer.flush()
    successor = Writer(store, "s")
    successor.add("p", origins(*expected(45), "last", "more"))
    successor.finish("p", 47)
    assert ids(store) == [*expected(45), "last", "more"]


def test_the_answer_to_a_compaction_is_lost(prefix, object_store, monkeypatch):
    """In object storage. Kills: deleting the joined file whose commit is there."""
    with LossyProxy(object_store.url) as lossy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", lossy.url)
        store = Store.create(prefix)
        filled(store, 9)
        lossy.faults.append(("PUT", "origins/_delta_log/", "applied, then cut"))
        assert compact.compact(store, "origins", "s") == 8
        assert len(lossy.happened) == 1 and files(store) == 1
        assert ids(store) == expected(9)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(["group", "kill", "join"]), min_size=4, max_size=14))
def test_any_history_of_groups_kills_and_joins_leaves_each_row_once(tmp_path_factory, history):
    store = Store.create(tmp_path_factory.mktemp("store"))
    writer, done = Writer(store, "s"), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "FEWEST", 2)
        for event in history:
            if event == "join":
                compact.compact(store, "origins", "s")
                continue
            done += 1
            writer.add("p", origins(*expected(done)))
            if event == "group":
                writer.flush()
            else:
                writer = Writer(store, "s")
        writer.add("p", origins(*expected(done)))
        writer.finish("p", done)
    assert ids(store) == expected(done)
