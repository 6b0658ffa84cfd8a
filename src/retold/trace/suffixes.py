"""The suffix array of a list of tokens, and compiled search in it.

    order(tokens)                               int32, one for each token: places in the order of what follows them
    begins(tokens, size)                        where in that order each token's suffixes begin
    longest(query, reach, where, index...)      how many tokens from each place of the query stand somewhere
    found(query, start, end, index...)          the range of the order whose suffixes begin with query[start:end]

Sorted with libdivsufsort (Mori's two-stage induced sorting, through pydivsufsort) over big-endian bytes, of which the
aligned suffixes are kept: that is the order of tokens. Searching by bisection within the suffixes of the first token,
counting the tokens that both ends agree on so that none is compared again (Manber and Myers 1990): with 8,192 tokens a
tenth of a hundred million suffixes' 27 steps remain to be made. A search reads a handful of pages of memory-mapped
files and no more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydivsufsort import divsufsort

from retold.text.compiled import compiled

Tokens = NDArray[np.unsignedinteger]
Places = NDArray[np.int32]
Ints = NDArray[np.int64]
MOST = (1 << 31) - 1
"""Bytes that one array can have; longer lists are several."""


def order(tokens: Tokens) -> Places:
    """The suffix array. Memory while it is made: 4 bytes for each byte of tokens beside the result."""
    if tokens.nbytes > MOST:
        raise ValueError(f"{len(tokens):,} tokens are too many for one suffix array")
    if not len(tokens):
        return np.empty(0, np.int32)
    width = tokens.itemsize
    found: Places = divsufsort(tokens.astype(tokens.dtype.newbyteorder(">")).view(np.uint8))
    if width > 1:
        found = found[found % width == 0]
        found //= width
    return found


def begins(tokens: Tokens, size: int) -> Ints:
    """`begins[t]` to `begins[t + 1]` is where the suffixes that begin with token t are; `size` ids and the border."""
    counts = np.bincount(tokens, minlength=size + 1)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


@compiled
def _agree(query: Ints, start: int, known: int, tokens: Tokens, place: int, most: int) -> int:
    """How many tokens query[start:] and the suffix at `place` agree on, `known` of them for sure, at most `most`."""
    count = known
    limit = min(most, len(tokens) - place)
    while count < limit and query[start + count] == tokens[place + count]:
        count += 1
    return count


@compiled
def _edge(
    query: Ints, start: int, most: int, tokens: Tokens, suffixes: Places, begins: Ints, after: bool
) -> tuple[int, int]:
    """Where query[start:start + most] would stand in the order (before or after its equals), and the best agreement."""
    token = query[start]
    low, high = begins[token], begins[token + 1]
    best = 0
    known_low = known_high = 1
    if low < high:
        best = 1
    while low < high:
        middle = (low + high) // 2
        place = suffixes[middle]
        agreed = _agree(query, start, min(known_low, known_high), tokens, place, most)
        best = max(best, agreed)
        if agreed == most:
            smaller = after
        elif place + agreed == len(tokens):
            smaller = True
        else:
            smaller = tokens[place + agreed] < query[start + agreed]
        if smaller:
            low, known_low = middle + 1, agreed
        else:
            high, known_high = middle, agreed
    return low, best


@compiled
def longest(
    query: Ints, reach: Ints, where: tuple[int, int], tokens: Tokens, suffixes: Places, begins: Ints, lengths: Ints
) -> None:
    """For each place first <= p < last: the tokens from p on that stand somewhere, in `lengths[p]` (which only grows).

    No more than `reach[p]` are looked at: a text that stands there as a whole would cost the square of its length.
    """
    first, last = where
    for start in range(first, last):
        if reach[start]:
            _, best = _edge(query, start, reach[start], tokens, suffixes, begins, False)
            lengths[start] = max(lengths[start], best)


@compiled
def found(query: Ints, start: int, end: int, tokens: Tokens, suffixes: Places, begins: Ints) -> tuple[int, int]:
    """The range of the order whose suffixes begin with query[start:end], which is not empty."""
    low, _ = _edge(query, start, end - start, tokens, suffixes, begins, False)
    high, _ = _edge(query, start, end - start, tokens, suffixes, begins, True)
    return low, high
