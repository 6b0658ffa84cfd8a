"""Personal data and secrets: masked, or a reason to drop, or only counted.

In: texts. Out: one signal for each kind (how many were found), and the text with what is masked replaced by the kind
in brackets, such as [EMAIL], as an edit with the ranges that it keeps. What was found is in no signal, verdict or log,
only how often; the text as it was read stays in the store as the parent of the masked one, until it is erased.

Kinds and how sure they are: `text/identifiers.py`. Sentences of one half of a synthetic set with labels (presidio-
research; `make gates`): e-mail, IBAN, US social security numbers 1.00 of 1.00 found, public IP addresses 1.00, cards
0.98 (the rest have no valid issuer), telephone numbers 0.66 to 0.71, at a precision of 0.98 to 1.00. Documents of ten
regions with lookalikes that nobody had looked at (the second set of `tests/clean/test_pii_held.py`, once): 0.87 to 1.00
found, at 0.98 to 1.00. Of what is taken for a telephone number in technical documentation half is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Self

import numpy as np
import phonenumbers
from pydantic import field_validator, model_validator

from retold.clean.entry import Entry, Limit, Measured, NewText, threshold
from retold.core.edit import Piece, cut
from retold.core.settings import identity
from retold.text.identifiers import FINDERS, VERSION, Found, find

KINDS = tuple(sorted(FINDERS))


class Pii(Entry):
    """Mask, drop or only count e-mail addresses, telephone numbers, IP addresses, cards, accounts and secrets.

    A kind that is named nowhere is masked; `regions` are those whose national telephone numbers are looked for.
    `most` drops a document that has more of them than so many: a list of addresses is no text.
    """

    drop: tuple[str, ...] = identity((), description="a document that holds one of these kinds is dropped")
    count: tuple[str, ...] = identity((), description="counted, and left as they are")
    regions: tuple[str, ...] = identity(("US",), description="ISO 3166 codes")
    most: int | None = threshold(None, ge=0, description="a document with more than so many is dropped")

    @field_validator("drop", "count", "regions", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("drop", "count")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in KINDS:
                near = get_close_matches(name, KINDS, 1, 0.4)
                guess = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"no kind {name!r} is known: there are {', '.join(KINDS)}{guess}")
        return tuple(sorted(set(value)))

    @field_validator("regions")
    @classmethod
    def _regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if code not in phonenumbers.SUPPORTED_REGIONS:
                raise ValueError(f"{code!r} is no region: write two letters in capitals, such as US, GB or DE")
        return tuple(sorted(set(value)))

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted(set(self.drop) & set(self.count))
        if both:
            raise ValueError(f"{both[0]} is both to be dropped and only to be counted: name it once")
        return self

    def versions(self) -> dict[str, Any]:
        """What is found, and the version of libphonenumber's data."""
        return {"phonenumbers": phonenumbers.__version__, "found": VERSION}

    def measure(self, texts: Sequence[str]) -> Measured:
        """How many of each kind, and the masked texts."""
        counts = np.zeros((len(KINDS), len(texts)))
        edits: list[NewText | None] = []
        for place, text in enumerate(texts):
            found = find(text, KINDS, self.regions)
            for item in found:
                counts[KINDS.index(item.kind), place] += 1
            edits.append(self._masked(text, found))
        signals = {f"pii_{kind}": counts[at] for at, kind in enumerate(KINDS)}
        return Measured({**signals, "pii": counts.sum(axis=0)}, edits)

    def _masked(self, text: str, found: list[Found]) -> NewText | None:
        pieces: list[Piece] = []
        at = 0
        for item in found:
            if item.kind not in self.drop and item.kind not in self.count:
                pieces += [(at, item.start), f"[{item.kind.upper()}]"]
                at = item.end
        return cut(text, [*pieces, (at, len(text))]) if pieces else None

    def limits(self) -> tuple[Limit, ...]:
        """One of the kinds that drop; too many of all."""
        kinds = tuple(Limit(f"pii_{kind}", "holds_personal_data", at_most=0.0) for kind in self.drop)
        return kinds if self.most is None else (*kinds, Limit("pii", "holds_personal_data", at_most=float(self.most)))
