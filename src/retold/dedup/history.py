"""What the last comparison of this store kept, so that additions never displace it.

Guarantee: a document that the last finished comparison with the same settings kept, and that is still among the
documents compared, is kept again, whatever was added since. Its retellings are never orphaned by more data. Two
documents that were kept apart stay, also when a new one links them.

No guarantee: after a change of these settings (the new ones would have no effect otherwise); for documents that a step
before has dropped in the meantime; for what only an earlier comparison than the last kept. `last` means the highest
generation, which counts the finished comparisons of one step with the same settings in one store. Rows of a comparison
that was killed do not count: a Fold is finished when the runner says so in `parts`, and is redone as a whole
otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retold.core.step import View
from retold.dedup.gathered import ID, Ids


@dataclass(frozen=True)
class Past:
    """The next generation, and the ids that the last one kept."""

    generation: int
    kept: Ids


def last(view: View, step: str, settings: str) -> Past:
    """The past of a step with these settings. Memory: 16 bytes for each id that was kept."""
    finished = {name for rows in view.history("parts", columns=["stage"]) for name in rows.column("stage").to_pylist()}
    generations: dict[int, set[str]] = {}
    for rows in view.history("kept", stages=sorted(finished), columns=["stage", "step", "settings", "generation"]):
        for row in rows.to_pylist():
            if (row["step"], row["settings"]) == (step, settings):
                generations.setdefault(row["generation"], set()).add(row["stage"])
    if not generations:
        return Past(1, np.empty(0, ID))
    newest = max(generations)
    found = [
        np.frombuffer(ids, ID)
        for rows in view.history("kept", stages=sorted(generations[newest]), columns=["step", "ids"])
        for name, ids in zip(rows.column("step").to_pylist(), rows.column("ids").to_pylist(), strict=True)
        if name == step
    ]
    return Past(newest + 1, np.concatenate(found))
