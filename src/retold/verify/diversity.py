"""Diversity: are a style's retellings many texts, or one template many times?

In: `Sketch` rows of retellings, about 130 bytes each, made from their texts one by one. Out: `Figures` of a block of
one style's retellings:

    opening      share of the most common beginning (five words, numbers made equal): "here are five facts about"
    distinct     distinct word pairs / word pairs, from those whose hash falls into a sixteenth (a fair sample)
    neighbour    mean similarity of a retelling to the nearest of another document (8 minima of its word triples)
    compression  mean compressed size / size of single retellings: low where they repeat themselves
    drift        Jensen-Shannon divergence in bits (0 to 1) of word pairs from those of another model, same style

`alarms` says which pass the recipe's limits. Limits are for blocks of a thousand: shares of openings fall, and
distinct pairs fall too, with the number of texts. Methods: distinct-n (Li et al. 2016), MinHash (Broder 1997);
FinePhrase names the collapse. Trade-off: words and no meanings; a template in other words each time is not seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from retold.core.quantity import Share
from retold.core.settings import Settings, identity
from retold.text.words import fold, words
from retold.verify.repetition import compression

Rows = npt.NDArray[np.void]

OPENING_WORDS: Final = 5
SAMPLED: Final = 12
SIXTEENTH: Final = 16
MINIMA: Final = 8
_BINS: Final = 512
SKETCH: Final = np.dtype(
    [
        ("opening", "u8"),
        ("pairs", "u4", (SAMPLED,)),
        ("sampled", "u2"),
        ("minima", "u4", (MINIMA,)),
        ("compression", "f4"),
        ("document", "u8"),
    ]
)
"""One retelling. `pairs` holds `sampled` hashes of word pairs (at most 12, which suits texts of up to 200 words)."""

_SALTS: Final = np.array([0x9E3779B1 * (2 * at + 1) & 0xFFFFFFFF | 1 for at in range(MINIMA)], np.uint64)


class DiversitySettings(Settings):
    """Limits for a block of one style. `on_alarm`: keep of a too common beginning what the limit allows, or stop."""

    opening: Share = identity(0.05, gt=0, le=1)
    distinct: Share = identity(0.0, ge=0, le=1)
    neighbour: Share = identity(1.0, ge=0, le=1)
    compression: Share = identity(0.0, ge=0, le=1)
    drift: Share = identity(1.0, ge=0, le=1)
    block: int = identity(1000, ge=10)
    least: int = identity(100, ge=2)
    on_alarm: str = identity("reweight", pattern="^(reweight|stop)$")

    @model_validator(mode="after")
    def _looked_at(self) -> Self:
        if self.block < self.least:
            raise ValueError(
                f"blocks of {self.block} are never looked at: there are {self.least} retellings at least in one"
                f"\n  set least to {self.block} or less, or block to more"
            )
        return self


@dataclass(frozen=True, slots=True)
class Figures:
    """What a block of retellings of one style is like; `most_common` is the hash of the commonest beginning."""

    texts: int
    opening: float
    distinct: float
    neighbour: float
    compression: float
    most_common: int


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def opening(text: str) -> str:
    """The beginning of a text as it is compared: five words, each number as "0"."""
    found = [fold(word) for word in words(text[:400])[: OPENING_WORDS + 1]]
    return " ".join("0" if word[0].isdigit() else word for word in found[:OPENING_WORDS])


def sketch(text: str, document: str) -> tuple[object, ...]:
    """One row of `SKETCH` from a text and the name of its source."""
    folded = [fold(word) for word in words(text)]
    hashes = np.array([_hash(word) for word in folded], np.uint64)
    pairs = _mixed(hashes, 2)
    chosen = pairs[pairs % SIXTEENTH == 0][:SAMPLED].astype(np.uint32)
    triples = _mixed(hashes, 3)
    minima = np.full(MINIMA, 0xFFFFFFFF, np.uint32)
    if len(triples):
        minima = ((triples[:, None] * _SALTS >> np.uint64(13)) & np.uint64(0xFFFFFFFF)).min(axis=0).astype(np.uint32)
    begins = opening(text)
    named = _hash(begins) << 32 | _hash(begins[::-1])
    padded = np.zeros(SAMPLED, np.uint32)
    padded[: len(chosen)] = chosen
    own = _hash(document) << 32 | _hash(document[::-1])
    return named, padded, len(chosen), minima, compression(text), own


def _mixed(hashes: npt.NDArray[np.uint64], length: int) -> npt.NDArray[np.uint64]:
    """One 32-bit hash for each run of `length` words."""
    size = max(0, len(hashes) - length + 1)
    total = np.zeros(size, np.uint64)
    for at in range(length):
        total = (total * np.uint64(0x100000001B3) + hashes[at : at + size]) & np.uint64(0xFFFFFFFFFFFF)
    return (total ^ total >> np.uint64(17)) & np.uint64(0xFFFFFFFF)


def figures(rows: Rows) -> Figures:
    """The figures of a block of at least one retelling."""
    values, counts = np.unique(rows["opening"], return_counts=True)
    pairs = _pairs(rows)
    return Figures(
        len(rows),
        float(counts.max() / len(rows)),
        float(len(np.unique(pairs)) / len(pairs)) if len(pairs) else 1.0,
        _neighbour(rows),
        float(rows["compression"].mean()),
        int(values[counts.argmax()]),
    )


def _pairs(rows: Rows) -> npt.NDArray[np.uint32]:
    inside = np.arange(SAMPLED)[None, :] < rows["sampled"][:, None]
    return np.asarray(rows["pairs"][inside], np.uint32)


def _neighbour(rows: Rows) -> float:
    """Mean over retellings of the similarity to the nearest one about another document; 0 for a lone one."""
    best = np.zeros(len(rows))
    for at in range(len(rows)):
        same = (rows["minima"] == rows["minima"][at]).mean(axis=1)
        same[rows["document"] == rows["document"][at]] = 0.0
        best[at] = same.max()
    return float(best.mean())


def drift(one: Rows, other: Rows) -> float:
    """Jensen-Shannon divergence, in bits, of the word pairs of two sets of retellings; 0 where either has none."""
    shares = []
    for rows in (one, other):
        counts = np.bincount(_pairs(rows) >> np.uint32(4) & np.uint32(_BINS - 1), minlength=_BINS).astype(float)
        if not counts.sum():
            return 0.0
        shares.append(counts / counts.sum())
    middle = (shares[0] + shares[1]) / 2
    total = 0.0
    for share in shares:
        there = share > 0
        total += float((share[there] * np.log2(share[there] / middle[there])).sum()) / 2
    return total


def alarms(found: Figures, limits: DiversitySettings) -> list[str]:
    """Which figures pass their limits, in words; none below the least number of retellings."""
    if found.texts < limits.least:
        return []
    said = []
    if found.opening > limits.opening:
        said.append(f"{found.opening:.1%} begin with the same words (limit {limits.opening:.1%})")
    if found.distinct < limits.distinct:
        said.append(f"{found.distinct:.2f} of the word pairs are distinct (limit {limits.distinct:.2f})")
    if found.neighbour > limits.neighbour:
        said.append(f"similarity to the nearest other is {found.neighbour:.2f} (limit {limits.neighbour:.2f})")
    if found.compression < limits.compression:
        said.append(f"they compress to {found.compression:.2f} of their size (limit {limits.compression:.2f})")
    return said


def surplus(rows: Rows, limits: DiversitySettings) -> npt.NDArray[np.bool_]:
    """Which rows, in their order, are beyond what the limit allows to begin with the same words.

    What stays of each beginning is at most the limit's share of what stays in all: a beginning that fills a quarter
    of a block is cut to a twentieth of the rest, not of the block.
    """
    values, place, counts = np.unique(rows["opening"], return_inverse=True, return_counts=True)
    allowed = _allowed(counts, float(limits.opening))
    order = np.argsort(place, kind="stable")
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows)) - first[place[order]]
    return np.asarray(rank >= allowed, bool) if len(values) else np.zeros(0, bool)


def _allowed(counts: Sequence[int] | npt.NDArray[np.int64], share: float) -> int:
    """The largest number of each beginning such that none has more than `share` of what is kept; at least 1."""
    low, high = 1, int(max(counts, default=1))
    while low < high:
        middle = (low + high + 1) // 2
        kept = int(np.minimum(counts, middle).sum())
        low, high = (middle, high) if middle <= share * kept else (low, middle - 1)
    return low
