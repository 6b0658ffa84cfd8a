"""Files that are there as a whole or not at all.

Neither pyarrow nor any other Parquet writer leaves a readable file behind when it is killed half-way, so every file is
written in a hidden folder beside its place, flushed to the disk, and renamed. `Staged` does this for a set of numbered
files: what an older run left is removed only after all new ones are in place, and nothing else in the folder is
touched. A kill between two renames leaves a mix of whole old and whole new files; running the step again mends that.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from retold.core.errors import DiskFull

_HIDDEN = ".new"


@contextlib.contextmanager
def space_checked(folder: Path) -> Iterator[None]:
    """Turns "no space left" into DiskFull, which says where."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"no space left for {folder}", "free some space and run again: nothing is lost") from error
        raise


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Staged:
    """Numbered files `00000<suffix>` of one folder, replaced together. Use with `with`; `commit` puts them in place."""

    def __init__(self, folder: Path, suffix: str = ".parquet") -> None:
        self.folder = folder
        self.suffix = suffix
        self._hidden = folder / _HIDDEN
        self._names: list[str] = []

    def __enter__(self) -> Staged:
        shutil.rmtree(self._hidden, ignore_errors=True)
        with space_checked(self.folder):
            self._hidden.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._hidden, ignore_errors=True)

    def next(self) -> Path:
        """Where to write the next file."""
        self._names.append(f"{len(self._names):05d}{self.suffix}")
        return self._hidden / self._names[-1]

    def commit(self) -> list[Path]:
        """Rename all files into place, then remove numbered files of an older, longer set. Returns the new paths."""
        with space_checked(self.folder):
            for name in self._names:
                _flush(self._hidden / name)
            for name in self._names:
                (self._hidden / name).replace(self.folder / name)
            for old in sorted(self.folder.iterdir()):
                if old.name not in self._names and self._ours(old):
                    old.unlink()
            _flush(self.folder)
        return [self.folder / name for name in self._names]

    def _ours(self, path: Path) -> bool:
        stem = path.name.removesuffix(self.suffix)
        return path.is_file() and stem != path.name and len(stem) >= 5 and stem.isascii() and stem.isdigit()


class Replaced:
    """A folder of our own, written beside its place and put there as a whole. Use with `with`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder.with_name(f".{folder.name}{_HIDDEN}")
        """Where to write."""

    def __enter__(self) -> Replaced:
        shutil.rmtree(self.path, ignore_errors=True)
        with space_checked(self.folder.parent):
            self.path.mkdir(parents=True)
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def commit(self) -> list[Path]:
        """Put the folder in the place of an older one. Between the two there is none; running again mends that."""
        with space_checked(self.folder.parent):
            names = sorted(path.name for path in self.path.iterdir())
            for name in names:
                _flush(self.path / name)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.path.replace(self.folder)
            _flush(self.folder.parent)
        return [self.folder / name for name in names]


def write_whole(path: Path, content: bytes) -> None:
    """Replace one file by `content`, atomically."""
    hidden = path.with_name(f".{path.name}{_HIDDEN}")
    with space_checked(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden.write_bytes(content)
        _flush(hidden)
        hidden.replace(path)
        _flush(path.parent)
