"""Duplicates: which documents stand elsewhere too.

`FOLDS` maps the names of a recipe's `curate` entries to their settings; `settings.step()` is the Fold that runs
them.
"""

from abc import ABC, abstractmethod

from retold.core.settings import Settings
from retold.core.step import Fold
from retold.dedup.exact import ExactStep
from retold.dedup.reasons import REASONS


class Deduplication(Settings, ABC):
    """Settings of an entry that compares documents with one another."""

    @abstractmethod
    def step(self) -> Fold:
        """The Fold that finds the duplicates."""


class Exact(Deduplication):
    """Keep each text once, wherever else it stands."""

    def step(self) -> Fold:
        """See Deduplication."""
        return ExactStep()


FOLDS: dict[str, type[Deduplication]] = {"exact": Exact}
"""Every entry that compares documents with one another: a new one is a file in this room and a line here."""

__all__ = ["FOLDS", "REASONS", "Deduplication", "Exact", "ExactStep"]
