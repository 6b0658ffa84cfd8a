"""Key facts: the sentences that carry most of the passage's own words, as a list in source order.

In: a passage. Out: one list of three to six statements, verbatim, or nothing if fewer than three can stand alone. A
sentence scores the sum of the logarithms of the counts of its content words in the passage, over the square root of
its length, times a bonus for opening a paragraph and for holding a digit or a quoted name (H. P. Luhn's and H. P.
Edmundson's cues).

Trade-off: extraction copies by design, so the style adds form and selection, and no new wording.
"""

from __future__ import annotations

import math
from collections import Counter

from retold.core.document import Passage
from retold.styles.rules.material import Statement, framed, said, stands_alone, statements
from retold.text.words import content_words

FEWEST, MOST, SHARE = 3, 6, 0.4
_FRAMES = ("Key facts", "Main points", "In brief", "Facts to remember", "What is stated", "Essential points")


def program(passage: Passage, seed: int) -> list[str]:
    """One bullet list of the most salient statements, or nothing."""
    told = statements(passage.text)
    free = [number for number, statement in enumerate(told) if stands_alone(statement)]
    if len(free) < FEWEST:
        return []
    wanted = min(MOST, max(FEWEST, round(SHARE * len(told))))
    chosen = _best(told, free, wanted)
    if len(chosen) < FEWEST:
        return []
    head = framed(_FRAMES, seed, passage, "salient_facts")
    return ["\n".join([head, "", *(f"- {said(told[number])}" for number in sorted(chosen))])]


def _best(told: tuple[Statement, ...], free: list[int], wanted: int) -> list[int]:
    """The highest scores, leaving out what mostly repeats a better one; ties go to the earlier sentence."""
    counts = Counter(word for statement in told for word in content_words(statement.text))
    bags = {number: frozenset(content_words(told[number].text)) for number in free}
    ranked = sorted(free, key=lambda number: (-_score(told[number], bags[number], counts, number), number))
    chosen: list[int] = []
    for number in ranked:
        if len(chosen) == wanted:
            break
        if all(_overlap(bags[number], bags[other]) < 0.6 for other in chosen):
            chosen.append(number)
    return chosen


def _score(statement: Statement, bag: frozenset[str], counts: Counter[str], number: int) -> float:
    weight = math.fsum(sorted(math.log1p(counts[word]) for word in bag)) / math.sqrt(len(bag) + 4)
    bonus = 1.0 + 0.3 * statement.first + 0.2 * (number == 0)
    specific = any(sign.isdigit() or sign in '"`_' for sign in statement.text)
    return weight * (bonus + 0.15 * specific)


def _overlap(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / max(1, len(left | right))
