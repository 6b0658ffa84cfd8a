"""Verdicts: keep, or drop with a reason code from the closed list of the room that judged.

A room declares its reasons as a `dict[code, explanation]`; `Verdict` rows may carry only codes that some room declared,
which `reasons.py` of each room and a test hold. The explanation is what a person reads in the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Subject = Literal["record", "document", "retelling"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Table `verdicts`: what one stage decided about one subject.

    `detail` quotes the offending words, at most 200 characters.
    """

    subject: str
    kind: Subject
    keep: bool
    reason: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        if self.keep == bool(self.reason):
            raise ValueError(f"a verdict has a reason exactly when it drops: keep={self.keep}, reason={self.reason!r}")


DETAIL_LIMIT = 200


def drop(subject: str, kind: Subject, reason: str, detail: str = "") -> Verdict:
    """A dropping verdict with its detail cut to the limit."""
    return Verdict(subject, kind, False, reason, detail[:DETAIL_LIMIT])


def keep(subject: str, kind: Subject) -> Verdict:
    """A keeping verdict."""
    return Verdict(subject, kind, True)


def merge_reasons(*rooms: Mapping[str, str]) -> dict[str, str]:
    """All reason codes with their explanations. Raises ValueError where two rooms explain one code differently."""
    merged: dict[str, str] = {}
    for room in rooms:
        for code, explanation in room.items():
            if merged.setdefault(code, explanation) != explanation:
                raise ValueError(f"the reason {code!r} is declared twice with different explanations")
    return merged
