"""Every format holds the same rows, in the same order, whoever reads them and wherever one goes on."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.corpus import SETTINGS, export, pack, retelling, source, texts, view_of
from retold.core.schema import TABLES, batch
from retold.pack.export.index import narrow
from retold.pack.export.npy import rows as npy_rows
from retold.pack.export.write import write
from support import trainers

SOURCES = [source(text) for text in texts(30)]
RETELLINGS = [retelling(text, parent) for text, parent in zip(texts(15, 2, 30), SOURCES, strict=False)]
ALL = SETTINGS.model_copy(update={"rows_per_shard": 10, "formats": ("mds", "megatron", "npy"), "borders": True})


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return export(pack(view_of(tmp_path_factory.mktemp("out"), SOURCES + RETELLINGS)), ALL)


@pytest.fixture(scope="module")
def packed(view):
    return sorted(view.table("packed"), key=lambda row: row["row"])


def test_all_formats_hold_the_same_rows(view, packed):
    """Must hold. Kills: a file left out, rows of two shards swapped, a type too small, an offset off by one."""
    ids = [row["input_ids"] for row in packed]
    mask = [row["loss_mask"] for row in packed]
    assert trainers.megatron(view.folder / "megatron" / "packed") == ids
    samples = trainers.mds(view.folder / "mds")
    assert [sample["input_ids"] for sample in samples] == ids
    assert [sample["loss_mask"] for sample in samples] == mask
    found = list(npy_rows(view.folder / "npy"))
    assert [tokens.tolist() for tokens, _ in found] == ids and [quiet.tolist() for _, quiet in found] == mask
    shards = [row for path in sorted((view.folder / "shards").iterdir()) for row in pq.read_table(path).to_pylist()]
    assert [row["input_ids"] for row in shards] == ids


@given(st.integers(1, 7), st.integers(0, 60))
@settings(deadline=None, max_examples=20)
def test_readers_of_any_number_share_one_order_from_any_row(view, packed, workers, first):
    """Law 1. Kills: an order by reader; a resume at the beginning of a file."""
    queues = [npy_rows(view.folder / "npy", first, worker, workers) for worker in range(workers)]
    merged = []
    for number in range(len(packed) - first):
        merged.append(next(queues[number % workers])[0].tolist())
    assert merged == [row["input_ids"] for row in packed[first:]]
    assert all(next(queue, None) is None for queue in queues)
    with pytest.raises(ValueError, match="is none"):
        next(npy_rows(view.folder / "npy", 0, workers, workers))


def test_the_index_says_where_each_file_begins(view, packed):
    for name in ("megatron", "mds", "npy"):
        index = json.loads((view.folder / name / "retold.json").read_text())
        assert index["rows"] == len(packed) and index["length"] == 64 and index["dtype"] == "uint16"
        assert index["tokens"] == sum(sum(row["loss_mask"]) for row in packed)
        reached = 0
        for file in index["files"]:
            assert file["first"] == reached and (view.folder / name / file["name"]).exists()
            reached += file["rows"]
        assert reached == len(packed)


def test_borders_are_those_of_the_documents(view, packed):
    """Kills: positions that run on over a border; padding counted to the last document; a border of another row."""
    shards = [row for path in sorted((view.folder / "shards").iterdir()) for row in pq.read_table(path).to_pylist()]
    found = [np.load(path) for path in sorted((view.folder / "npy").glob("*.cu.npy"))]
    cu = np.concatenate([item + np.array([[10 * number, 0]]) for number, item in enumerate(found)])
    samples = trainers.mds(view.folder / "mds")
    for row, shard, sample in zip(packed, shards, samples, strict=True):
        begins = [item["token_start"] for item in row["documents"]]
        last = row["documents"][-1]["token_end"]
        begins += [last] if last < 64 else []
        assert shard["cu_seqlens"] == [*begins, 64] == [*cu[cu[:, 0] == row["row"]][:, 1].tolist(), 64]
        for place, (start, end) in enumerate(zip(begins, [*begins[1:], 64], strict=True)):
            assert shard["position_ids"][start:end] == list(range(end - start))
            assert shard["sequence_ids"][start:end] == [place] * (end - start)
        assert sample["position_ids"] == shard["position_ids"] and sample["sequence_ids"] == shard["sequence_ids"]


def test_a_format_that_is_not_asked_for_any_more_goes(tmp_path):
    """Law 3. Kills: rows of an older run left in a folder that a trainer is pointed at; a folder that is not ours."""
    view = export(pack(view_of(tmp_path, SOURCES)), ALL)
    (tmp_path / "npy" / "retold.json").unlink()
    export(view, ALL.model_copy(update={"formats": ("megatron",)}))
    assert (tmp_path / "megatron").exists() and not (tmp_path / "mds").exists()
    assert (tmp_path / "npy").exists(), "without our index it is not ours to remove"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_phases_are_apart_for_megatron_and_in_the_index(tmp_path, packed):
    """Kills: one data set for all phases, so that annealing cannot be trained last."""
    from retold.pack.export.index import Index
    from retold.pack.export.megatron import Megatron

    rows = [{**row, "phase": "pretrain" if row["row"] < 7 else "anneal"} for row in packed]
    batches = [batch("packed", rows[start : start + 4]) for start in range(0, len(rows), 4)]
    assert batches[0].schema == TABLES["packed"].columns
    index = Index(64, narrow(400), 0, b"x")
    write(reversed(batches), tmp_path / ".sorting", 10, [Megatron(tmp_path / "megatron", index)])
    assert trainers.megatron(tmp_path / "megatron" / "pretrain") == [row["input_ids"] for row in packed[:7]]
    assert trainers.megatron(tmp_path / "megatron" / "anneal") == [row["input_ids"] for row in packed[7:]]
    assert [(item["name"], item["first"]) for item in index.phases] == [("pretrain", 0), ("anneal", 7)]


def test_large_vocabularies_take_four_bytes():
    assert (narrow(65_535), narrow(65_536)) == (np.dtype(np.uint16), np.dtype(np.int32))
