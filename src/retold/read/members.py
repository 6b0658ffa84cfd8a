"""Streams over an archive that can be entered again behind damage.

A web archive is a row of records, and a compressed one (`.warc.gz`) is a row of gzip members, one a record. One
flipped bit must cost one record and not the rest of the file, so these streams know where reading can start anew:

    Plain     uncompressed; the next line that begins "WARC/"
    Members   gzip; the next member that unpacks to something that begins "WARC/"
    Solid     zstd, lz4: no second entrance, reading ends at the damage

`read` never gives bytes of two members at once. The parser asks only when it has used up what it got, so the place
of a record in the unpacked bytes tells the member it came from. Members that unpack to more than asked for are
bounded by `zlib`'s own limit: a decompression bomb costs 64 kB at a time, and `read/limits.py` ends it.
"""

from __future__ import annotations

import io
import zlib
from typing import Any, Protocol

from retold.read import limits
from retold.read.files import CHUNK, Damaged, Readable, decompressed

_GZIP = b"\x1f\x8b\x08"
_HEAD = b"WARC/"
_AUTO_HEADER = 31


class Archive(Protocol):
    """A stream with a place to start anew. `damage` is set once the bytes are found damaged."""

    damage: Damaged | None

    def read(self, size: int = -1, /) -> bytes:
        """Unpacked bytes. Raises Damaged, and sets `damage`."""
        ...

    def tell(self) -> int:
        """Unpacked bytes given so far."""
        ...

    def next_start(self, position: int, length: int) -> int | None:
        """Where in the file to start anew behind the record at `position` with content of `length` bytes, or None."""
        ...


class Plain:
    """An uncompressed archive from `start` on."""

    def __init__(self, file: io.BufferedReader[Any], start: int) -> None:
        self._file, self._start, self._given = file, start, 0
        self.damage: Damaged | None = None
        file.seek(start)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        data = self._file.read(CHUNK if size < 0 else size)
        self._given += len(data)
        return data

    def tell(self) -> int:
        """Bytes given so far."""
        return self._given

    def next_start(self, position: int, length: int) -> int | None:
        """The next header line behind the content. A page cannot feign one: its own bytes are skipped."""
        return find_header(self._file, self._start + position + length)


def find_header(file: io.BufferedReader[Any], offset: int) -> int | None:
    """The first offset above `offset` at which a line begins with a record's first words."""
    mark = b"\n" + _HEAD
    file.seek(offset)
    kept = b""
    while chunk := file.read(CHUNK):
        window = kept + chunk
        found = window.find(mark)
        if found >= 0:
            return offset - len(kept) + found + 1
        kept = window[-len(mark) :]
        offset += len(chunk)
    return None


class Solid:
    """A compressed archive without entrances."""

    def __init__(self, file: io.BufferedReader[Any]) -> None:
        file.seek(0)
        self._stream: Readable = decompressed(file)
        self._given = 0
        self.damage: Damaged | None = None

    def read(self, size: int = -1, /) -> bytes:
        """The next unpacked bytes."""
        try:
            data = self._stream.read(CHUNK if size < 0 else size)
        except Damaged as error:
            self.damage = error
            raise
        self._given += len(data)
        return data

    def tell(self) -> int:
        """Unpacked bytes given so far."""
        return self._given

    def next_start(self, position: int, length: int) -> int | None:
        """None: there is no second entrance."""
        return None


class Members:
    """A gzip archive from the member at `start` on."""

    def __init__(self, file: io.BufferedReader[Any], start: int) -> None:
        self._file, self._start, self._at, self._given = file, start, start, 0
        self._input = b""
        self._member = zlib.decompressobj(_AUTO_HEADER)
        self._begun = False
        self._starts: list[tuple[int, int]] = []  # (unpacked bytes before it, its offset), for members not yet settled
        self.damage: Damaged | None = None
        file.seek(start)

    def tell(self) -> int:
        """Unpacked bytes given so far."""
        return self._given

    def read(self, size: int = -1, /) -> bytes:
        """The next unpacked bytes of one member."""
        if self.damage:
            raise self.damage
        while True:
            if not self._input:
                self._input = self._file.read(CHUNK)
                if not self._input:
                    return self._fail("truncated", "in the middle of a gzip member") if self._begun else b""
            if not self._begun and not self._begin():
                return b""
            data = self._unpack(CHUNK if size < 0 else min(size, CHUNK))
            if data:
                self._given += len(data)
                packed = self._at - self._start
                if self._given > limits.unpacked(packed):
                    return self._fail("decompression_bomb", f"{self._given:,} bytes from {packed:,}")
                return data

    def _begin(self) -> bool:
        """Note where a member begins; False for zeros that pad the end."""
        if not self._input.strip(b"\0") and not self._file.peek(1).strip(b"\0"):
            return False
        self._begun = True
        self._starts.append((self._given, self._at))
        return True

    def _unpack(self, size: int) -> bytes:
        before = len(self._input)
        try:
            data = self._member.decompress(self._input, size)
        except zlib.error as error:
            return self._fail("damaged_file", str(error))
        rest = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        self._at += before - len(rest)
        self._input = rest
        if self._member.eof:
            self._member, self._begun = zlib.decompressobj(_AUTO_HEADER), False
        elif not data and not rest and before:
            return b""
        return data

    def _fail(self, reason: str, detail: str) -> bytes:
        self.damage = Damaged(reason, detail)
        raise self.damage

    def settle(self, position: int) -> None:
        """Forget the members before the record at `position`."""
        while len(self._starts) > 1 and self._starts[1][0] <= position:
            self._starts.pop(0)

    def next_start(self, position: int, length: int) -> int | None:
        """The next member: behind the damaged one, or behind the one with the record at `position`."""
        known = next((offset for given, offset in self._starts if given > position), None)
        if self.damage is None and known is not None:
            return known
        return find_member(self._file, self._starts[-1][1] + 1) if self._starts else None


def find_member(file: io.BufferedReader[Any], offset: int) -> int | None:
    """The first offset from `offset` on with a gzip member that unpacks to a record."""
    kept = b""
    while True:
        file.seek(offset)
        window = kept + file.read(CHUNK)
        if len(window) <= len(kept):
            return None
        base = offset - len(kept)
        found = window.find(_GZIP)
        while found >= 0:
            if _holds_record(file, base + found):
                return base + found
            found = window.find(_GZIP, found + 1)
        offset = base + len(window)
        kept = window[-len(_GZIP) + 1 :]


def _holds_record(file: io.BufferedReader[Any], offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(_AUTO_HEADER).decompress(file.read(CHUNK), CHUNK).startswith(_HEAD)
    except zlib.error:
        return False


def hidden_member(file: io.BufferedReader[Any]) -> int | None:
    """The first whole member of a gzip archive whose first bytes are damaged, so that nothing tells what it is."""
    if file.peek(len(_HEAD)).startswith(_HEAD) or find_header(file, 0) is not None:
        file.seek(0)
        return None
    return find_member(file, 1)


def open_archive(file: io.BufferedReader[Any], codec: str, start: int) -> Archive:
    """The archive in `file` from `start` on. `codec` as from `files.codec`."""
    if codec == "gzip":
        return Members(file, start)
    return Solid(file) if codec else Plain(file, start)
