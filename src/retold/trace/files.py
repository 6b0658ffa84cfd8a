"""What lies beside a store and how each kind of file is made to forget.

    ERASERS    file or folder -> what is done to it; a kind that is not here stops the erasure before it begins

Shards and texts lose their rows in place: only files that hold some are written anew, all others keep every byte. Other
formats and pages are deleted whole: the next run, or the command that made them, makes them again from the rows.
Folders that a killed run left behind go.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retold.pack import kept
from retold.pack.export import SHARDS, TEXTS
from retold.pack.export.borders import with_borders
from retold.pack.export.parquet import ROW_COLUMNS, _write
from retold.runner.made import forget as unmade
from retold.store.erase import Forgotten
from retold.trace.blank import blanked
from retold.trace.index import FOLDER

HIDDEN = ("packing", "sorting", "new", kept.FOLDER.removeprefix("."))
"""In the names of what is written and renamed, or thrown away when a stage is done."""
PAGES = ("report.html", "pilot.html", "against.html", "README.md", "datasheet.json")


@dataclass(frozen=True)
class Erasing:
    """The folder beside the store, what goes, and the id that fills packed rows up."""

    folder: Path
    forgotten: Forgotten
    end: int


def _shards(task: Erasing) -> int:
    """Shards that hold tokens of what goes, written anew."""
    changed = 0
    for path in sorted((task.folder / SHARDS).glob("[0-9]*.parquet")):
        looked = pq.read_table(path, columns=["documents"])
        if blanked(looked, task.forgotten.ids, task.end) is looked:
            continue
        table = pq.read_table(path)
        rows = blanked(table.select(list(ROW_COLUMNS)), task.forgotten.ids, task.end).combine_chunks()
        _replace(with_borders(rows) if "cu_seqlens" in table.column_names else rows, path)
        changed += 1
    return changed


def _texts(task: Erasing) -> int:
    """Files of texts that hold some of what goes, written anew."""
    changed = 0
    for path in sorted((task.folder / TEXTS).glob("[0-9]*.parquet")):
        names = pq.read_table(path, columns=["document_id"])
        mask = task.forgotten.among(names, ["document_id"])
        if not pc.any(mask).as_py():
            continue
        left = pq.read_table(path).filter(pc.invert(mask))
        _replace(left, path)
        changed += 1
    return changed


def _replace(table: pa.Table, path: Path) -> None:
    hidden = path.with_name(f".new-{path.name}")
    _write(table, hidden)
    hidden.replace(path)


def _remade(name: str) -> Callable[[Erasing], int]:
    def eraser(task: Erasing) -> int:
        """Deleted; the next run writes it again from the rows."""
        unmade(task.folder, (name,))
        there = (task.folder / name).is_dir()
        shutil.rmtree(task.folder / name, ignore_errors=True)
        return int(there)

    return eraser


def _page(name: str) -> Callable[[Erasing], int]:
    def eraser(task: Erasing) -> int:
        """Deleted: a page holds samples."""
        there = (task.folder / name).exists()
        (task.folder / name).unlink(missing_ok=True)
        return int(there)

    return eraser


def _kept(task: Erasing) -> int:
    """Nothing: it holds no text."""
    del task
    return 0


ERASERS: Mapping[str, Callable[[Erasing], int]] = {
    SHARDS: _shards,
    TEXTS: _texts,
    "megatron": _remade("megatron"),
    "mds": _remade("mds"),
    "npy": _remade("npy"),
    **{name: _page(name) for name in PAGES},
    "tokenizer.json": _kept,  # which pieces of words are common; no document
    "select.npy": _kept,  # weights of hashed words
    "select.classifier": _kept,
    FOLDER: _kept,  # brought up to date after the shards, which it is made from
    "store": _kept,  # table by table: store/erase.py
    "made.json": _kept,
    "recipe.path": _kept,
    "store.path": _kept,
}


def leftovers(folder: Path) -> int:
    """Remove what killed runs left: hidden folders and files in the folder and in those of exports."""
    gone = 0
    for place in (folder, *(folder / name for name in ERASERS if (folder / name).is_dir() and name != "store")):
        for path in place.iterdir():
            if _left(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                gone += 1
    return gone


def unknown(folder: Path) -> list[str]:
    """Names in the folder that no eraser is for."""
    return sorted(path.name for path in folder.iterdir() if path.name not in ERASERS and not _left(path))


def _left(path: Path) -> bool:
    return path.name.startswith(".") and any(word in path.name for word in HIDDEN)
