"""Lists that the user names in files, one entry a line: block lists of hosts, words for addresses, unsafe words.

In: paths as under `sources` (files, folders, patterns, addresses; packed or not). A list's place is execution, its
content identity: the digest of each file is in the step's identity, so a list that changed reads and measures anew.
Out: the lines, without blank ones, comments (`#` and what follows it) and spaces around. A file that is not UTF-8 text,
or that changed size since it was pinned, is SourceError: a list half read would let through what it should stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import PrivateAttr, ValidationInfo, field_validator

from retold.clean.entry import Entry
from retold.core.errors import SourceError
from retold.read import File, Source, pin
from retold.read.files import Damaged, Input, decompressed, lines
from retold.read.reader import files

LINE = 4_096
Files = tuple[File, ...]


class Listed(Entry):
    """An entry that names lists. `LISTS` are its fields that do."""

    LISTS: ClassVar[tuple[str, ...]] = ()
    _files: Mapping[str, Files] = PrivateAttr(default_factory=dict)

    @field_validator("*", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any, info: ValidationInfo) -> Any:
        many = info.field_name and cls.model_fields[info.field_name].annotation == tuple[str, ...]
        return (value,) if many and isinstance(value, str) else value

    def pinned(self, base: Path) -> Self:
        """The same entry with its lists found from the recipe's folder. Raises SourceError for a wrong path."""
        found = self.model_copy()
        found._files = {name: pinned(getattr(self, name), base) for name in self.LISTS}
        for name in self.LISTS:
            if getattr(self, name) and next(entries(found._files[name]), None) is None:
                raise SourceError(f"the lists under {name} hold nothing", "Name files with one entry a line.")
        return found

    def listed(self, name: str) -> Files:
        """The files of one list; looked for from the working folder where no recipe has found them before."""
        return (self._files or self.pinned(Path())._files)[name]

    def versions(self) -> dict[str, Any]:
        """The digests of the files of each list."""
        return {name: [file.digest for file in self.listed(name)] for name in self.LISTS}


def pinned(paths: tuple[str, ...], base: Path) -> Files:
    """The files of a list by content. Raises SourceError for a path that means nothing."""
    if not paths:
        return ()
    return tuple(file for part in pin("list", Source(read="text", paths=paths), base) for file in files(part))


def entries(found: Files) -> Iterator[tuple[str, str]]:
    """(entry, where it stands, for messages) of all files. Raises SourceError for what is no list."""
    for file in found:
        with BufferedReader(Input(file.path, file.bytes)) as handle:
            try:
                for number, line in enumerate(lines(decompressed(handle), LINE), 1):
                    where = f"{file.label}, line {number:,}"
                    if entry := _text(line, where).partition("#")[0].strip():
                        yield entry, where
            except Damaged as error:
                raise SourceError(f"{file.label} is damaged: {error.detail}", "Fetch the list again.") from error


def _text(line: bytes | None, where: str) -> str:
    try:
        if line is not None:
            return line.decode("utf-8-sig")
        problem = f"longer than {LINE:,} bytes"
    except UnicodeDecodeError:
        problem = "not UTF-8"
    raise SourceError(f"{where} is {problem}", "Lists are UTF-8 text with one entry a line.")
