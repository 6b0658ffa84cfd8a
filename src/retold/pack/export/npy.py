"""Plain numpy: `npy/00000.npy` with tokens [rows, length], `00000.mask.npy` beside it, and a loader of twenty lines.

    for ids, mask in rows("out/npy", first=120_000, worker=3, workers=8): ...

Files are memory-mapped, so opening one costs nothing. Row n is the same whoever reads it: of `workers` readers, reader
w takes rows w, w + workers, ... of those from `first` on, so all of them together read the one order, and a training
that stopped after `first` rows goes on with any other number of them. With `borders: true` there is `00000.cu.npy`:
[sequences, 2], the row (within its file) and the token at which each document or padding begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from retold.pack.export.borders import borders as borders_of
from retold.pack.export.index import INDEX, Index, flat
from retold.pack.files import Replaced, space_checked


class Npy:
    """Writes a file for each table of rows."""

    def __init__(self, folder: Path, index: Index, borders: bool) -> None:
        self._folder = Replaced(folder)
        self._index = index
        self._borders = borders
        self._files = 0

    def __enter__(self) -> Npy:
        self._folder.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._folder.__exit__(*error)

    def add(self, table: pa.Table) -> None:
        """The next rows."""
        stem, shape = f"{self._files:05d}", (table.num_rows, self._index.length)
        with space_checked(self._folder.path):
            np.save(
                self._folder.path / f"{stem}.npy", flat(table, "input_ids").astype(self._index.dtype).reshape(shape)
            )
            np.save(self._folder.path / f"{stem}.mask.npy", flat(table, "loss_mask").reshape(shape))
            if self._borders:
                begins, rows, _ = borders_of(table)
                np.save(self._folder.path / f"{stem}.cu.npy", np.stack([rows, begins], axis=1))
        self._index.count(table, f"{stem}.npy")
        self._files += 1

    def commit(self) -> list[Path]:
        """Write the index and put all in place."""
        self._index.write(self._folder.path)
        return self._folder.commit()


def rows(
    folder: Path | str, first: int = 0, worker: int = 0, workers: int = 1
) -> Iterator[tuple[NDArray[Any], NDArray[np.uint8]]]:
    """(tokens, loss mask) of the rows `first + worker`, `first + worker + workers`, ... Raises ValueError otherwise."""
    if not (first >= 0 and 0 <= worker < workers):
        raise ValueError(f"reader {worker} of {workers} from row {first} is none")
    path = Path(folder)
    number = first + worker
    for file in json.loads((path / INDEX).read_text("utf-8"))["files"]:
        end = file["first"] + file["rows"]
        if number >= end:
            continue
        ids = np.load(path / file["name"], mmap_mode="r", allow_pickle=False)
        mask = np.load(path / file["name"].replace(".npy", ".mask.npy"), mmap_mode="r", allow_pickle=False)
        while number < end:
            yield ids[number - file["first"]], mask[number - file["first"]]
            number += workers
