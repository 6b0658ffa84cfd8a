"""How much of a text is words from a list that the user names: a signal for content that is not wanted.

    - unsafe: {words: lists/*.txt, max_share: 1%}
    - unsafe: {words: lists/c4.txt, max_words: 0}          any of them drops, as C4's rule for bad words

In: texts. Out: `unsafe_words`, how many of the words of a text are on the list or part of a run of words on it
("hate speech"), and `unsafe_share`, that number by all words. Words are those of `text/words.py`, compared without
case; in Chinese and Japanese, where each character is a word, a listed word is a run of them.

No list is shipped, and no share is right for all: a list knows words and no meaning. It drops a page of medicine, law
or news that names what it is about, and writers whom others insult; it lets through what is said in other words or
other spellings ("w0rd"). Look at what it drops (`retold show --dropped unsafe_words`) before you believe it.
Only distinct words of a text are looked up: 24 MB/s of prose on one core, where cutting it into words, which is done
once for all entries, does 30.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from retold.clean.entry import Limit, Measured, threshold
from retold.clean.lists import Files, Listed, entries
from retold.core.quantity import Share
from retold.core.settings import execution
from retold.text.words import fold, words

if TYPE_CHECKING:
    from retold.text.scan import Texts

Runs = frozenset[tuple[str, ...]]


class Unsafe(Listed):
    """Drop documents with too many words of a list."""

    LISTS: ClassVar[tuple[str, ...]] = ("words",)
    words: tuple[str, ...] = execution(min_length=1, description="files of words, or runs of words, one a line")
    max_share: Share | None = threshold(0.01, ge=0, le=1, description="of all words")
    max_words: int | None = threshold(None, ge=0)

    def measure(self, texts: Texts) -> Measured:
        """How many of the words, and their share."""
        found = np.array(_counts(texts, *_list(self.listed("words"))), np.float64)
        return Measured({"unsafe_words": found, "unsafe_share": found / np.maximum(texts.words, 1)})

    def limits(self) -> tuple[Limit, ...]:
        """The share, then the number."""
        bounds = (("unsafe_share", self.max_share), ("unsafe_words", self.max_words))
        return tuple(Limit(name, "unsafe_words", at_most=float(most)) for name, most in bounds if most is not None)


@cache
def _list(files: Files) -> tuple[frozenset[str], Runs]:
    """(single words, runs of words), folded."""
    found = {tuple(fold(word) for word in words(entry)) for entry, _ in entries(files)}
    return frozenset(run[0] for run in found if len(run) == 1), frozenset(run for run in found if len(run) > 1)


def _counts(texts: Texts, single: frozenset[str], runs: Runs) -> list[int]:
    """For each text, how many of its words are listed, or in a listed run."""
    first = frozenset(run[0] for run in runs)
    tokens, data = texts.tokens, texts.data.tobytes()
    known: dict[bytes, tuple[bool, bool]] = {}
    counts = []
    for place in range(len(texts)):
        rows = slice(int(tokens.bounds[place]), int(tokens.bounds[place + 1]))
        same = tokens.same[rows]
        often = np.bincount(same, minlength=len(same))
        listed, begins = 0, False
        for row in np.flatnonzero(often).tolist():
            spelling = data[tokens.start[rows.start + row] : tokens.end[rows.start + row]]
            seen = known.get(spelling)
            if seen is None:
                word = fold(spelling.decode("utf-8", "replace"))
                seen = known[spelling] = (word in single, word in first)
            if seen[0]:
                listed += int(often[row])
            begins = begins or seen[1]
        counts.append(_with_runs(texts[place], single, runs) if begins else listed)
    return counts


def _with_runs(text: str, single: frozenset[str], runs: Runs) -> int:
    """The same, for a text with the first word of a run: each word counts once."""
    folded = [fold(word) for word in words(text)]
    found = np.array([word in single for word in folded], bool)
    for length in {len(run) for run in runs}:
        for place in range(len(folded) - length + 1):
            if tuple(folded[place : place + length]) in runs:
                found[place : place + length] = True
    return int(found.sum())
