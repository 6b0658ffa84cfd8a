"""How varied texts are: the most frequent opening, how many n-grams are different ones, the most frequent notice.

In: texts (or items). Out: `Variety`, shares between 0 and 1. Numbers count as one word whatever their digits, since a
template with other numbers in it is still a template; an opening is the first five words. Template collapse shows as
one opening in more than a twentieth of a thousand texts (the alarm that FinePhrase's account of it suggests).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

OPENING_WORDS: Final = 5
ALARM: Final = 0.05


@dataclass(frozen=True, slots=True)
class Variety:
    """Shares over some texts. `distinct` is by n: different n-grams per n-gram."""

    texts: int
    opening: str
    opening_share: float
    distinct: dict[int, float]


def words(text: str) -> list[str]:
    """Words at white space, without case; a word with a digit in it is "0"."""
    return ["0" if any(character.isdigit() for character in word) else word for word in text.lower().split()]


def variety(texts: Iterable[str], grams: Sequence[int] = (2, 3)) -> Variety:
    """The variety of some texts. Raises ValueError where there are none."""
    openings: Counter[str] = Counter()
    seen: dict[int, set[tuple[str, ...]]] = {n: set() for n in grams}
    counted = dict.fromkeys(grams, 0)
    for text in texts:
        said = words(text)
        openings[" ".join(said[:OPENING_WORDS])] += 1
        for n in grams:
            found = list(zip(*(said[at:] for at in range(n)), strict=False))
            seen[n].update(found)
            counted[n] += len(found)
    if not openings:
        raise ValueError("there are no texts to measure")
    total = sum(openings.values())
    opening, times = openings.most_common(1)[0]
    return Variety(total, opening, times / total, {n: len(seen[n]) / max(1, counted[n]) for n in grams})
