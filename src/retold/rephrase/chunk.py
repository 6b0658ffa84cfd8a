"""From a document to passages: spans of prose on paragraph and sentence borders, with the heading they stand under.

In: a text, its title, the largest size in tokens (as `text.tokens` counts) and the fewest words. Out: `Piece`s in
order, disjoint, each `text[start:end]` a passage; and how many stretches were left out. A passage never crosses a
heading, ends on a border of a paragraph (of a sentence, where a paragraph alone is too long), and has about the size of
its neighbours: 320 tokens at a target of 300 become 160 and 160, not 300 and 20. Left out are stretches with fewer than
`min_words` words of prose, mostly code, grammar or tables, or one "sentence" longer than a passage may be.

Trade-off: short sections are left out rather than joined over their headings, since a passage about two things under
the name of one is retold as one thing. Of the words of 79 topics of the Python documentation,
code included, 89 % are in one of 496 passages; about 1.9 MB a second.
Method: WRAP rephrases at about 300 tokens; smaller pieces lose context, larger ones lose the small model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from retold.text.blocks import Block, blocks
from retold.text.sentences import flat, split
from retold.text.tokens import count
from retold.text.words import words

PROSE: Final = frozenset({"prose", "item", "note", "label"})
INTRODUCES: Final = frozenset({"label", "signature"})
"""Kinds that belong to what comes below them, so that no passage ends with one."""
PROSE_SHARE: Final = 0.5
"""A passage has at least this share of its tokens in prose."""
ENDS: Final = ".!?)]\"'”’"
"""Last characters of a sentence that does not run on into the code below it."""
HEADING_LIMIT: Final = 200
"""Characters of a heading with its title; a longer one is no heading and would only fill the prompt."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a text that are retold together, the heading they stand under, and their tokens."""

    start: int
    end: int
    heading: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Chunks:
    """The passages of a document, and how many stretches between borders were left out."""

    pieces: tuple[Piece, ...]
    skipped: int


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: a block, or a sentence of one that is too long."""

    kind: str
    start: int
    end: int
    tokens: int

    @property
    def prose(self) -> bool:
        return self.kind in PROSE


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    units: tuple[_Unit, ...]


def chunk(text: str, title: str = "", tokens: int = 300, min_words: int = 40) -> Chunks:
    """The passages of `text`: at most `tokens` tokens and at least `min_words` words of prose each."""
    pieces: list[Piece] = []
    skipped = 0
    for section in _sections(text, title, tokens):
        for units in _pack(section.units, tokens):
            piece = _piece(text, section.heading, _trim(text, units), tokens, min_words)
            if piece is None:
                skipped += 1
            else:
                pieces.append(piece)
    return Chunks(tuple(pieces), skipped)


def _sections(text: str, title: str, tokens: int) -> Iterator[_Section]:
    """What stands between headings, ruled lines and units too large for any passage."""
    heading = _under(title, "")
    units: list[_Unit] = []
    for block in blocks(text):
        if block.kind in ("heading", "rule"):
            if units:
                yield _Section(heading, tuple(units))
                units = []
            if block.kind == "heading":
                heading = _under(title, text[block.body : block.body_end])
            continue
        for unit in _units(text, block, tokens):
            if unit.tokens <= tokens:
                units.append(unit)
                continue
            if units:
                yield _Section(heading, tuple(units))
                units = []
            yield _Section(heading, (unit,))
    if units:
        yield _Section(heading, tuple(units))


def _under(title: str, heading: str) -> str:
    """Title and heading as one line; either alone where it says what the other says."""
    title, heading = flat(title), flat(heading)
    if len(heading) > HEADING_LIMIT:
        heading = ""
    if heading.casefold() in title.casefold():
        return title[:HEADING_LIMIT]
    if title.casefold() in heading.casefold() or len(title) + len(heading) + 2 > HEADING_LIMIT:
        return heading
    return f"{title}: {heading}"


def _units(text: str, block: Block, tokens: int) -> Iterator[_Unit]:
    size = count(text[block.start : block.end])
    if size <= tokens or block.kind not in PROSE:
        yield _Unit(block.kind, block.start, block.end, size)
        return
    for start, end in split(text, block):
        yield _Unit(block.kind, start, end, count(text[start:end]))


def _pack(units: tuple[_Unit, ...], tokens: int) -> Iterator[tuple[_Unit, ...]]:
    """Cut a section into runs of at most `tokens`, about equally large."""
    # A line break between two units costs a token, so these sums are never below the count of the whole.
    sums = list(accumulate((unit.tokens + 1 for unit in units), initial=0))
    at = 0
    while at < len(units):
        rest = sums[-1] - sums[at]
        aim = rest / math.ceil(rest / tokens)
        end = at + 1
        while end < len(units):
            now, more = sums[end] - sums[at], sums[end + 1] - sums[at]
            if more > tokens or abs(more - aim) > abs(now - aim):
                break
            end += 1
        while at + 1 < end < len(units) and units[end - 1].kind in INTRODUCES:
            end -= 1
        yield units[at:end]
        at = end


def _trim(text: str, units: tuple[_Unit, ...]) -> tuple[_Unit, ...]:
    """Without code and tables at the edges, unless the sentence above runs on into them."""
    first, last = 0, len(units)
    while first < last and units[first].kind in ("code", "table"):
        first += 1
    while last - first > 1 and not units[last - 1].prose and text[units[last - 2].end - 1] in ENDS:
        last -= 1
    return units[first:last]


def _piece(text: str, heading: str, units: tuple[_Unit, ...], tokens: int, min_words: int) -> Piece | None:
    if not units:
        return None
    start, end = units[0].start, units[-1].end
    size = count(text[start:end])
    spoken = [unit for unit in units if unit.prose]
    if size > tokens or sum(unit.tokens for unit in spoken) < PROSE_SHARE * size:
        return None
    if sum(len(words(text[unit.start : unit.end])) for unit in spoken) < min_words:
        return None
    return Piece(start, end, heading, size)
