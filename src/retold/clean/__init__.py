"""Cleaning: from records to documents, measured and judged one by one.

`CURATE` maps the names of a recipe's `curate` entries to their settings; `Curate` is the step that reads, edits and
measures, `Judge` the one that drops.
"""

from retold.clean.c4_bad_words import C4BadWords
from retold.clean.classifier import Classifier
from retold.clean.entry import Entry
from retold.clean.filters import FILTERS, PRESETS
from retold.clean.judge import Judge
from retold.clean.licence import Licence
from retold.clean.pii import Pii
from retold.clean.reasons import REASONS
from retold.clean.settings import Language, Length, Normalize
from retold.clean.step import Curate, barred, misplaced
from retold.clean.unsafe import Unsafe
from retold.clean.url import Url

CURATE: dict[str, type[Entry]] = {
    "url": Url,
    "licence": Licence,
    "normalize": Normalize,
    "language": Language,
    "length": Length,
    **FILTERS,
    "c4_bad_words": C4BadWords,
    "unsafe": Unsafe,
    "classifier": Classifier,
    "pii": Pii,
}
"""Every entry that is about one document at a time: a new one is a file in this room and a line here."""

__all__ = [
    "CURATE",
    "PRESETS",
    "REASONS",
    "C4BadWords",
    "Classifier",
    "Curate",
    "Entry",
    "Judge",
    "Language",
    "Length",
    "Licence",
    "Normalize",
    "Unsafe",
    "Url",
    "barred",
    "misplaced",
]
