import sys
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from pack.corpus import SETTINGS, export, pack, retelling, source, texts, view_of
from retold.core.errors import StoreError
from retold.core.schema import batch
from retold.pack.export import export as write_rows
from retold.pack.export import export_texts
from retold.pack.files import Staged, write_whole

SOURCES = [source(text) for text in texts(30)]
RETELLINGS = [retelling(text, parent) for text, parent in zip(texts(15, 2, 30), SOURCES, strict=False)]
DROPPED = (SOURCES[1], RETELLINGS[2])
SMALL = SETTINGS.model_copy(update={"rows_per_shard": 10})


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return export(
        pack(view_of(tmp_path_factory.mktemp("out"), SOURCES + RETELLINGS, dropped=DROPPED)),
        SMALL,
    )


def test_shards_hold_the_rows_in_order(view):
    rows = sorted(view.table("packed"), key=lambda row: row["row"])
    files = sorted((view.folder / "shards").iterdir())
    assert [path.name for path in files] == [f"{number:05d}.parquet" for number in range(-(-len(rows) // 10))]
    found = [row for path in files for row in pq.read_table(path).to_pylist()]
    assert found == [{name: row[name] for name in ("input_ids", "loss_mask", "documents")} for row in rows]
    assert pq.ParquetFile(files[0]).metadata.row_group(0).column(0).compression == "ZSTD"


def test_texts_are_the_kept_documents_once(view):
    (file,) = (view.folder / "texts").iterdir()
    found = pq.read_table(file).to_pylist()
    kept = [document for document in SOURCES + RETELLINGS if document not in DROPPED]
    expected = [
        {
            "document_id": document.document_id,
            "kind": document.kind,
            "text": document.text,
            "style": document.style,
            "made_by": document.made_by,
            "source": document.source,
            "parents": list(document.parents),
        }
        for document in sorted(kept, key=lambda document: document.document_id)
    ]
    assert found == expected


def test_a_data_set_library_reads_both_offline(view, tmp_path, monkeypatch):
    """Kills: a column type that the library does not know; a hidden file in the folder that it would read."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets")
    for folder, rows in (("shards", len(view.table("packed"))), ("texts", 43)):
        loaded = datasets.load_dataset(
            "parquet",
            data_files=str(view.folder / folder / "*.parquet"),
            cache_dir=str(tmp_path / "cache"),
            split="train",
        )
        assert loaded.num_rows == rows
        assert loaded[0] == pq.read_table(view.folder / folder / "00000.parquet").slice(0, 1).to_pylist()[0]


def test_polars_reads_both(view):
    rows = pl.read_parquet(view.folder / "shards" / "*.parquet")
    assert rows.schema["input_ids"] == pl.List(pl.Int32) and rows.schema["loss_mask"] == pl.List(pl.UInt8)
    assert rows["loss_mask"].list.len().unique().to_list() == [SETTINGS.length]
    assert pl.read_parquet(view.folder / "texts")["kind"].value_counts().sort("kind").rows() == [
        ("retelling", 14),
        ("source", 29),
    ]


def rows_of(view):
    return list(view.read("packed"))


def test_rows_in_any_order_and_in_any_batches_give_the_same_bytes(view, tmp_path):
    """Law 1. Kills: writing rows as they come; a spilled bucket that is not sorted."""
    whole = {path.name: path.read_bytes() for path in (view.folder / "shards").iterdir()}
    (rows,) = rows_of(view)
    pieces = [rows[start : start + 3] for start in range(0, rows.num_rows, 3)]
    write_rows(pieces[::-1], tmp_path / "a", 10)
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == whole


def test_missing_and_double_rows_are_an_error_and_leave_the_old_files(view, tmp_path):
    """Law 2. Kills: exporting whatever is there."""
    (rows,) = rows_of(view)
    before = write_rows([rows], tmp_path, 10)
    contents = [path.read_bytes() for path in before]
    for wrong in ([rows[1:]], [rows, rows[:1]], [rows[:5], rows[6:]]):
        with pytest.raises(StoreError, match="exactly once"):
            write_rows(wrong, tmp_path, 10)
        assert [path.read_bytes() for path in before] == contents
        assert sorted(tmp_path.iterdir()) == before


def test_shards_of_a_longer_older_run_go_and_other_files_stay(view, tmp_path):
    """Kills: removing by `*.parquet`; removing nothing, so that a trainer reads two runs at once."""
    (rows,) = rows_of(view)
    longer = write_rows([rows], tmp_path, 5)
    mine = tmp_path / "mine.parquet"
    mine.write_bytes(longer[0].read_bytes())
    (tmp_path / "12.parquet").touch()
    shorter = write_rows([rows], tmp_path, 20)
    assert len(shorter) < len(longer)
    assert sorted(tmp_path.iterdir()) == sorted([*shorter, mine, tmp_path / "12.parquet"])
    assert write_rows([], tmp_path, 20) == []
    assert sorted(tmp_path.iterdir()) == sorted([mine, tmp_path / "12.parquet"])


def test_texts_in_several_files_and_a_text_of_two_data_sets(tmp_path):
    """Law 1. Kills: the first to come wins where two data sets hold one text."""
    others = [source(document.text, "another") for document in SOURCES[:10]]
    rows = [batch("documents", documents) for documents in (SOURCES[:20], others, SOURCES[20:])]
    one = export_texts(lambda: rows, tmp_path / "a", 6)
    two = export_texts(lambda: rows[::-1], tmp_path / "b", 6)
    assert len(one) > 3 and [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    found = [row for path in one for row in pq.read_table(path).to_pylist()]
    assert sorted(row["text"] for row in found) == sorted(document.text for document in SOURCES)
    assert sum(row["source"] == "another" for row in found) == 10


def test_a_failure_while_writing_leaves_the_old_file(tmp_path):
    """Kills: writing in place."""
    write_whole(tmp_path / "x", b"old")
    with pytest.raises(TypeError):
        write_whole(tmp_path / "x", "not bytes")
    assert (tmp_path / "x").read_bytes() == b"old"
    with pytest.raises(KeyboardInterrupt), Staged(tmp_path, ".x") as staged:
        staged.next().write_bytes(b"half")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".x"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_a_full_disk_is_said_to_be_one(tmp_path):
    from retold.core.errors import DiskFull
    from retold.pack.files import space_checked

    with pytest.raises(DiskFull, match="no space"), space_checked(tmp_path), Path("/dev/full").open("wb", 0) as file:
        file.write(b"x")
