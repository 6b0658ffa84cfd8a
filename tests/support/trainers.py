"""Readers of exported rows, written from the published descriptions of the formats alone; none of our writers is used.

`megatron` follows megatron/core/datasets/indexed_dataset.py of Megatron-LM, `mds` streaming/base/format/mds/reader.py
of MosaicML Streaming. The readers themselves are asked by `tests/pack/test_trainers.py`, which installs them.
"""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np

TYPES = {1: np.uint8, 2: np.int8, 3: np.int16, 4: np.int32, 5: np.int64, 6: np.float64, 7: np.float32, 8: np.uint16}


def megatron(prefix: Path) -> list[list[int]]:
    """The sequences of an indexed data set."""
    with prefix.with_suffix(".idx").open("rb") as file:
        assert file.read(9) == b"MMIDIDX\x00\x00"
        (version,) = struct.unpack("<Q", file.read(8))
        (code,) = struct.unpack("<B", file.read(1))
        sequences, borders = struct.unpack("<QQ", file.read(16))
        assert version == 1
        lengths = np.frombuffer(file.read(4 * sequences), dtype="<i4")
        pointers = np.frombuffer(file.read(8 * sequences), dtype="<i8")
        documents = np.frombuffer(file.read(8 * borders), dtype="<i8")
        assert file.read() == b"" and documents[0] == 0 and documents[-1] == sequences
    data = np.memmap(prefix.with_suffix(".bin"), dtype=np.uint8, mode="r")
    kind = np.dtype(TYPES[code])
    assert len(data) == int(lengths.sum()) * kind.itemsize
    return [
        np.frombuffer(data, dtype=kind, count=length, offset=pointer).tolist()
        for length, pointer in zip(lengths, pointers, strict=True)
    ]


def mds(folder: Path) -> list[dict[str, list[int]]]:
    """The samples of all shards."""
    found = []
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    for shard in index["shards"]:
        content = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(content) == shard["raw_data"]["bytes"]
        count = int(np.frombuffer(content, np.uint32, 1)[0])
        offsets = np.frombuffer(content, np.uint32, count + 1, 4)
        header = json.loads(content[4 + 4 * (count + 1) : offsets[0]])
        assert count == shard["samples"] and header["column_names"] == shard["column_names"]
        for begin, end in pairwise(offsets):
            sample, place = {}, int(begin)
            for name, encoding, size in zip(
                shard["column_names"], shard["column_encodings"], shard["column_sizes"], strict=True
            ):
                word, kind, shape = encoding.split(":")
                assert word == "ndarray" and size == int(shape) * np.dtype(kind).itemsize
                sample[name] = np.frombuffer(content[place : place + size], kind).tolist()
                place += size
            assert place == end
            found.append(sample)
    return found
