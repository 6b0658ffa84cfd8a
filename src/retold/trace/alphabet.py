"""How a text becomes the numbers that an index holds: ids of the recipe's tokenizer, or bytes where nothing is packed.

In: a text. Out: `Encoded`, one row a token: its id, and the characters that it stands for. Packed shards hold the ids a
model was trained on, so they are indexed as they are; the documents of a store without shards are indexed as UTF-8,
which needs no tokenizer and four times the room.

A tokenizer that cuts text at words first (all that are in use do) gives the same ids to the same words wherever they
stand, so equal ids are equal text; the first word of a line is another token than the same word after a space.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from retold.core.fingerprint import digest, digest_bytes
from retold.pack.tokenizer import FILE, Encoder, load
from retold.text.words import words

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """The tokens of a text. Token k is `text[starts[k]:ends[k]]`; tokens that share a character each have it whole."""

    text: str
    ids: Ids
    starts: Ids
    ends: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, start: int, end: int) -> str:
        """The text of tokens start to end (exclusive)."""
        return self.text[int(self.starts[start]) : int(self.ends[end - 1])]


class Alphabet(Protocol):
    """What tokens are. `size` ids and, as the id `size`, a border that no text has; `dtype` holds them all."""

    name: str
    size: int

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The narrowest type for ids and the border."""
        ...

    def encode(self, text: str) -> Encoded:
        """The tokens of a text."""
        ...

    def decode(self, ids: NDArray[Any]) -> str:
        """The text of ids; what is no whole character becomes U+FFFD."""
        ...

    def characters(self, ids: NDArray[Any]) -> int:
        """How many characters that text has."""
        ...

    @property
    def goes_on(self) -> NDArray[np.bool_]:
        """Which ids begin with a letter or digit: after a word they make it longer."""
        ...


def narrowest(largest: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned type that holds this number."""
    return np.dtype(np.uint8 if largest < 1 << 8 else np.uint16 if largest < 1 << 16 else np.uint32)


class Tokens:
    """The ids of a tokenizer; the end of a text is one of them, and no text spells it."""

    def __init__(self, path: Path, end_of_text: str) -> None:
        self._made_of = path, end_of_text
        self._encoder: Encoder = load(path, end_of_text)
        self.size = self._encoder.largest + 1
        self.name = digest("trace tokens", digest_bytes(path.read_bytes()), end_of_text)

    def __reduce__(self) -> tuple[type[Tokens], tuple[Path, str]]:
        """A worker process loads the file anew."""
        return type(self), self._made_of

    @classmethod
    def of(cls, folder: Path, end_of_text: str) -> Tokens:
        """The tokenizer that the shards in this folder were made with."""
        return cls(folder / FILE, end_of_text)

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """Two bytes for a vocabulary below 65,535."""
        return narrowest(self.size)

    def encode(self, text: str) -> Encoded:
        """Special tokens off, as packing does."""
        ids = self._encoder.ids([text])[0]
        starts, ends = self._encoder.characters(text, ids)
        return Encoded(text, np.array(ids, np.int64), np.asarray(starts, np.int64), np.asarray(ends, np.int64))

    def decode(self, ids: NDArray[Any]) -> str:
        """End tokens left out."""
        return self._encoder.decode(ids.tolist())

    def characters(self, ids: NDArray[Any]) -> int:
        """By decoding: a row is short."""
        return len(self.decode(ids))

    @cached_property
    def goes_on(self) -> NDArray[np.bool_]:
        """Looked up once for each id."""
        every = np.arange(self.size + 1)
        return np.array([_is_word(self.decode(every[token : token + 1])[:1]) for token in every.tolist()])


class Utf8:
    """Bytes. No UTF-8 has the byte 255, so the border needs no room of its own."""

    name = digest("trace utf-8")
    size = 255

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """One byte."""
        return np.dtype(np.uint8)

    def encode(self, text: str) -> Encoded:
        """Each byte of a character has the whole character as its text."""
        data = np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
        first = (data & 0xC0) != 0x80
        places = np.cumsum(first) - 1
        return Encoded(text, data.astype(np.int64), places, places + 1)

    def decode(self, ids: NDArray[Any]) -> str:
        """Bytes that are no character, at the edges of a window, become U+FFFD."""
        data: bytes = ids[ids != self.size].astype(np.uint8).tobytes()
        return data.decode("utf-8", "replace")

    def characters(self, ids: NDArray[Any]) -> int:
        """Without decoding: a document may be long, and each of its places asks for what is before it."""
        return int(np.count_nonzero((ids & 0xC0) != 0x80))

    @cached_property
    def goes_on(self) -> NDArray[np.bool_]:
        """Letters and digits of ASCII; bytes of other characters count as letters."""
        return np.array([_is_word(chr(byte)) if byte < 128 else byte < 255 for byte in range(256)])


def _is_word(character: str) -> bool:
    return bool(words(character))
