"""Documents near a sentence that does not stand in the corpus word for word: BM25, without an index of its own.

In: a sentence and the open index. Out: documents with their scores, best first. A word's places are a range of the
suffix array, so the pieces of documents that hold it, and how often, are read off there; words that stand in more than
`COMMON` places say little and would cost most, and are left out. A place where the word goes on ("cat" in "catalogue")
is another word. Scores are Okapi's with k1 = 1.2 and b = 0.75, over pieces of documents as rows hold them: a document
is as near as its nearest piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retold.text.words import STOP_WORDS, fold, word_spans
from retold.trace.index import Index
from retold.trace.segment import Segment

COMMON = 5_000
K1, B = 1.2, 0.75
FEWEST_WORDS = 2
LOOKED_AT = 64
"""The best pieces that are looked at for documents."""
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Near:
    """A document, its score, where its rarest shared word is (`width` tokens), and the words that it shares."""

    score: float
    segment: Segment
    place: int
    width: int
    shared: tuple[str, ...]


@dataclass(frozen=True)
class _Held:
    """The pieces that hold a word: numbers over all segments, how often, one place in each and the word's tokens."""

    word: str
    pieces: Ints
    often: Ints
    places: Ints
    widths: Ints


def near(text: str, index: Index, most: int) -> list[Near]:
    """The best documents for a sentence, at most `most`, each holding two of its content words or more."""
    firsts = np.concatenate([[0], np.cumsum([len(segment.pieces) for segment in index.segments])])
    total = int(firsts[-1])
    average = max(1.0, index.tokens / max(1, total))
    found = [held for held in (_holders(word, index, firsts) for word in _wanted(text)) if len(held.pieces)]
    if not found:
        return []
    pieces, places = np.unique(np.concatenate([held.pieces for held in found]), return_inverse=True)
    lengths = _lengths(pieces, index, firsts)
    scores, words_of = np.zeros(len(pieces)), np.zeros(len(pieces), np.int64)
    start, weights = 0, []
    for held in found:
        mine = places[start : start + len(held.pieces)]
        start += len(held.pieces)
        weights.append(float(np.log(1 + (total - len(mine) + 0.5) / (len(mine) + 0.5))))
        fall = K1 * (1 - B + B * lengths[mine] / average)
        scores[mine] += weights[-1] * held.often * (K1 + 1) / (held.often + fall)
        words_of[mine] += 1
    scores[words_of < FEWEST_WORDS] = 0.0
    best = np.lexsort((pieces, -scores))[:LOOKED_AT]
    return _described(
        [(int(pieces[one]), float(scores[one])) for one in best if scores[one] > 0],
        found,
        weights,
        (index, firsts, most),
    )


def _described(
    best: list[tuple[int, float]], found: list[_Held], weights: list[float], of: tuple[Index, Ints, int]
) -> list[Near]:
    """The first pieces of different documents, with the words that they share, the rarest first."""
    index, firsts, most = of
    rarest = [found[one] for one in np.argsort(weights)[::-1]]
    seen: dict[bytes, Near] = {}
    for number, score in best:
        owner = int(np.searchsorted(firsts, number, side="right")) - 1
        segment = index.segments[owner]
        name = segment.pieces[number - int(firsts[owner])]["document"]
        if name in seen or len(seen) == most:
            continue
        shared = [(held, at) for held in rarest for at in np.flatnonzero(held.pieces == number)[:1]]
        held, at = shared[0]
        words = tuple(one.word for one, _ in shared)
        seen[name] = Near(score, segment, int(held.places[at]), int(held.widths[at]), words)
    return list(seen.values())


def _lengths(pieces: Ints, index: Index, firsts: Ints) -> Ints:
    """Tokens of each piece."""
    owners = np.searchsorted(firsts, pieces, side="right") - 1
    lengths = np.zeros(len(pieces), np.int64)
    for number, segment in enumerate(index.segments):
        mine = owners == number
        rows = segment.pieces[pieces[mine] - firsts[number]]
        lengths[mine] = rows["end"] - rows["start"]
    return lengths


def _wanted(text: str) -> list[str]:
    """The content words of a text as they stand there, each once."""
    found = (text[start:end] for start, end in word_spans(text))
    return list(dict.fromkeys(word for word in found if fold(word) not in STOP_WORDS))


def _holders(word: str, index: Index, firsts: Ints) -> _Held:
    """Pieces that hold a word, after a space or not. None for common ones."""
    ranges = []
    for form in (f" {word}", word):
        ids = index.alphabet.encode(form).ids
        ranges += [(number, low, high, len(ids)) for number, low, high in index.ranges(ids)]
    empty = np.empty(0, np.int64)
    if not ranges or sum(high - low for _, low, high, _ in ranges) > COMMON:
        return _Held(word, empty, empty, empty, empty)
    pieces, places, widths = [], [], []
    for number, low, high, width in ranges:
        segment = index.segments[number]
        there = np.asarray(segment.order[low:high])
        whole = ~index.alphabet.goes_on[segment.tokens[np.minimum(there + width, len(segment.tokens) - 1)]]
        there = there[whole]
        pieces.append(segment.pieces_of(there) + firsts[number])
        places.append(there.astype(np.int64))
        widths.append(np.full(len(there), width, np.int64))
    held, first, often = np.unique(np.concatenate(pieces), return_index=True, return_counts=True)
    return _Held(word, held, often, np.concatenate(places)[first], np.concatenate(widths)[first])
