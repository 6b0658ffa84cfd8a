"""MosaicML Streaming's MDS: `mds/shard.00000.mds` ... and `index.json`, for `streaming.StreamingDataset(local=...)`.

A sample is a row: `input_ids` and `loss_mask` as arrays of a fixed shape, with `borders: true` also `position_ids` and
`sequence_ids`. The format, from its published reader (streaming/base/format/mds): the number of samples, their byte
offsets and the end of the last (uint32 all), a JSON header that repeats the columns, then the samples, whose columns of
fixed size stand one after the other in the order of their names.

Offsets are 32 bits, so a shard ends before 2 GiB whatever `rows_per_shard` says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retold.pack.export.borders import flat_ids
from retold.pack.export.index import Index, flat
from retold.pack.files import Replaced, space_checked

LARGEST = 1 << 31


class Mds:
    """Writes a shard for each table of rows, more where it would be too large."""

    def __init__(self, folder: Path, index: Index, borders: bool) -> None:
        self._folder = Replaced(folder)
        self._index = index
        types: dict[str, Any] = {"input_ids": index.dtype, "loss_mask": np.dtype(np.uint8)}
        if borders:
            types |= {"position_ids": np.dtype(np.int32), "sequence_ids": np.dtype(np.int32)}
        self._types = dict(sorted(types.items()))
        self._shards: list[dict[str, Any]] = []

    def __enter__(self) -> Mds:
        self._folder.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._folder.__exit__(*error)

    @property
    def _sizes(self) -> list[int]:
        return [kind.itemsize * self._index.length for kind in self._types.values()]

    def add(self, table: pa.Table) -> None:
        """The next rows."""
        most = max(1, LARGEST // (sum(self._sizes) + 4) - 1)
        for start in range(0, table.num_rows, most):
            self._shard(table.slice(start, most).combine_chunks())

    def _shard(self, table: pa.Table) -> None:
        rows, length = table.num_rows, self._index.length
        values: dict[str, Any] = {name: flat(table, name) for name in ("input_ids", "loss_mask")}
        if "position_ids" in self._types:
            values["position_ids"], values["sequence_ids"] = flat_ids(table)
        columns: list[NDArray[np.uint8]] = [
            np.ascontiguousarray(values[name].astype(kind)).view(np.uint8).reshape(rows, kind.itemsize * length)
            for name, kind in self._types.items()
        ]
        samples = np.concatenate(columns, axis=1)
        header = json.dumps(self._described(), sort_keys=True).encode()
        first = 4 + 4 * (rows + 1) + len(header)
        offsets = (np.arange(rows + 1, dtype=np.int64) * samples.shape[1] + first).astype("<u4")
        name = f"shard.{len(self._shards):05d}.mds"
        content = np.uint32(rows).tobytes() + offsets.tobytes() + header + samples.tobytes()
        with space_checked(self._folder.path):
            (self._folder.path / name).write_bytes(content)
        self._shards.append(
            {
                **self._described(),
                "raw_data": {"basename": name, "bytes": len(content), "hashes": {}},
                "samples": rows,
                "version": 2,
                "zip_data": None,
            }
        )
        self._index.count(table, name)

    def _described(self) -> dict[str, Any]:
        return {
            "column_encodings": [f"ndarray:{kind}:{self._index.length}" for kind in self._types.values()],
            "column_names": list(self._types),
            "column_sizes": self._sizes,
            "compression": None,
            "format": "mds",
            "hashes": [],
            "size_limit": None,
            "version": 2,
        }

    def commit(self) -> list[Path]:
        """Write both indexes and put all in place."""
        text = json.dumps({"shards": self._shards, "version": 2}, sort_keys=True)
        (self._folder.path / "index.json").write_text(text, "utf-8")
        self._index.write(self._folder.path)
        return self._folder.commit()
