"""Megatron-LM's indexed data set: `megatron/PHASE.bin` holds tokens, `PHASE.idx` where each row begins.

Each packed row is one sequence and one document, so that nothing is packed again across rows; train with a sequence
length of `pack.length`, `--reset-position-ids` and `--reset-attention-mask` for attention within documents (they go by
the end token). Without a mixture the prefix is `megatron/packed`. Megatron takes the loss mask from the end token and
its own flags: text without loss (reflections) is trained on there, which `retold.json` says.

The format, from its published reader (megatron/core/datasets/indexed_dataset.py): "MMIDIDX\\0\\0", version 1 and a code
for the type (4: int32, 8: uint16), counts of sequences and of document borders, then lengths (int32), byte offsets of
sequences (int64), and the sequence at which each document begins (int64). All little-endian.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from retold.pack.export.index import Index, flat
from retold.pack.files import Replaced, space_checked

MAGIC = b"MMIDIDX\x00\x00"
CODES = {"uint16": 8, "int32": 4}
ONLY = "packed"


class Megatron:
    """Writes one prefix for each phase."""

    def __init__(self, folder: Path, index: Index) -> None:
        self._folder = Replaced(folder)
        self._index = index
        self._open: dict[str, IO[bytes]] = {}
        self._rows: dict[str, int] = {}

    def __enter__(self) -> Megatron:
        self._folder.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        for file in self._open.values():
            file.close()
        self._folder.__exit__(*error)

    def add(self, table: pa.Table) -> None:
        """The next rows."""
        length, phases = self._index.length, table["phase"].to_pylist()
        tokens = flat(table, "input_ids").astype(self._index.dtype)
        start = 0
        for place in range(1, len(phases) + 1):
            if place < len(phases) and phases[place] == phases[start]:
                continue
            name = phases[start] or ONLY
            file = self._open.get(name) or (self._folder.path / f"{name}.bin").open("wb")
            self._open[name] = file
            with space_checked(self._folder.path):
                file.write(tokens[start * length : place * length].tobytes())
            self._rows[name] = self._rows.get(name, 0) + place - start
            self._index.count(table.slice(start, place - start), f"{name}.bin")
            start = place

    def commit(self) -> list[Path]:
        """Write the indexes and put all in place."""
        for name, file in self._open.items():
            file.close()
            (self._folder.path / f"{name}.idx").write_bytes(self._idx(self._rows[name]))
        self._open.clear()
        self._index.write(self._folder.path)
        return self._folder.commit()

    def _idx(self, rows: int) -> bytes:
        length, width = self._index.length, self._index.dtype.itemsize
        head = MAGIC + struct.pack("<QBQQ", 1, CODES[str(self._index.dtype)], rows, rows + 1)
        sizes = np.full(rows, length, dtype="<i4")
        pointers = np.arange(rows, dtype="<i8") * (length * width)
        return head + sizes.tobytes() + pointers.tobytes() + np.arange(rows + 1, dtype="<i8").tobytes()
