"""Noise by document, from its id and a seed and nothing else: what draws at random here draws by it.

In: ids of documents as two 64-bit halves. Out: Gumbel noise; the largest of it is a uniform draw without replacement,
and added to log weights, a weighted one. Neither order nor parts nor workers change what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from retold.core.fingerprint import digest

ID = np.dtype([("high", ">u8"), ("low", ">u8")])


def as_ids(names: Iterable[bytes]) -> npt.NDArray[Any]:
    """Ids of 16 bytes each as an array of their halves."""
    return np.frombuffer(b"".join(names), dtype=ID)


def hexadecimal(name: Any) -> str:
    """An id as documents have it."""
    high, low = name.tolist()
    return f"{high:016x}{low:016x}"


def gumbel(ids: npt.NDArray[Any], seed: int) -> npt.NDArray[np.float64]:
    """Gumbel noise by document."""
    value = ids["low"].astype(np.uint64) ^ np.uint64(int(digest("gumbel", seed)[:16], 16))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    value ^= value >> np.uint64(31)
    uniform = ((value >> np.uint64(11)).astype(np.float64) + 0.5) / float(1 << 53)
    noise: npt.NDArray[np.float64] = -np.log(-np.log(uniform))
    return noise
