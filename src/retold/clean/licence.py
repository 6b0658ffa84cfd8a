"""Licences: records whose terms are not wanted are dropped before their text is read.

    - licence: {keep: [CC0-1.0, CC-BY-4.0, CC-BY-SA-*]}         anything else, and what states none, is dropped
    - licence: {refuse: [CC-BY-NC-*, "*-ND-*"], unknown: keep}  these are dropped, all else stays

In: the licence of a record, as its source in the recipe, its column or its page states it (`clean/metadata.py` reads
the mark that a page makes for the purpose). Out: a verdict on the record. Names are compared without case, `*` stands
for any characters. Where several licences hold ("A AND B", `core/licence.py`), all have to be kept and none refused;
where one may be chosen ("A OR B"), it is enough that one is. A text that two records have stays a document while one of
them may be used; its licence is that of the first of those.

All that is made from a document inherits its licence, and what a model makes is under the model's terms too. So the
engine is asked the same as records: a recipe whose engine the rule refuses is not run. Nor is one with a source of
which the rule takes nothing, where that can be told before it is read.

This is bookkeeping, no legal judgement: what a source states is believed.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from retold.clean.entry import Entry
from retold.core.licence import alternatives, conjuncts, stated
from retold.core.settings import identity

REFUSED, UNKNOWN = "licence_refused", "licence_unknown"


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

    def versions(self) -> dict[str, Any]:
        """Of the method: 2 knows choices."""
        return {"method": 2}

    def bars(self, licence: str) -> tuple[str, str] | None:
        """The reason and the licence, where what is under it is not wanted."""
        reason = self._reason(licence)
        return (reason, "its source states none" if reason == UNKNOWN else licence) if reason else None

    def _reason(self, licence: str) -> str:
        """Of a choice one has to be wanted, of what holds together all; "" where it is."""
        choice, together = alternatives(licence), conjuncts(licence)
        if len(choice) > 1:
            found = [self._reason(one) for one in choice]
            return "" if "" in found else found[0]
        if len(together) > 1:
            return min(filter(None, map(self._reason, together)), default="")  # refused before unknown
        if not stated(licence):
            return UNKNOWN if self.unknown == "drop" else ""
        wanted = not self.keep or _among(together[0], self.keep)
        return "" if wanted and not _among(together[0], self.refuse) else REFUSED


def _among(licence: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(licence.casefold(), pattern.casefold()) for pattern in patterns)
