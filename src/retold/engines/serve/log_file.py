"""A server's log: bounded in size, readable by its owner alone, without the key in it.

In: the bytes that a server prints. Out: `replica-0.log` with at most `bytes_kept`, what came before in
`replica-0.log.1`, and the last lines for people. The bound is twice `bytes_kept` on disk, however long it runs.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import BinaryIO

BYTES_KEPT = 8 << 20
TAIL_LINES = 60
LONGEST_LINE = 4096
_HIDDEN = b"***"


class LogFile:
    """Written with `write`, closed with `close`."""

    def __init__(self, path: Path, secret: str = "", bytes_kept: int = BYTES_KEPT) -> None:
        self.path = path
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._secret = secret.encode()
        self._kept = bytes_kept
        self._rest = b""
        self._file = self._open("ab")

    def write(self, data: bytes) -> None:
        """Whole lines are written at once; a key never falls between two writes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > LONGEST_LINE:
            # Kept back: as much as could be the beginning of a key.
            cut = len(self._rest) - len(self._secret)
            self._line(self._rest[:cut])
            self._rest = self._rest[cut:]
        self._file.flush()

    def say(self, line: str) -> None:
        """A line of our own."""
        self.write(f"[retold] {line}\n".encode())

    def forget_tail(self) -> None:
        """A new life begins: what the last one said explains nothing any more."""
        self.tail.clear()

    def close(self) -> None:
        """Write what is left."""
        if self._rest:
            self._line(self._rest)
            self._rest = b""
        self._file.close()

    def _line(self, line: bytes) -> None:
        if self._secret:
            line = line.replace(self._secret, _HIDDEN)
        # A progress bar overwrites its line: what it said last counts.
        line = line.rstrip(b"\r").rpartition(b"\r")[2]
        if self._file.tell() + len(line) >= self._kept:
            self._file.close()
            self.path.replace(self.path.with_name(self.path.name + ".1"))
            self._file = self._open("wb")
        self._file.write(line + b"\n")
        self.tail.append(line.decode("utf-8", "replace"))

    def _open(self, mode: str) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if mode == "ab" else os.O_TRUNC)
        return os.fdopen(os.open(self.path, flags, 0o600), mode)  # type: ignore[return-value]
