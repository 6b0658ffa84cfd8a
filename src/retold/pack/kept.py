"""Tokens kept between the two passes of packing, so that every text is tokenised once.

    with Kept(folder, part) as kept: kept.add(tokenised)     while places are counted, in the process that counts
    read(folder, part) -> Iterator[list[Tokenised]] | None   when rows are made; None: tokenise again

A file for each part of the input, 4 bytes for each token, written beside its place and renamed when it is whole: a part
whose file is missing (another machine counted it, a run was killed) is tokenised again, with the same outcome. The
folder is removed when rows are made. Half of packing's time is saved: 75 % of it was the tokenizer, run twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from retold.core.fingerprint import digest
from retold.pack.files import space_checked
from retold.pack.tokenize import Tokenised, lists

FOLDER = ".tokens"
_SCHEMA = pa.schema(
    [
        ("document_id", pa.string()),
        ("ids", pa.list_(pa.int32())),
        ("starts", pa.list_(pa.int64())),
        ("char_starts", pa.list_(pa.int64())),
        ("char_ends", pa.list_(pa.int64())),
        ("silent", pa.list_(pa.int32())),
    ]
)


class Kept:
    """Writes the tokens of one part. Leaving with an error leaves nothing."""

    def __init__(self, folder: Path, part: str) -> None:
        self._path = _path(folder, part)
        self._hidden = self._path.with_suffix(".new")
        self._writer: Any = None

    def __enter__(self) -> Kept:
        with space_checked(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pa.ipc.new_stream(str(self._hidden), _SCHEMA)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            with suppress(OSError):  # what went wrong is being told already, a full disk too
                self._writer.close()
            self._hidden.unlink(missing_ok=True)
            return
        with space_checked(self._path.parent):
            self._writer.close()
        self._hidden.replace(self._path)

    def add(self, found: Sequence[Tokenised]) -> None:
        """The next documents."""
        arrays = [
            pa.array([item.document_id for item in found], pa.string()),
            lists([item.ids for item in found]),
            *(pa.array([getattr(item, name) for item in found], pa.list_(pa.int64()))
              for name in ("starts", "char_starts", "char_ends")),
            lists([item.silent for item in found]),
        ]  # fmt: skip
        with space_checked(self._path.parent):
            self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA))


def read(folder: Path, part: str) -> Iterator[list[Tokenised]] | None:
    """The documents of a part, a batch at a time; None where they were not kept."""
    path = _path(folder, part)
    return _read(path) if path.exists() else None


def _read(path: Path) -> Iterator[list[Tokenised]]:
    with pa.OSFile(str(path)) as file:
        for batch in pa.ipc.open_stream(file):
            ids, silent = (_slices(batch[name]) for name in ("ids", "silent"))
            rest = [batch[name].to_pylist() for name in ("starts", "char_starts", "char_ends")]
            yield [Tokenised(*row) for row in zip(batch["document_id"].to_pylist(), ids, *rest, silent, strict=True)]


def _slices(column: Any) -> list[Any]:
    values = column.values.to_numpy()
    bounds = column.offsets.to_numpy().tolist()
    return [values[start:end] for start, end in zip(bounds, [*bounds[1:], bounds[-1]], strict=True)][:-1]


def clear(folder: Path) -> None:
    """Remove what was kept."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _path(folder: Path, part: str) -> Path:
    return folder / FOLDER / f"{digest('tokens', part)}.arrow"
