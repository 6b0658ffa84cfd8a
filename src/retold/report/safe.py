"""Untrusted text made safe to show: no control characters, no terminal escapes, no hidden changes of direction.

`plain` takes out what steers a terminal (escape sequences as a whole: ESC [ ... letter, ESC ] ... BEL), other control
characters except line breaks and tabs, and the marks that reverse the direction of text. What is left is printed as
text objects, never as markup, and escaped by the template engine in pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

ESCAPE = "\x1b"
CONTROL_SEQUENCE, STRING_SEQUENCES = "[", "]PX^_"
ENDS_OF_STRING = "\x07\x9c"
SEQUENCE_LIMIT = 4096
KEPT = "\n\t"
_HIDDEN = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_REMOVED = dict.fromkeys(
    [code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in KEPT] + [ord(sign) for sign in _HIDDEN]
)


class Marked(Protocol):
    """A range of characters of a text, why it is marked, and whether that decided a refusal."""

    @property
    def start(self) -> int:
        """First character."""
        ...

    @property
    def end(self) -> int:
        """One past the last character."""
        ...

    @property
    def reason(self) -> str:
        """Why it is marked."""
        ...

    @property
    def decided(self) -> bool:
        """Whether a refusal rests on it."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A safe piece of text; `reasons` is empty where no mark points at it."""

    text: str
    reasons: str = ""
    decided: bool = False


def plain(text: str) -> str:
    """`text` without anything that a terminal or a page would obey."""
    if ESCAPE in text:
        text = _without_sequences(text)
    return text.replace("\r\n", "\n").translate(_REMOVED)


def line(text: str) -> str:
    """`text` as one line: white space runs are one space."""
    return " ".join(plain(text).split())


def cut(text: str, width: int) -> str:
    """At most `width` characters, the last one an ellipsis where something was left out."""
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def _without_sequences(text: str) -> str:
    kept, place = [], 0
    while (found := text.find(ESCAPE, place)) >= 0:
        kept.append(text[place:found])
        place = _end_of_sequence(text, found + 1)
    kept.append(text[place:])
    return "".join(kept)


def _end_of_sequence(text: str, place: int) -> int:
    """Where the sequence ends whose introducer is at `place`; what never ends takes only its introducer away."""
    if place >= len(text):
        return place
    last = min(len(text), place + SEQUENCE_LIMIT)
    if text[place] == CONTROL_SEQUENCE:
        for index in range(place + 1, last):
            if "@" <= text[index] <= "~":
                return index + 1
            if not " " <= text[index] <= "?":
                return index
    elif text[place] in STRING_SEQUENCES:
        for index in range(place + 1, last):
            if text[index] in ENDS_OF_STRING:
                return index + 1
            if text[index : index + 2] == ESCAPE + "\\":
                return index + 2
    return place + 1 if " " <= text[place] <= "~" else place


def pieces(text: str, marks: Iterable[Marked]) -> Iterator[Piece]:
    """`text` in order, cut where marks begin and end. Marks may overlap; those that point outside are ignored."""
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    borders = sorted({0, len(text), *(mark.start for mark in inside), *(mark.end for mark in inside)})
    held, why = "", ("", False)
    for start, end in pairwise(borders):
        over = [mark for mark in inside if mark.start <= start and end <= mark.end]
        now = (", ".join(dict.fromkeys(mark.reason for mark in over)), any(mark.decided for mark in over))
        if now != why and held:
            yield Piece(plain(held), *why)
            held = ""
        held, why = held + text[start:end], now
    if held:
        yield Piece(plain(held), *why)
