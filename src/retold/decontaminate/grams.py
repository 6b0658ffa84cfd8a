"""A hash table from n-grams to small numbers, for compiled code: what both methods look n-grams up in.

`build` takes the hashes of n-grams, repeats allowed, and numbers the different ones by value, so the same n-grams give
the same table in any order. `find` looks one up: first in a filter of one bit in sixteen (it stays in the cache of the
processor, and most n-grams of a text end there), then in the table by open addressing. 16 to 32 bytes an n-gram.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retold.text.compiled import compiled

ABSENT = -1


class Grams(NamedTuple):
    """`keys` by slot (0: free), `numbers` by slot, and the filter's bits."""

    keys: npt.NDArray[np.uint64]
    numbers: npt.NDArray[np.int32]
    bits: npt.NDArray[np.uint64]


def build(hashes: npt.NDArray[np.uint64]) -> tuple[Grams, npt.NDArray[np.uint64]]:
    """The table, and the different hashes by their number."""
    different = np.unique(hashes)
    slots = 1 << max(4, int(2 * len(different)).bit_length())
    keys = np.zeros(slots, np.uint64)
    numbers = np.full(slots, ABSENT, np.int32)
    grams = Grams(keys, numbers, np.zeros(1 << (len(different) // 4).bit_length(), np.uint64))
    _insert(different, grams)
    return grams, different


@compiled
def _insert(hashes: npt.NDArray[np.uint64], grams: Grams) -> None:
    mask = np.uint64(len(grams.keys) - 1)
    most = np.uint64(len(grams.bits) * 64 - 1)
    for number in range(len(hashes)):
        key = hashes[number] | np.uint64(1)
        bit = (key >> np.uint64(20)) & most
        grams.bits[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
        slot = (key >> np.uint64(1)) & mask
        while grams.keys[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        grams.keys[slot] = key
        grams.numbers[slot] = number


@compiled
def find(grams: Grams, value: np.uint64) -> int:
    """The number of the n-gram with this hash, or ABSENT."""
    key = value | np.uint64(1)
    bit = (key >> np.uint64(20)) & np.uint64(len(grams.bits) * 64 - 1)
    if not (grams.bits[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1):
        return ABSENT
    mask = np.uint64(len(grams.keys) - 1)
    slot = (key >> np.uint64(1)) & mask
    while grams.keys[slot] != 0:
        if grams.keys[slot] == key:
            return int(grams.numbers[slot])
        slot = (slot + np.uint64(1)) & mask
    return ABSENT
