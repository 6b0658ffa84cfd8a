"""A text cut up once, and a source that several retellings share.

`cut(text)` gives words and where they are; the last texts are kept, since every check of one retelling needs them.
`SourceText` adds what the checks look up: sets of words, 8-grams, numbers and names, each made on first use and then
kept for all retellings of the passage. It holds about 180 kB for a passage of 270 words (measured) while it is alive;
the step keeps one alive at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from retold.clean.language import probabilities
from retold.core.document import Mark
from retold.text.directives import directives, without
from retold.text.numbers import numbers
from retold.text.sentences import sentences
from retold.text.words import fold, ngrams, word_spans, words
from retold.verify.aligned import SentenceIndex
from retold.verify.endings import root, singular

Measured = tuple[dict[str, float], list[Mark]]
"""What a check returns: signals by name, and the ranges of the retelling that they rest on."""

BAR = "|"
COPY_WORDS = 8
"""Words in a row that count as copied; the length that n-gram containment is usually quoted with."""


class Cut:
    """A text, the character ranges of its words, and the words folded; `spans[i]` belongs to `folded[i]`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: tuple[tuple[int, int], ...] = tuple(word_spans(text))
        self.folded: tuple[str, ...] = tuple(fold(text[start:end]) for start, end in self.spans)

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """The character ranges of the sentences; each row of a table is one."""
        return tuple(piece for span in sentences(self.text) for piece in _rows(self.text, *span))

    @cached_property
    def sentence_words(self) -> tuple[tuple[int, int], ...]:
        """For each sentence, its first word and the one after its last, as positions in `folded`."""
        found, at = [], 0
        for _start, end in self.sentences:
            first = at
            while at < len(self.spans) and self.spans[at][0] < end:
                at += 1
            found.append((first, at))
        return tuple(found)


