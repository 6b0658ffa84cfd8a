"""Which sentences of a source a sentence of the retelling speaks about.

In: the sentences of a source, each as folded words. Out: for the words of any sentence, the numbers of the source
sentences that share most with it, and what stands in them. A shared word weighs the logarithm of its rarity among the
source's sentences, so that "the company" aligns nothing; the sum is divided by the root of the sentence's length.
Trade-off: words without endings and no more: a sentence retold in other words altogether aligns by what is left of
it, its names and numbers. An inverted index makes it a few microseconds a word, whatever the length of the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from retold.text.opposites import denies
from retold.text.words import STOP_WORDS
from retold.verify.endings import root

MOST: Final = 3
"""Source sentences that one sentence of a retelling may draw on."""
_SMOOTH: Final = 5
"""Added to the length of a source sentence, so that a heading of one word does not win every time."""


@dataclass(frozen=True, slots=True)
class Near:
    """What stands in the aligned sentences, the best first: words as folded, roots of content words, of all words."""

    sentences: tuple[int, ...]
    words: frozenset[str]
    roots: frozenset[str]
    all_roots: frozenset[str]
    denies: bool


class SentenceIndex:
    """The sentences of a source, to be found by the words that they share with another sentence."""

    def __init__(self, sentences: Iterable[Sequence[str]], values: Sequence[frozenset[str]]) -> None:
        """`values` are the numbers of each sentence, by value. Sentences without words are kept, to be counted."""
        self._sentences = [tuple(sentence) for sentence in sentences]
        self.words = [frozenset(sentence) for sentence in self._sentences]
        self.values = values
        self.roots = [frozenset(root(word) for word in words if word not in STOP_WORDS) for words in self.words]
        self._all_roots = [frozenset(root(word) for word in words) for words in self.words]
        self._denies = [any(denies(word) for word in words) for words in self.words]
        seen = Counter(key for roots in self.roots for key in roots)
        self._weights = {key: log(1 + len(self.roots) / count) for key, count in seen.items()}
        self._places: dict[str, list[int]] = {}
        for number, roots in enumerate(self.roots):
            for key in roots:
                self._places.setdefault(key, []).append(number)
        self._norms = [sqrt(len(roots) + _SMOOTH) for roots in self.roots]

    def nearest(self, roots: Iterable[str], most: int = MOST) -> list[int]:
        """Numbers of at most `most` sentences that share a content word with `roots`, the best first."""
        scores: dict[int, float] = {}
        for key in roots:
            for number in self._places.get(key, ()):
                scores[number] = scores.get(number, 0.0) + self._weights[key]
        ranked = sorted(scores, key=lambda number: (-scores[number] / self._norms[number], number))
        return ranked[:most]

    def near(self, roots: Iterable[str], most: int = MOST, sure: float = 2.0) -> Near:
        """The aligned sentences and what stands in them; the best alone where it has a share of `sure` of `roots`."""
        wanted = frozenset(roots)
        found = self.nearest(wanted, most)
        if found and len(wanted & self.roots[found[0]]) >= sure * len(wanted):
            found = found[:1]
        return Near(
            tuple(found),
            frozenset[str]().union(*(self.words[number] for number in found)),
            frozenset[str]().union(*(self.roots[number] for number in found)),
            frozenset[str]().union(*(self._all_roots[number] for number in found)),
            any(self._denies[number] for number in found),
        )

    def places(self, number: int) -> dict[str, int]:
        """Where each content word, by its root, stands in a sentence; a word that stands there twice has no place."""
        found: dict[str, int] = {}
        twice: set[str] = set()
        for at, word in enumerate(self._sentences[number]):
            if word not in STOP_WORDS:
                key = root(word)
                twice |= {key} & found.keys()
                found[key] = at
        return {key: at for key, at in found.items() if key not in twice}

    def denies(self, number: int) -> bool:
        """Whether this sentence has a word that denies."""
        return self._denies[number]
