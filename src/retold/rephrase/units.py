"""The sentences of a passage that a style is asked about.

In: the text of a passage, and what is made of the answers. Out: spans of sentences, without bullets, in order. Where
answers go back into the passage, these are all sentences of prose with `UNIT_WORDS` words; headings, code, tables and
shorter sentences stay as they are, and a passage without any is one unit. Where answers stand alone, in a list or as a
question, these are the sentences that can be read alone, about half of those in reference documentation; where there is
none the first sentence is asked about, so that the passage is accounted for.
"""

from __future__ import annotations

from typing import Final

from retold.styles.rules.material import stands_alone, statements
from retold.styles.style_file import Assembly
from retold.text.blocks import blocks
from retold.text.sentences import split
from retold.text.words import words

UNIT_WORDS: Final = 4
SPOKEN: Final = frozenset({"prose", "item", "note"})
LEAST, MOST = 7, 40
"""Words of a sentence that stands alone: shorter ones say too little, longer ones are too much for a small model."""
ENDS: Final = ".!?"
CLOSERS: Final = "\"'”’)]*`"

Spans = tuple[tuple[int, int], ...]


def units(text: str, assembly: Assembly = "passage") -> Spans:
    """Spans of the sentences to ask about."""
    if assembly == "passage":
        return _within(text)
    return _alone(text) or _within(text)[:1]


def _within(text: str) -> Spans:
    found = []
    for block in blocks(text):
        if block.kind not in SPOKEN:
            continue
        for first, end in split(text, block):
            start = max(first, block.body)
            if start < end and len(words(text[start:end])) >= UNIT_WORDS:
                found.append((start, end))
    return tuple(found) or ((0, len(text)),)


def _alone(text: str) -> Spans:
    return tuple(
        (statement.start, statement.end)
        for statement in statements(text)
        if stands_alone(statement)
        and not statement.subject
        and LEAST <= len(words(statement.text)) <= MOST
        and statement.text.rstrip(CLOSERS)[-1:] in ENDS
    )
