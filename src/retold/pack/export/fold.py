"""The fold "export" itself: which folders, from which rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from retold.core.step import Output, Part, View
from retold.pack.export.index import INDEX, Index, narrow
from retold.pack.export.mds import Mds
from retold.pack.export.megatron import Megatron
from retold.pack.export.npy import Npy
from retold.pack.export.parquet import SHARDS, TEXT_COLUMNS, TEXTS, TEXTS_PER_FILE, ParquetShards, export_texts
from retold.pack.export.write import SORTING, RowWriter, write
from retold.pack.settings import FORMATS, PackSettings
from retold.pack.tokenizer import FILE, load


class Export:
    """Fold: writes `view.folder / "shards"`, "texts" and a folder for each other format, and yields no rows."""

    name = "export"
    version = 2
    writes: tuple[str, ...] = ()

    def __init__(self, settings: PackSettings) -> None:
        self.settings = settings
        self.files = (SHARDS, TEXTS, *settings.formats)

    def identity(self) -> Mapping[str, Any]:
        """How rows and texts are divided into files, which texts are written, and in which other formats."""
        return {
            "rows_per_shard": self.settings.rows_per_shard,
            "texts_per_file": TEXTS_PER_FILE,
            "kinds": list(self.settings.kinds),
            "formats": list(self.settings.formats),
            "borders": self.settings.borders,
        }

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Nothing: files are written from the tables."""
        del part, view
        yield from ()

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Write all files. Raises StoreError where packed rows are missing or double, DiskFull without space."""
        del sketches
        settings = self.settings
        shards = view.folder / SHARDS
        writers: list[RowWriter] = [ParquetShards(shards, settings.borders), *self._others(view)]
        write(view.read("packed"), shards / SORTING, settings.rows_per_shard, writers)
        for name in FORMATS:
            if name not in settings.formats and (view.folder / name / INDEX).exists():
                shutil.rmtree(view.folder / name)
        kinds = settings.kinds
        export_texts(lambda: view.documents(kinds, columns=TEXT_COLUMNS), view.folder / TEXTS, TEXTS_PER_FILE)
        yield from ()

    def _others(self, view: View) -> Iterator[RowWriter]:
        if not self.settings.formats:
            return
        path = view.folder / FILE
        encoder = load(path, self.settings.end_of_text)
        dtype, length, content = narrow(encoder.largest), self.settings.length, path.read_bytes()
        for name in self.settings.formats:
            index, folder = Index(length, dtype, encoder.end, content), view.folder / name
            if name == "megatron":
                yield Megatron(folder, index)
            elif name == "mds":
                yield Mds(folder, index, self.settings.borders)
            else:
                yield Npy(folder, index, self.settings.borders)
