"""How many tokens of each part, and which documents fill them.

    targets(phase, once, most) -> tokens by part
    draw(order, sizes, used, target, most) -> (documents, epochs)

A phase with shares is as large as it says, unless a part has too little even when each of its documents is drawn
`max_epochs` times: then the whole phase shrinks, since the shares are what was decided. A phase without a size is as
large as its shares allow without repetition. A part with a budget takes what there is.

Documents are drawn in one order, by the digest of their ids: all that were drawn least, from the front, then again from
the front. So the target takes the shortest prefix that meets it, a larger budget draws the same documents and more, and
no document is drawn twice before every other of its part was drawn once.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from retold.mix.settings import PhaseSettings

Integers = NDArray[np.int64]


def targets(phase: PhaseSettings, once: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """Tokens of each part. `once`: of documents never drawn; `most`: of all that may be drawn, repetition included."""
    shares = phase.shares()
    if not shares:
        return {name: min(part.tokens or 0, most[name]) for name, part in phase.parts.items()}
    asked = phase.tokens
    if asked is None:
        asked = min(int(once[name] / share) for name, share in shares.items())
    total = min(asked, *(int(most[name] / share) for name, share in shares.items()))
    return {name: min(round(total * share), most[name]) for name, share in shares.items()}


def draw(
    order: Integers, sizes: Integers, used: NDArray[np.int32], target: int, most: int
) -> tuple[Integers, NDArray[np.int32]]:
    """Documents and their epochs, until their tokens meet `target`. `order` are the part's documents; raises `used`."""
    documents: list[Integers] = []
    epochs: list[NDArray[np.int32]] = []
    left = target
    while left > 0 and len(order):
        level = int(used[order].min())
        if level >= most:
            break
        waiting = order[used[order] == level]
        before = np.cumsum(sizes[waiting]) - sizes[waiting]
        taken = waiting[: int(np.searchsorted(before, left, side="left"))]
        documents.append(taken)
        epochs.append(np.full(len(taken), level, dtype=np.int32))
        used[taken] += 1
        left -= int(sizes[taken].sum())
    none = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
    return (np.concatenate(documents), np.concatenate(epochs)) if documents else none
