"""Exports read back by the readers of trainers themselves, installed for this test alone.

RETOLD_TRAINERS may name a Python that has megatron-core, torch and mosaicml-streaming already.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import retold
from support import trainers

READERS = Path(trainers.__file__).with_name("trainer_readers.py")
RECIPE = """\
sources: {docs: {read: python_docs}}
rephrase: {rules: all}
mix: {phases: {pretrain: {parts: {real: 70%, retelling: 30%}}, anneal: {tokens: 9k, parts: {real: 1}}}}
pack: {tokenizer: train, length: 1024, rows_per_shard: 50, formats: [megatron, mds, npy], borders: true}
"""
PACKAGES = ("megatron-core", "torch", "mosaicml-streaming")


def python_of(folder: Path) -> Path:
    if os.environ.get("RETOLD_TRAINERS"):
        return Path(os.environ["RETOLD_TRAINERS"])
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def asked(python: Path, kind: str, where: Path) -> list[list[int]]:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([python, READERS, kind, where], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.prove
def test_trainers_read_the_same_tokens(tmp_path):
    """Kills: a header that only our own reading of the format accepts."""
    path = tmp_path / "trainers.yaml"
    path.write_text(RECIPE)
    session = retold.run(path)
    out = session.recipe.folder
    rows = session.scan("packed").sort("row")
    ids, phases = rows["input_ids"].to_list(), rows["phase"].to_list()
    python = python_of(tmp_path / "peer")
    for phase in ("pretrain", "anneal"):
        expected = [row for row, name in zip(ids, phases, strict=True) if name == phase]
        assert asked(python, "megatron", out / "megatron" / phase) == expected
    assert asked(python, "mds", out / "mds") == ids
    assert np.concatenate([np.load(file) for file in sorted((out / "npy").glob("?????.npy"))]).tolist() == ids
    datasets = pytest.importorskip("datasets")
    files = str(out / "shards" / "*.parquet")
    loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"), split="train")
    assert [row["input_ids"] for row in loaded] == ids
    print(
        f"{len(ids)} rows of {len(ids[0])} tokens: Megatron's IndexedDataset, StreamingDataset, datasets, numpy: equal"
    )
