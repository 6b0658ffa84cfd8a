"""Licences: records whose terms are not wanted are dropped before their text is read.

    - licence: {keep: [CC0-1.0, CC-BY-4.0, CC-BY-SA-*]}         anything else, and what states none, is dropped
    - licence: {refuse: [CC-BY-NC-*, "*-ND-*"], unknown: keep}  these are dropped, all else stays

In: the licence of a record, as its source in the recipe, its column or its page states it (`clean/metadata.py` reads
the mark that a page makes for the purpose). Out: a verdict on the record. Names are compared without case, `*` stands
for any characters. Where several licences hold ("A AND B", `core/licence.py`), all have to be kept and none refused. A
text that two records have stays a document while one of them may be used; its licence is that of the first of those.

All that is made from a document inherits its licence, and what a model makes is under the model's terms too. So the
engine is asked the same as records: a recipe whose engine the rule refuses is not run.

This is bookkeeping, no legal judgement: what a source states is believed.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from retold.clean.entry import Entry
from retold.core.licence import UNSTATED, conjuncts, stated
from retold.core.settings import identity


class Licence(Entry):
    """Drop records by their licence."""

    keep: tuple[str, ...] = identity((), description="only these, where any are named")
    refuse: tuple[str, ...] = identity((), description="never these")
    unknown: Literal["keep", "drop"] = identity("drop", description="what becomes of records that state none")

    @field_validator("keep", "refuse", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.keep and not self.refuse:
            raise ValueError("licence needs names: keep or refuse\n  such as: {keep: [CC0-1.0, CC-BY-*]}")
        return self

    def bars(self, licence: str) -> tuple[str, str] | None:
        """The reason and the licence, where what is under it is not wanted."""
        each = [one for one in conjuncts(licence) if one != UNSTATED]
        kept = not self.keep or all(_among(one, self.keep) for one in each)
        if any(_among(one, self.refuse) for one in each) or not kept:
            return "licence_refused", licence
        if not stated(licence) and self.unknown == "drop":
            return "licence_unknown", "its source states none"
        return None


def _among(licence: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(licence.casefold(), pattern.casefold()) for pattern in patterns)
