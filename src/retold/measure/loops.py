"""Whether a generated text goes round in circles: too many corrections, repeated n-grams, no end.

In: a continuation, whether it ended by itself, the words that announce a correction. Out: `Loop`. A text loops where it
corrects itself three times or more, repeats an n-gram of eight words three times, or has not ended at the cap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

CORRECTIONS = 3
GRAM, TIMES = 8, 3


@dataclass(frozen=True, slots=True)
class Loop:
    """What was found in a text."""

    corrections: int
    repeated: bool
    ended: bool

    @property
    def loops(self) -> bool:
        """Any of the three."""
        return self.corrections >= CORRECTIONS or self.repeated or not self.ended


def look(text: str, ended: bool, markers: Collection[str]) -> Loop:
    """Corrections (marker phrases, counted wherever they stand), repetition, end."""
    words = text.split()
    grams = Counter(zip(*(words[start:] for start in range(GRAM)), strict=False))
    most = max(grams.values(), default=0)
    return Loop(sum(text.count(marker) for marker in markers), most >= TIMES, ended)
