"""Decontamination: what evaluation sets hold is found in documents and taken out, in sources and in retellings.

`DECONTAMINATE` maps the name of the recipe's `curate` entry to its settings; `of_sources` is what
runs on sources (after deduplication), `of_retellings` on retellings (after `verify`).
"""

from pathlib import Path

from retold.core.settings import Settings
from retold.core.step import Fold, Map
from retold.decontaminate.items import pinned
from retold.decontaminate.ngram13_step import Ngram13, Ngram13Retellings
from retold.decontaminate.reasons import REASONS
from retold.decontaminate.sampled import Sampled
from retold.decontaminate.settings import Decontaminate

DECONTAMINATE: dict[str, type[Settings]] = {"decontaminate": Decontaminate}


def of_sources(settings: Decontaminate, base: Path) -> Map | Fold:
    """What is done to sources. `base` is the recipe's folder. Raises SourceError for a wrong path."""
    files = tuple(pinned(settings.against, base))
    return Ngram13(settings, files) if settings.method == "ngram13" else Sampled(settings, files, "source")


def of_retellings(settings: Decontaminate, base: Path) -> Map:
    """What is done to retellings, as `of_sources`."""
    files = tuple(pinned(settings.against, base))
    return Ngram13Retellings(settings, files) if settings.method == "ngram13" else Sampled(settings, files, "retelling")


__all__ = [
    "DECONTAMINATE",
    "REASONS",
    "Decontaminate",
    "Ngram13",
    "Ngram13Retellings",
    "Sampled",
    "of_retellings",
    "of_sources",
]
