"""Best-fit decreasing: which row each document goes to, from token counts alone.

    arrange(tokens, tickets, length) -> Layout

`tokens[i]` are the places that document i takes, its end token included, in shuffled order; `tickets[i]` is a random
number of its own, independent of that order.

A document longer than a row is cut into whole rows and a tail; tails and short documents are then put, longest first,
into the fullest row that still has room. So a document is cut only where it must be (concatenating and cutting every
`length` tokens cuts about one document per row), and little is left empty. Following Ding et al. 2024, "Fewer
Truncations Improve Language Modeling", with a bit set over the `length` possible amounts of room in place of a segment
tree: one shift and one lowest bit for a document.

The whole rows of a long document stand directly before the row with its tail, in order. These groups of rows are then
put in the order of the tickets of their first placed document, so rows of long and short documents are mixed. (The
shuffled order will not do here: of documents with equal length the earlier ones fill gaps and the later ones open
rows, which put rows of short documents last: 15 % shorter in the second half than in the first.) Inside a row documents
keep their shuffled order.

Resident: 122 bytes per document at the peak, 32 after, all in numpy arrays; 1.4 seconds for a million documents.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 16
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of documents, by document: its whole rows, then the place of its tail (-1 without one)."""

    rows: int
    whole: Integers
    """How many rows the document fills alone."""
    first_row: Integers
    """The first of these; -1 where there are none."""
    tail_row: Integers
    tail_offset: Integers

    def places(self, document: int) -> list[tuple[int, int]]:
        """(row, offset in the row) of each piece of a document, in order."""
        first = int(self.first_row[document])
        found = [(first + part, 0) for part in range(int(self.whole[document]))]
        if self.tail_row[document] >= 0:
            found.append((int(self.tail_row[document]), int(self.tail_offset[document])))
        return found


def best_fit(sizes: Integers, capacity: int) -> tuple[Integers, Integers]:
    """Bins by best-fit decreasing. Returns (bin of each item, first item of each bin).

    `sizes` are 0 to `capacity`; items of size 0 get bin -1. Equal sizes are placed in the order given, and among bins
    with equal room the one that got it last is used.
    """
    order = np.argsort(-sizes, kind="stable")
    bins = np.full(len(sizes), -1, dtype=np.int64)
    newest = [-1] * (capacity + 1)  # by room: the newest bin with that much
    below = array("q")  # by bin: the next older bin with the same room
    openers = array("q")
    rooms = 0  # bit r is set where some bin has room r
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        for item, size in zip(block.tolist(), sizes[block].tolist(), strict=True):
            if size == 0:
                break
            fitting = rooms >> size
            if fitting:
                room = size + (fitting & -fitting).bit_length() - 1
                chosen = newest[room]
                newest[room] = below[chosen]
                if newest[room] < 0:
                    rooms ^= 1 << room
            else:
                room, chosen = capacity, len(openers)
                openers.append(item)
                below.append(-1)
            bins[item] = chosen
            left = room - size
            if left:
                below[chosen] = newest[left]
                newest[left] = chosen
                rooms |= 1 << left
    return bins, np.frombuffer(openers, dtype=np.int64) if openers else np.empty(0, dtype=np.int64)


def _sums_before(values: Integers, groups: Integers) -> Integers:
    """For each element, the sum of the earlier elements of its group."""
    order = np.argsort(groups, kind="stable")
    sums = np.cumsum(values[order]) - values[order]
    grouped = groups[order]
    first = np.r_[True, grouped[1:] != grouped[:-1]]
    starts = sums[first][np.cumsum(first) - 1]
    result = np.empty_like(sums)
    result[order] = sums - starts
    return result


def arrange(tokens: Integers, tickets: NDArray[np.uint64], length: int) -> Layout:
    """The row and the offset of every document. Raises ValueError for a document without tokens."""
    if len(tokens) and int(tokens.min()) < 1:
        raise ValueError("every document has at least one token, its end")
    if not len(tokens):
        none = np.empty(0, dtype=np.int64)
        return Layout(0, none, none, none, none)
    whole, tails = tokens // length, tokens % length
    groups, openers = best_fit(tails, length)
    bins = len(openers)
    alone = np.flatnonzero(groups < 0)  # documents that fill their rows exactly: groups of their own
    groups[alone] = bins + np.arange(len(alone))
    openers = np.r_[openers, alone]
    sizes = np.bincount(groups, weights=whole, minlength=len(openers)).astype(np.int64)
    sizes[:bins] += 1
    shuffled = np.argsort(tickets[openers], kind="stable")
    starts = np.empty_like(sizes)
    starts[shuffled] = np.cumsum(sizes[shuffled]) - sizes[shuffled]
    first_row = np.where(whole > 0, starts[groups] + _sums_before(whole, groups), -1)
    tail_row = np.where(tails > 0, starts[groups] + sizes[groups] - 1, -1)
    tail_offset = np.where(tails > 0, _sums_before(tails, groups), 0)
    return Layout(int(sizes.sum()), whole, first_row, tail_row, tail_offset)


def joined(layouts: Sequence[Layout]) -> Layout:
    """Layouts one below the other: the rows of the second follow those of the first."""
    if not layouts:
        return arrange(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64), 1)
    offsets = np.cumsum([0, *(layout.rows for layout in layouts)]).tolist()
    moved = [
        [np.where(rows >= 0, rows + offset, -1) for rows in (layout.first_row, layout.tail_row)]
        for layout, offset in zip(layouts, offsets, strict=False)
    ]
    return Layout(
        offsets[-1],
        np.concatenate([layout.whole for layout in layouts]),
        np.concatenate([first for first, _ in moved]),
        np.concatenate([tail for _, tail in moved]),
        np.concatenate([layout.tail_offset for layout in layouts]),
    )
