"""The settings of what compares documents with one another, as entries of `curate` in the recipe.

curate: [{exact: {normalised: true}}, {minhash: {threshold: 0.8, keep: newest}}, {substrings: {tokens: 50}}]
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, Self

from pydantic import model_validator

from retold.core.quantity import Share
from retold.core.settings import Settings, identity
from retold.core.step import Fold
from retold.dedup.exact import ExactStep
from retold.dedup.minhash import MinHashStep
from retold.dedup.normalised import NormalisedStep
from retold.dedup.preference import BestSignal
from retold.dedup.scope import Scope
from retold.dedup.substrings import Action, SubstringsStep

Keep = Literal["longest", "newest"] | BestSignal


class Deduplication(Settings, ABC):
    """Settings of an entry that compares documents with one another."""

    @abstractmethod
    def step(self, seed: int) -> Fold:
        """The Fold that finds the duplicates; what it draws comes from the recipe's seed."""


class Exact(Deduplication):
    """Keep each text once, wherever else it stands; normalised: however it is spelled and set."""

    normalised: bool = identity(False, description="case, punctuation and white space do not count")
    keep: Keep = identity("longest", description="longest, newest, or {signal: NAME}")
    scope: Scope = identity("whole", description="whole, source, or dump")

    @model_validator(mode="after")
    def _plain_keeps_equals(self) -> Self:
        if not self.normalised and (self.keep != "longest" or self.scope != "whole"):
            raise ValueError("keep and scope belong to normalised: true; texts that are equal are one document")
        return self

    def step(self, seed: int) -> Fold:
        """See Deduplication."""
        return NormalisedStep(self.keep, self.scope) if self.normalised else ExactStep()


class MinHash(Deduplication):
    """Keep one of each cluster of near duplicates."""

    bands: int = identity(14, ge=1, le=64)
    rows: int = identity(8, ge=1, le=16)
    ngram: int = identity(5, ge=1, le=64, description="words in a shingle")
    threshold: float = identity(0.7, ge=0, le=1, description="estimated Jaccard similarity; 0 trusts the bands alone")
    keep: Keep = identity("longest", description="longest, newest, or {signal: NAME}")
    scope: Scope = identity("whole", description="whole, source, or dump")

    def step(self, seed: int) -> Fold:
        """See Deduplication."""
        return MinHashStep(self.bands, self.rows, self.ngram, self.threshold, self.keep, self.scope, seed)


class Substrings(Deduplication):
    """Cut long runs of words that stand elsewhere too out of all documents but one."""

    tokens: int = identity(50, ge=5, le=10_000, description="words in the shortest run that counts")
    action: Action = identity("cut", description="cut the spans, drop the document, or only report")
    drop_above: Share = identity(0.5, description="a document with a larger share of repeated words is dropped")
    characters: int = identity(256_000_000, ge=1_000, le=2_000_000_000, description="compared with one another at most")

    def step(self, seed: int) -> Fold:
        """See Deduplication."""
        return SubstringsStep(self.tokens, self.action, self.drop_above, self.characters)
