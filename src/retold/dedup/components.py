"""Clusters: documents that are linked, directly or over others, by union-find over ranks.

The root of a cluster is its smallest rank, and ranks put the best document first, so the root is the document to keep.
Links only ever join, and are made in an order that ranks decide, so clusters depend on the documents alone.

`link_band` takes one band: documents with the same key are compared with up to LEADERS documents that stand for the
others, best first; who agrees with none becomes one. A bucket of n documents costs at most n * LEADERS comparisons, so
a giant bucket (a cookie notice on a million pages) costs no more for each of its documents than a small one. The
price: what agrees only with a member that is no leader waits for another band to find it. Tarjan 1975 for union-find.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from retold.dedup.gathered import Gathered, Ordered
from retold.dedup.signatures import agreeing
from retold.text.compiled import allocating, compiled

LEADERS = 8


def singles(count: int) -> npt.NDArray[np.int32]:
    """Every document by itself: the parent of each rank is itself."""
    return np.arange(count, dtype=np.int32)


@compiled
def find(parents: Any, rank: Any) -> Any:
    """The root of a rank's cluster, halving the path to it."""
    while parents[rank] != rank:
        parents[rank] = parents[parents[rank]]
        rank = parents[rank]
    return rank


@compiled
def join(parents: Any, one: Any, other: Any) -> None:
    """One cluster of two, whose root is the better of both roots."""
    first, second = find(parents, one), find(parents, other)
    if first < second:
        parents[second] = first
    else:
        parents[first] = second


@compiled
def flatten(parents: Any) -> None:
    """Afterwards every rank's parent is its root."""
    for rank in range(len(parents)):
        parents[rank] = parents[parents[rank]]


@compiled
def join_equal(parents: Any, order: Any, high: Any, low: Any) -> None:
    """Joins ranks whose keys of 128 bits are equal; `order` sorts them, equal ones by rank."""
    for turn in range(1, len(order)):
        one, other = order[turn - 1], order[turn]
        if high[one] == high[other] and low[one] == low[other]:
            join(parents, one, other)


def link_band(
    gathered: Gathered,
    ordered: Ordered,
    words: Any,
    parents: npt.NDArray[np.int32],
    keys: npt.NDArray[np.uint64],
    needed: tuple[int, int],
) -> int:
    """Links documents with equal keys (by rank) that agree in enough of their rows. `needed`: agreements, rows a band.

    Returns how many pairs were compared.
    """
    order = np.argsort(keys, kind="stable")
    return int(_link(order, keys, parents, (words, gathered.starts, ordered.place), needed))


@allocating
def signature(rank: Any, sketches: Any) -> Any:
    """The words of the document of a rank."""
    words, starts, place = sketches
    document = place[rank]
    chunk = np.searchsorted(starts, document, side="right") - 1
    return words[chunk][document - starts[chunk]]


@allocating
def _link(order: Any, keys: Any, parents: Any, sketches: Any, needed: Any) -> Any:
    enough, rows = needed
    leaders = np.empty(LEADERS, np.int64)
    compared = 0
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and keys[order[end]] == keys[order[start]]:
            end += 1
        count = 1
        leaders[0] = order[start]
        for turn in range(start + 1, end):
            rank = order[turn]
            joined = False
            root = find(parents, rank)
            for leader in leaders[:count]:
                if find(parents, leader) == root:
                    joined = True
                    break
            if not joined:
                mine = signature(rank, sketches)
                for leader in leaders[:count]:
                    compared += 1
                    if agreeing(mine, signature(leader, sketches), rows) >= enough:
                        join(parents, leader, rank)
                        joined = True
                        break
            if not joined and count < LEADERS:
                leaders[count] = rank
                count += 1
        start = end
    return compared


@allocating
def agreements(ranks: Any, others: Any, sketches: Any, rows: Any, out: Any) -> None:
    """For each pair of ranks, in how many rows their signatures agree."""
    for place in range(len(ranks)):
        out[place] = agreeing(signature(ranks[place], sketches), signature(others[place], sketches), rows)
