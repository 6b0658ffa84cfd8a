"""Rows as the readers of trainers give them: run by tests/pack/test_trainers.py in an environment that has them.

    python trainer_readers.py megatron PREFIX        megatron.core.datasets.indexed_dataset.IndexedDataset
    python trainer_readers.py mds FOLDER             streaming.StreamingDataset

Prints one JSON list of ids for each row.
"""

from __future__ import annotations

import json
import sys


def megatron(prefix: str) -> list[list[int]]:
    """By Megatron's own class."""
    from megatron.core.datasets.indexed_dataset import IndexedDataset

    data = IndexedDataset(prefix, mmap=True)
    return [data[row].tolist() for row in range(len(data))]


def mds(folder: str) -> list[list[int]]:
    """By MosaicML's data set, in the order of the rows."""
    from streaming import StreamingDataset

    data = StreamingDataset(local=folder, shuffle=False, batch_size=1)
    return [data[row]["input_ids"].tolist() for row in range(len(data))]


if __name__ == "__main__":
    json.dump({"megatron": megatron, "mds": mds}[sys.argv[1]](sys.argv[2]), sys.stdout)
