"""From a position of a packed row to the characters that it came from, checked by tokenising them again.

    locate(row, offset, text_of, encoder) -> Position

A range of a row (`pack/__init__.py`) gives the document and the characters of all its tokens. For one token: the
document is tokenised as a whole, the range is found in it, and the shortest stretch of tokens around the position is
taken whose characters, tokenised alone, give exactly these ids: the token itself where that is so, else whole
characters, a word, a few words, the range, the document. So what is returned holds by having been tried, for every
position of a row that is not padding; a range that is not found in its document is a StoreError.

Cost: one tokenisation of the document (a memory of the last one serves neighbouring positions).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retold.core.errors import RetoldError, StoreError
from retold.pack.tokenize import begins
from retold.pack.tokenizer import Encoder, Offsets

What = Literal["text", "end", "padding"]
WORDS = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Position:
    """One position of a row. For a token of text, `ids` are those of the characters `[char_start, char_end)`.

    `first` is the place of `ids[0]` among the tokens of the document. "end" is the token that ends a document and has
    no characters; "padding" belongs to none. `loss`: whether the token trains.
    """

    what: What
    token: int
    loss: bool
    document_id: str = ""
    char_start: int = 0
    char_end: int = 0
    ids: tuple[int, ...] = ()
    first: int = 0


@dataclass(frozen=True)
class _Tokens:
    """A document as it is tokenised."""

    text: str
    ids: NDArray[np.int64]
    starts: Offsets
    ends: Offsets


class Locator:
    """Finds positions. `text_of` gives the text of a document and raises where there is none."""

    def __init__(self, encoder: Encoder, text_of: Callable[[str], str]) -> None:
        self._encoder = encoder
        self._text_of = text_of
        self._last: tuple[str, _Tokens] | None = None

    def locate(self, row: Mapping[str, Any], offset: int) -> Position:
        """The position `offset` of a row of the table `packed`.

        Raises RetoldError for an offset that the row has not, StoreError where row and document do not agree.
        """
        ids: Sequence[int] = row["input_ids"]
        if not 0 <= offset < len(ids):
            raise RetoldError(f"a row has positions 0 to {len(ids) - 1}, not {offset}")
        token, loss = int(ids[offset]), bool(row["loss_mask"][offset])
        found = next((item for item in row["documents"] if item["token_start"] <= offset < item["token_end"]), None)
        if found is None:
            return Position("padding", token, loss)
        name = str(found["document_id"])
        tokens = self._tokens(name)
        piece = np.asarray(ids[found["token_start"] : found["token_end"]], dtype=np.int64)
        first = self._first(tokens, piece, int(found["char_start"]))
        if first is None:
            raise StoreError(
                f"row {row['row']} does not hold the tokens of document {name} that it says it holds",
                "run again with another output folder, and compare the two",
            )
        place = first + offset - int(found["token_start"])
        if place == len(tokens.ids):
            return Position("end", token, loss, name, len(tokens.text), len(tokens.text), (), place)
        start, stop = self._shortest(tokens, place, (first, min(first + len(piece), len(tokens.ids))))
        span = int(tokens.starts[start]), int(tokens.ends[stop - 1])
        return Position("text", token, loss, name, *span, tuple(tokens.ids[start:stop].tolist()), start)

    def _tokens(self, name: str) -> _Tokens:
        if self._last is None or self._last[0] != name:
            text = self._text_of(name)
            ids = self._encoder.ids([text])[0]
            self._last = name, _Tokens(text, np.asarray(ids, dtype=np.int64), *self._encoder.characters(text, ids))
        return self._last[1]

    def _first(self, tokens: _Tokens, piece: NDArray[np.int64], character: int) -> int | None:
        """The place in the document of a piece whose first token begins at `character`."""
        whole = np.append(tokens.ids, self._encoder.end)
        if character == len(tokens.text):
            candidates = [len(tokens.ids), *_at(tokens.starts, character)]
        else:
            candidates = _at(tokens.starts, character)
        for place in candidates:
            if np.array_equal(whole[place : place + len(piece)], piece):
                return place
        return None

    def _shortest(self, tokens: _Tokens, place: int, piece: tuple[int, int]) -> tuple[int, int]:
        """The shortest of some stretches around a token whose characters give its ids again."""
        for start, stop in _stretches(tokens, place, piece):
            text = tokens.text[int(tokens.starts[start]) : int(tokens.ends[stop - 1])]
            if self._encoder.ids([text])[0] == tokens.ids[start:stop].tolist():
                return start, stop
        return 0, len(tokens.ids)


def _at(starts: Offsets, character: int) -> list[int]:
    low, high = np.searchsorted(starts, [character, character + 1])
    return list(range(int(low), int(high)))


def _stretches(tokens: _Tokens, place: int, piece: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Stretches of tokens around `place` that begin and end between characters, growing."""
    start, stop = place, place + 1
    while start > 0 and tokens.starts[start] < tokens.ends[start - 1]:
        start -= 1
    while stop < len(tokens.ids) and tokens.starts[stop] < tokens.ends[stop - 1]:
        stop += 1
    yield start, stop
    for words in WORDS:
        yield _word(tokens, start, -1, words), _word(tokens, stop, 1, words)
    yield piece


def _word(tokens: _Tokens, token: int, step: int, words: int) -> int:
    """The border of words that is the `words`-th from a token, in one direction; the token itself may be the first."""
    while 0 < token < len(tokens.ids):
        character = int(tokens.starts[token])
        if begins(tokens.text, character) and tokens.ends[token - 1] <= character:
            words -= 1
            if not words:
                return token
        token += step
    return token
