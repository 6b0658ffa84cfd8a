"""One memory-mapped piece of the index: the tokens of some rows, their suffix array, and whose they are.

    NAME/tokens.npy      1, 2 or 4 bytes a token     rows one after the other, a border after each
    NAME/suffixes.npy    4 bytes a token
    NAME/begins.npy      8 bytes an id of the vocabulary
    NAME/pieces.npy      60 bytes for each piece of a document: where it is, whose it is, its first character

In: rows (`Row`), from packed shards or from the documents of a store. A segment is written in a hidden folder and
renamed, so it is there as a whole or not at all; its name is the digest of what it was made from. Nothing is read into
memory when it is opened but `begins` and the starts of pieces.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retold.core.errors import RetoldError
from retold.pack.files import space_checked
from retold.trace import suffixes
from retold.trace.alphabet import narrowest

MOST_TOKENS = 32 << 20
"""Of one segment. It is sorted in 16 bytes of memory for each token of 2 bytes, 500 MB."""

PIECE = np.dtype(
    [("start", "<i4"), ("end", "<i4"), ("document", "S32"), ("character", "<i8"), ("row", "<i8"), ("offset", "<i4")]
)
Pieces = NDArray[Any]


@dataclass(frozen=True)
class Row:
    """Tokens side by side. `pieces`: (first token, last + 1, document, its first character) of each document in it."""

    number: int
    ids: NDArray[Any]
    pieces: Sequence[tuple[int, int, str, int]]


@dataclass(frozen=True)
class Occurrence:
    """Where a token of a segment is: in which piece, and how far from the piece's first token."""

    document_id: str
    row: int
    offset: int
    place: int
    piece: tuple[int, int]
    character: int


class Segment:
    """An open segment: `tokens`, `order`, `begins`, `pieces`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.tokens, self.order = (
                np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))
                for name in ("tokens.npy", "suffixes.npy")
            )
            self.begins: NDArray[np.int64] = np.load(folder / "begins.npy", allow_pickle=False)
            self.pieces: Pieces = np.asarray(np.load(folder / "pieces.npy", mmap_mode="r", allow_pickle=False))
        except (OSError, ValueError) as error:
            raise RetoldError(
                f"{folder} is no segment of an index", "delete the folder trace: it is made again when it is needed"
            ) from error

    @cached_property
    def starts(self) -> NDArray[np.int32]:
        """The first token of each piece."""
        return np.ascontiguousarray(self.pieces["start"])

    @cached_property
    def documents(self) -> NDArray[np.int64]:
        """A number for each piece, the same for pieces of one document."""
        _, numbers = np.unique(self.pieces["document"], return_inverse=True)
        return numbers

    @property
    def bytes(self) -> int:
        """On disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def longest(
        self, query: NDArray[np.int64], reach: NDArray[np.int64], where: tuple[int, int], lengths: NDArray[np.int64]
    ) -> None:
        """See `suffixes.longest`."""
        suffixes.longest(query, reach, where, self.tokens, self.order, self.begins, lengths)

    def found(self, query: NDArray[np.int64], start: int, end: int) -> tuple[int, int]:
        """The range of the order whose suffixes begin with query[start:end]."""
        return suffixes.found(query, start, end, self.tokens, self.order, self.begins)

    def pieces_of(self, places: NDArray[np.int32]) -> NDArray[np.int64]:
        """The piece that holds each of these tokens."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def at(self, place: int) -> Occurrence:
        """Whose token this is."""
        piece = self.pieces[int(self.pieces_of(np.array([place], np.int32))[0])]
        start, end = int(piece["start"]), int(piece["end"])
        offset = int(piece["offset"]) + place - start
        name = piece["document"].decode("ascii")
        return Occurrence(name, int(piece["row"]), offset, place, (start, end), int(piece["character"]))


def write(folder: Path, name: str, rows: Iterable[Row], size: int, tokens: int) -> None:
    """Make the segment `folder / name` of rows with `tokens` tokens in all (borders counted), ids below `size`."""
    hidden = folder / f".new-{name}"
    shutil.rmtree(hidden, ignore_errors=True)
    held = np.full(tokens, size, narrowest(size))
    pieces: list[tuple[int, int, bytes, int, int, int]] = []
    place = 0
    for row in rows:
        held[place : place + len(row.ids)] = row.ids
        for start, end, document, character in row.pieces:
            pieces.append((place + start, place + end, document.encode("ascii"), character, row.number, start))
        place += len(row.ids) + 1
    with space_checked(folder):
        hidden.mkdir(parents=True)
        np.save(hidden / "tokens.npy", held)
        np.save(hidden / "pieces.npy", np.array(pieces, PIECE))
        np.save(hidden / "begins.npy", suffixes.begins(held, size))
        np.save(hidden / "suffixes.npy", suffixes.order(held))
        for path in hidden.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        shutil.rmtree(folder / name, ignore_errors=True)
        hidden.replace(folder / name)
