"""Duplicates: which documents stand elsewhere too.

`FOLDS` maps the names of a recipe's `curate` entries to their settings; `settings.step()` is the Fold that runs
them.
"""

from retold.core.settings import Settings
from retold.dedup.exact import ExactStep
from retold.dedup.reasons import REASONS


class Exact(Settings):
    """Keep each text once, wherever else it stands."""

    def step(self) -> ExactStep:
        """The Fold that finds the duplicates."""
        return ExactStep()


FOLDS: dict[str, type[Exact]] = {"exact": Exact}
"""Every entry that compares documents with one another: a new one is a file in this room and a line here."""

__all__ = ["FOLDS", "REASONS", "Exact", "ExactStep"]
