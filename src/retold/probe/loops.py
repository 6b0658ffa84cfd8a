"""Signs of a loop in one answer: how often it takes something back, whether it repeats itself, whether it ends.

In: the text of an answer and how it finished. Out: `Loop`. An answer loops when it takes back three times or more, or
says the same eight words (or the same line of three words or more) three times, or writes one sign twelve times running
(rules and rows of ASCII signs aside). No end by the cap of tokens is counted beside it, since a wordy answer has none
either. The markers are English and a closed list, so a count is a lower bound.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from retold.core.document import Finish

MARKERS: Final = (
    "wait",
    "hold on",
    "actually",
    "no, that",
    "that's not",
    "that is not right",
    "that's wrong",
    "that is wrong",
    "let me correct",
    "correction",
    "corrected",
    "i made a mistake",
    "i made an error",
    "my mistake",
    "i apologize",
    "i apologise",
    "sorry",
    "let me try again",
    "try again",
    "scratch that",
    "not quite",
    "oops",
    "hmm",
)
"""Words that take back what was said before; counted where they stand as words of their own."""
RETRACTIONS: Final = 3
WORDS: Final = 8
TIMES: Final = 3
RUN: Final = 12


@dataclass(frozen=True, slots=True)
class Loop:
    """What was seen in an answer."""

    retractions: int
    repeated: bool
    unfinished: bool

    @property
    def loops(self) -> bool:
        """Whether it goes round and round."""
        return self.retractions >= RETRACTIONS or self.repeated


def loop_signs(text: str, finish: Finish = "stop") -> Loop:
    """The signs in one answer."""
    return Loop(retractions(text), repeats(text), finish == "length")


def retractions(text: str) -> int:
    """How often a marker stands in the text as words of its own."""
    plain = f" {'  '.join(_plain(word) for word in text.lower().split())} "  # two spaces: neighbours share none
    return sum(plain.count(f" {_spaced(marker)} ") for marker in MARKERS)


def _plain(word: str) -> str:
    return word.replace("’", "'").strip(".,:;!?…\"'()*-—")


def _spaced(marker: str) -> str:
    return "  ".join(_plain(word) for word in marker.split())


def repeats(text: str) -> bool:
    """Whether eight words or a line of three words or more come three times, or one sign twelve times running."""
    words = text.lower().split()
    grams = Counter(zip(*(words[at:] for at in range(WORDS)), strict=False))
    lines = Counter(
        line for line in (" ".join(raw.lower().split()) for raw in text.split("\n")) if line.count(" ") >= 2
    )
    return any(count >= TIMES for counts in (grams, lines) for count in counts.values()) or _runs("".join(words))


def _runs(text: str) -> bool:
    """Whether a letter or a sign beyond ASCII stands twelve times running, white space aside."""
    signs = ((sign, sum(1 for _ in run)) for sign, run in groupby(text))
    return any(length >= RUN and (sign.isalpha() or not sign.isascii()) for sign, length in signs)
