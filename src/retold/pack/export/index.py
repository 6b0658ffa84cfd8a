"""`retold.json`: what stands in a folder of exported rows, and where to go on after so many of them.

    {"rows": 12000, "length": 1024, "dtype": "uint16", "end": 0, "tokens": ..., "tokenizer": digest,
     "phases": [{"name": "pretrain", "first": 0, "rows": 9000}, ...],
     "files": [{"name": "00000.npy", "first": 0, "rows": 8192}, ...]}

`first` is the number of the first row: a training that has read n rows goes on in the file with first <= n < first +
rows, at row n - first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from retold.core.fingerprint import digest_bytes

INDEX = "retold.json"


def narrow(largest: int) -> np.dtype[Any]:
    """The smallest type of tokens that trainers read: uint16, or int32."""
    return np.dtype(np.uint16) if largest < 1 << 16 else np.dtype(np.int32)


@dataclass
class Index:
    """Counts rows while they are written."""

    length: int
    dtype: np.dtype[Any]
    end: int
    tokenizer: bytes
    rows: int = 0
    tokens: int = 0
    phases: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def count(self, table: pa.Table, name: str) -> None:
        """Rows that were added to a file."""
        for phase in table["phase"].to_pylist():
            if not self.phases or self.phases[-1]["name"] != phase:
                self.phases.append({"name": phase, "first": self.rows, "rows": 0})
            self.phases[-1]["rows"] += 1
            if not self.files or self.files[-1]["name"] != name:
                self.files.append({"name": name, "first": self.rows, "rows": 0})
            self.files[-1]["rows"] += 1
            self.rows += 1
        self.tokens += int(flat(table, "loss_mask").sum(dtype=np.int64))

    def write(self, folder: Path) -> None:
        """Write `retold.json`."""
        found = {
            "rows": self.rows,
            "length": self.length,
            "dtype": str(self.dtype),
            "end": self.end,
            "tokens": self.tokens,
            "tokenizer": digest_bytes(self.tokenizer),
            "phases": self.phases,
            "files": self.files,
        }
        (folder / INDEX).write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def flat(table: pa.Table, column: str) -> Any:
    """The values of a column of lists, one row after the other."""
    return table[column].combine_chunks().flatten().to_numpy()
