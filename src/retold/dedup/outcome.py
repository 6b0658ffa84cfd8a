"""From clusters to rows: verdicts on what is not kept, who belongs where, and what the next comparison has to know.

A cluster keeps its best document, and beside it every document that the last comparison of this store kept: two
documents that were kept apart stay, also when something new links them, since retellings may have been made of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retold.core.document import Kept, Membership
from retold.core.schema import batch
from retold.core.step import Output
from retold.core.verdict import drop
from retold.dedup.gathered import ID, Gathered, Ordered

ROWS = 500
PIECE = 16_384
"""Ids in one row of the table `kept`."""

Ranks = npt.NDArray[np.int64]
Similar = Callable[[Ranks, Ranks], npt.NDArray[np.float64]]
"""Similarities of the documents of these ranks to those of the others."""


@dataclass(frozen=True)
class Judging:
    """What a step calls itself and its drops, and what its settings and its turn in this store are."""

    step: str
    reason: str
    settings: str
    generation: int


def outcome(
    gathered: Gathered, ordered: Ordered, parents: npt.NDArray[np.int32], similar: Similar, judging: Judging
) -> Iterator[tuple[str, Output]]:
    """Rows by part. `parents` are roots. Memory: 24 bytes a document, 16 more of one part."""
    sizes = np.bincount(parents, minlength=len(parents)).astype(np.int32)
    rank_of = np.empty(len(parents), dtype=np.int32)
    rank_of[ordered.place] = np.arange(len(parents), dtype=np.int32)
    ids = gathered.ids()
    surviving: dict[str, list[npt.NDArray[np.void]]] = {}
    for chunk, first, end in gathered.ranges():
        ranks = rank_of[first:end].astype(np.int64)
        roots = parents[ranks].astype(np.int64)
        stays = (ranks == roots) | ordered.before[ranks]
        name = chunk.part.name
        if name not in surviving:
            yield from _remembered(surviving, judging)
            surviving = {name: []}
        surviving[name].append(chunk.ids[stays])
        members = np.flatnonzero(sizes[roots] > 1)
        for start in range(0, len(members), ROWS):
            some = members[start : start + ROWS]
            mine, theirs = ranks[some], roots[some]
            keepers = np.where(stays[some], mine, theirs)
            found = _Members(
                _hex(ids[ordered.place[mine]]),
                _hex(ids[ordered.place[theirs]]),
                _hex(ids[ordered.place[keepers]]),
                sizes[theirs].tolist(),
                _parts(gathered, ordered.place[keepers]),
                np.round(similar(mine, keepers), 4).tolist(),
                stays[some].tolist(),
            )
            yield name, found.output(judging.reason)
    yield from _remembered(surviving, judging)


def _remembered(surviving: Mapping[str, list[npt.NDArray[np.void]]], judging: Judging) -> Iterator[tuple[str, Output]]:
    """What was kept of a part, in order of ids, so that a comparison done again after a kill cuts the same pieces."""
    for part, found in surviving.items():
        ids = np.concatenate(found)
        ids = ids[np.lexsort((ids["low"], ids["high"]))].astype(ID)
        for number, start in enumerate(range(0, len(ids), PIECE)):
            piece = ids[start : start + PIECE].tobytes()
            row = Kept(judging.step, number, judging.settings, judging.generation, piece)
            yield part, {"kept": batch("kept", [row])}


@dataclass(frozen=True)
class _Members:
    """Columns about the members of clusters."""

    ids: list[str]
    clusters: list[str]
    kept: list[str]
    sizes: list[int]
    parts: list[str]
    similarities: list[float]
    stays: list[bool]

    def output(self, reason: str) -> Output:
        rows = [
            Membership(*row)
            for row in zip(self.ids, self.clusters, self.sizes, self.kept, self.parts, self.similarities, strict=True)
        ]
        drops = [
            drop(row.document_id, "document", reason, f"{row.similarity:.2f} similar to {row.kept}")
            for row, stays in zip(rows, self.stays, strict=True)
            if not stays
        ]
        output = {"clusters": batch("clusters", rows)}
        return output | ({"verdicts": batch("verdicts", drops)} if drops else {})


def _parts(gathered: Gathered, places: npt.NDArray[np.int32]) -> list[str]:
    chunks = np.searchsorted(gathered.starts, places, side="right") - 1
    return [gathered.chunks[chunk].part.name for chunk in chunks.tolist()]


def _hex(ids: npt.NDArray[np.void]) -> list[str]:
    return [f"{high:016x}{low:016x}" for high, low in ids.tolist()]
