"""Decontamination: what evaluation sets hold is found in documents and taken out, in sources and in retellings.

`DECONTAMINATE` maps the name of the recipe's `curate` entry to its settings; `step` is what runs them on sources (after
deduplication) and on retellings (after `verify`).
"""

from pathlib import Path
from typing import Literal

from retold.core.settings import Settings
from retold.core.step import Step
from retold.decontaminate.items import pinned
from retold.decontaminate.ngram13_step import Ngram13, Ngram13Retellings
from retold.decontaminate.reasons import REASONS
from retold.decontaminate.sampled import Sampled
from retold.decontaminate.settings import Decontaminate

DECONTAMINATE: dict[str, type[Settings]] = {"decontaminate": Decontaminate}


def step(settings: Decontaminate, kind: Literal["source", "retelling"], base: Path) -> Step:
    """What is done to documents of this kind. `base` is the recipe's folder. Raises SourceError for a wrong path."""
    files = tuple(pinned(settings.against, base))
    if settings.method == "ngram13":
        return Ngram13(settings, files) if kind == "source" else Ngram13Retellings(settings, files)
    return Sampled(settings, files, kind)


__all__ = ["DECONTAMINATE", "REASONS", "Decontaminate", "Ngram13", "Ngram13Retellings", "Sampled", "step"]
