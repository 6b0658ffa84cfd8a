"""Files that are one document: their bytes, decompressed and within the limit, or the verdict on why not."""

from __future__ import annotations

from io import BufferedReader

from retold.core.verdict import Verdict
from retold.read.files import Damaged, Input, decompressed, read_whole
from retold.read.raw import File, unreadable
from retold.read.settings import Source


def load(file: File, name: str, source: Source) -> bytes | Verdict:
    """All bytes of a file, at most `source.max_bytes`. Raises SourceError when the file itself cannot be read."""
    with BufferedReader(Input(file.path, file.bytes)) as handle:
        try:
            data = read_whole(decompressed(handle), source.max_bytes)
        except Damaged as error:
            return unreadable(name, file, "", error.reason, error.detail)
    return unreadable(name, file, "", "too_big") if data is None else data
