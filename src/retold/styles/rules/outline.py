"""An outline: headings, the sentences that open paragraphs, and the items of lists, as nested bullets.

In: a passage. Out: one outline of at least three points, or nothing. Points are sentences or items word for word;
only short ones (at most 30 words) are taken, nothing is cut short. A signature is a point with the first sentence
below it.

Trade-off: a paragraph whose opening leans on the one before ("This …") is represented by its first sentence that does
not, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from retold.core.document import Passage
from retold.styles.rules.material import (
    Statement,
    balanced,
    framed,
    has_note,
    layout,
    stands_alone,
    statements,
    terms,
)
from retold.text.sentences import flat

FEWEST, MOST, LONGEST = 3, 14, 30
_HEADING, _TERM, _SENTENCE, _ITEM = 0, 1, 2, 3  # ranks; a point nests under the nearest one above of higher rank
_FRAMES = ("Outline", "Structure of the text", "Contents in order", "Overview", "Points in order")


@dataclass(frozen=True, slots=True)
class _Point:
    level: int
    text: str


def program(passage: Passage, seed: int) -> list[str]:
    """One outline, or nothing."""
    told: dict[int, list[Statement]] = {}
    for statement in statements(passage.text):
        told.setdefault(statement.block, []).append(statement)
    named = terms(passage.text)
    points: list[_Point] = []
    for number, block in enumerate(layout(passage.text)):
        if number in named or block.kind == "heading":
            point = _label(flat(passage.text[block.body : block.body_end]), block.kind == "heading")
        else:
            point = _told(block.kind, told.get(number, []))
        if point and point.text not in {other.text for other in points}:
            points.append(point)
    while points and points[-1].level < _SENTENCE:
        points.pop()
    points = _nested(points[:MOST])
    if len(points) < FEWEST:
        return []
    lines = [f"{'  ' * point.level}- {point.text}" for point in points]
    return ["\n".join([framed(_FRAMES, seed, passage, "outline"), "", *lines])]


def _label(text: str, heading: bool) -> _Point | None:
    """A heading, a signature or a term, which stand over what follows."""
    return _Point(_HEADING if heading else _TERM, text) if 1 < len(text) <= 100 and balanced(text) else None


def _told(kind: str, told: list[Statement]) -> _Point | None:
    """The point that a paragraph or an item makes: its first sentence that can stand in an outline."""
    if kind == "item" and told:
        item = told[0].text
        opens = item[0].isalnum() or item[0] in '"“`*('
        fine = len(item.split()) <= LONGEST and balanced(item) and item[-1] not in ":,;" and len(item) > 2
        return _Point(_ITEM, item) if fine and opens and not has_note(item) else None
    for statement in told if kind == "prose" else ():
        alone = stands_alone(statement) or (statement.subject not in ("", "?") and statement.first)
        whole = balanced(statement.text) and statement.text.endswith((".", "!", "。", '."'))
        if alone and whole and len(statement.text.split()) <= LONGEST and not has_note(statement.text):
            return _Point(_SENTENCE, statement.text)
    return None


def _nested(points: list[_Point]) -> list[_Point]:
    """Points with their depth in the outline: each one deeper than the last one above it in rank."""
    nested = []
    ranks: list[int] = []
    for point in points:
        while ranks and ranks[-1] >= point.level:
            ranks.pop()
        nested.append(_Point(len(ranks), point.text))
        ranks.append(point.level)
    return nested
