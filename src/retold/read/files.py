"""Opening what a recipe names: local paths and remote addresses, compressed or not, as bounded streams.

In: a path or an fsspec address. Out: objects with `read(size)`. Compression is told by the first bytes, never by the
name, so a renamed file reads alike. Decompression goes through Arrow's streams (gzip with several members, zstd with
several frames, lz4 frames), which give out no more than they are asked for and, unlike the usual Python readers of
zstd, say when a file ends too early. What they give is bounded by what was read (`read/limits.py`).

Two kinds of trouble are kept apart. What is wrong with the bytes is `Damaged`, and becomes a verdict. What is wrong
with the disk or the network is SourceError, and stops the part so that it can be run again: a connection that breaks
must never be counted as a document that is bad.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import fsspec
import pyarrow as pa

from retold.core.errors import SourceError, plainly
from retold.read import limits

CHUNK = 1 << 16
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x04\x22\x4d\x18", "lz4"))


class Damaged(Exception):
    """The bytes of a file are damaged from here on. `reason` is a code of `read/reasons.py`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Readable(Protocol):
    """What readers need of a stream."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; b"" at the end. Raises Damaged."""
        ...


def is_remote(path: str) -> bool:
    """Whether `path` is an address with a protocol, for fsspec, and not a local path."""
    return "://" in path


class Input(io.RawIOBase):
    """A file, seekable, whose I/O errors are SourceError: they are about the disk or the network, not the document."""

    def __init__(self, path: str, expected: int | None = None) -> None:
        super().__init__()
        self._path = path
        try:
            if is_remote(path):
                self._file: Any = fsspec.open(path, "rb").open()
            else:
                self._file = Path(path).open("rb")  # noqa: SIM115  closed with this object
            size = self._file.seek(0, io.SEEK_END) if expected is not None else None
            if size is not None:
                self._file.seek(0)
        except Exception as error:  # each file system behind fsspec has errors of its own kind
            raise SourceError(
                f"{path} cannot be opened: {plainly(error)}", "Check that it is still there and readable."
            ) from error
        if size is not None and size != expected:
            self._file.close()
            raise SourceError(
                f"{path} has {size:,} bytes, but {expected:,} when the run was planned",
                "Do not change files while they are read; plan again.",
            )

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`. Raises SourceError for an I/O error."""
        try:
            data = self._file.read(len(buffer))
        except Exception as error:
            raise SourceError(
                f"{self._path} cannot be read: {plainly(error)}", "Run again; finished parts are kept."
            ) from error
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As in io."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """As in io."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close the file beneath."""
        if not self.closed:
            self._file.close()
        super().close()


class _Decompressed:
    def __init__(self, file: io.BufferedReader[Any], codec: str) -> None:
        self._file, self._given = file, 0
        self._stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), codec)

    def read(self, size: int = -1, /) -> bytes:
        try:
            data = bytes(self._stream.read(CHUNK if size < 0 else size))
        except (OSError, pa.ArrowException) as error:
            reason = "truncated" if "Truncated" in str(error) else "damaged_file"
            raise Damaged(reason, str(error)) from error
        self._given += len(data)
        packed = self._file.tell()
        if self._given > limits.unpacked(packed):
            raise Damaged("decompression_bomb", f"{self._given:,} bytes from {packed:,}")
        return data


def codec(file: io.BufferedReader[Any]) -> str:
    """The compression of `file` by its first bytes: gzip, zstd, lz4, or "" for none."""
    head = file.peek(4)[:4]
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "")


def decompressed(file: io.BufferedReader[Any]) -> Readable:
    """The content of `file`, whatever its compression."""
    name = codec(file)
    return _Decompressed(file, name) if name else file


def read_whole(stream: Readable, limit: int) -> bytes | None:
    """All of a stream, or None when it holds more than `limit` bytes. At most `limit` + 64 kB are ever in memory."""
    pieces, size = [], 0
    while piece := stream.read(CHUNK):
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def lines(stream: Readable, limit: int) -> Iterator[bytes | None]:
    """The lines of a stream without their ends; None for a line of more than `limit` bytes, which is skipped unread.

    Memory is bounded by `limit` + 64 kB, however long a line is.
    """
    pending: list[bytes] = []
    size = 0
    while chunk := stream.read(CHUNK):
        *complete, rest = chunk.split(b"\n")
        for line in complete:
            pending.append(line)
            yield b"".join(pending) if size + len(line) <= limit else None
            pending, size = [], 0
        size += len(rest)
        if size <= limit:
            pending.append(rest)
        else:
            pending.clear()
    if size:
        yield b"".join(pending) if size <= limit else None
