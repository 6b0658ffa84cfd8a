"""Duplicates: which documents stand elsewhere too, as they are or nearly so.

`FOLDS` maps the names of a recipe's `curate` entries to their settings; `settings.step(seed)` is the Fold that runs
them.
"""

from retold.dedup.exact import ExactStep
from retold.dedup.minhash import MinHashStep
from retold.dedup.normalised import NormalisedStep
from retold.dedup.reasons import REASONS
from retold.dedup.settings import Deduplication, Exact, MinHash, Substrings
from retold.dedup.substrings import SubstringsStep

FOLDS: dict[str, type[Deduplication]] = {"exact": Exact, "minhash": MinHash, "substrings": Substrings}
"""Every entry that compares documents with one another: a new one is a file in this room and a line here."""

__all__ = [
    "FOLDS",
    "REASONS",
    "Deduplication",
    "Exact",
    "ExactStep",
    "MinHash",
    "MinHashStep",
    "NormalisedStep",
    "Substrings",
    "SubstringsStep",
]