def _rows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A sentence by its lines where they are rows of a table, which end without a full stop; else as it is."""
    if BAR not in text[start:end]:
        return [(start, end)]
    lines, at = [], start
    for line in text[start:end].split("\n"):
        if line.strip():
            lines.append((at + len(line) - len(line.lstrip()), at + len(line.rstrip())))
        at += len(line) + 1
    return lines if any(text.startswith(BAR, first) for first, _ in lines) else [(start, end)]


@lru_cache(maxsize=2)
def cut(text: str) -> Cut:
    """The text cut up; the two last are kept, for the checks of one retelling follow each other."""
    return Cut(text)


def runs(text: Cut, chosen: Sequence[bool]) -> Iterable[tuple[int, int]]:
    """Character ranges of neighbouring chosen words, joined."""
    start = None
    for at, is_chosen in enumerate(chosen):
        if is_chosen and start is None:
            start = text.spans[at][0]
        if start is not None and (at + 1 == len(chosen) or not chosen[at + 1]):
            yield start, text.spans[at][1]
            start = None


def between(folded: Sequence[str]) -> str:
    """Words as one string with a space on both sides of each: a run of words is found by searching for it."""
    return f" {' '.join(folded)} "


def folded_sentences(text: Cut) -> list[str]:
    """Each sentence as its folded words; sentences without words are left out."""
    return [between(text.folded[first:last]) for first, last in text.sentence_words if first < last]


def detect(text: str) -> tuple[str, float]:
    """The most probable language of a text and its probability; ("", 0.0) where there is nothing to go by."""
    readable = text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
    return next(iter(probabilities(readable, 1)), ("", 0.0))


class SourceText:
    """A passage with its heading and title, and what the checks look up in them.

    `text` is the passage: what length and copying are measured against. `context` (heading, title) counts as source
    for words, numbers and names. What a document says to a model instead of to its reader is left out of both, and is
    in `told`: it is no source (`injection.py`). Shared by the retellings of one passage; not thread safe, never
    pickled.
    """

    def __init__(self, text: str, context: Sequence[str] = ()) -> None:
        pieces = [(piece, directives(piece)) for piece in (text, *context) if piece]
        self.told = tuple(piece[start:end] for piece, spans in pieces for start, end in spans)
        self.text = without(text, directives(text)) if self.told else text
        self.context = tuple(without(piece, spans) for piece, spans in pieces[bool(text) :])

    @cached_property
    def cut(self) -> Cut:
        """The words of the passage."""
        return Cut(self.text)

    @cached_property
    def told_roots(self) -> frozenset[str]:
        """Words without their endings that stand only where the document speaks to a model."""
        told = frozenset(root(fold(word)) for piece in self.told for word in words(piece))
        return told - self.roots

    @cached_property
    def joined(self) -> str:
        """The folded words of the passage in one string, to search for runs."""
        return between(self.cut.folded)

    @cached_property
    def grams(self) -> frozenset[tuple[str, ...]]:
        """The word 8-grams of the passage."""
        return frozenset(ngrams(self.cut.folded, COPY_WORDS))

    @cached_property
    def sentences(self) -> frozenset[str]:
        """The sentences of the passage as folded words."""
        return frozenset(folded_sentences(self.cut))

    @cached_property
    def index(self) -> SentenceIndex:
        """The sentences of passage and context, to be found by what they share with a sentence of a retelling."""
        pieces = (self.cut, *(Cut(line) for line in self.context))
        words = [piece.folded[first:last] for piece in pieces for first, last in piece.sentence_words]
        values = []
        for piece in pieces:
            mentions = numbers(piece.text)
            values += [
                frozenset(mention.value for mention in mentions if start <= mention.start < end)
                for start, end in piece.sentences
            ]
        return SentenceIndex(words, values)

    @cached_property
    def told_sentences(self) -> tuple[str, ...]:
        """The sentences of passage and context as written, numbered as in `index`."""
        pieces = (self.cut, *(Cut(line) for line in self.context))
        return tuple(piece.text[start:end] for piece in pieces for start, end in piece.sentences)

    @cached_property
    def line_counts(self) -> Counter[str]:
        """How often each line of the passage stands in it."""
        return Counter(line.strip() for line in self.text.splitlines())

    @cached_property
    def spelled(self) -> frozenset[str]:
        """All words of passage and context as written."""
        return frozenset(word for piece in (self.text, *self.context) for word in words(piece))

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of passage and context, folded."""
        return frozenset(fold(word) for word in self.spelled)

    @cached_property
    def names(self) -> frozenset[str]:
        """All words, with and without plural endings: what a name may be found as."""
        return self.words | frozenset(singular(word) for word in self.words)

    @cached_property
    def roots(self) -> frozenset[str]:
        """All words of passage and context without their endings."""
        return frozenset(root(word) for word in self.words)

    @cached_property
    def folded(self) -> str:
        """Passage and context as one folded string, for names that are not words (`os.path`)."""
        return fold("\n".join((self.text, *self.context)))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The canonical values of all numbers of passage and context."""
        return frozenset(mention.value for piece in (self.text, *self.context) for mention in numbers(piece))

    @cached_property
    def language(self) -> tuple[str, float]:
        """The language of the passage and how sure that is."""
        return detect(self.text)

    def times(self, gram: Sequence[str]) -> int:
        """How often these words stand in a row in the passage (overlaps counted once)."""
        return self.joined.count(between(gram))

    def says(self, phrase: Sequence[str]) -> bool:
        """Whether the passage itself has these words in a row."""
        return between(phrase) in self.joined

    def begins(self, phrase: Sequence[str]) -> bool:
        """Whether a sentence of the passage begins with these words."""
        return any(sentence.startswith(between(phrase)) for sentence in self.sentences)

    def stands(self, name: str) -> bool:
        """Whether passage or context have this folded name, not as a part of a longer word."""
        at = self.folded.find(name)
        while at >= 0:
            before, after = self.folded[at - 1 : at], self.folded[at + len(name) : at + len(name) + 1]
            if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
                return True
            at = self.folded.find(name, at + 1)
        return False
