"""What an entry of `curate` is: settings that say what is measured, what the text becomes, and where the limits are.

Each field decides either what is measured (`identity`: a change reads the text again) or only what is dropped
(`threshold`: a change judges again from the signals). `measure` sees many texts at once and gives one number for each
of them and each signal; where it edits, also the new texts with the ranges that they keep. `limits` are the rules in
their order: the first that is broken gives the reason.

An entry that judges addresses (`refuses`) sees each record of a source before it is extracted, wherever it stands in
the list, and needs no text.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pydantic_core import PydanticUndefined

from retold.core.document import Unchanged
from retold.core.settings import Settings

if TYPE_CHECKING:
    from retold.text.scan import Texts

Numbers = npt.NDArray[np.float64]
NewText = tuple[str, Sequence[Unchanged]]
_THRESHOLD = "threshold"


def threshold(default: Any = PydanticUndefined, **options: Any) -> Any:
    """An identity field that decides verdicts alone: changing it needs no text."""
    return Field(default, json_schema_extra={"retold": "identity", _THRESHOLD: True}, **options)


@dataclass(frozen=True, slots=True)
class Limit:
    """Drop for `reason` where a signal is below `at_least` (a number, or another signal) or above `at_most`; or where
    it is `below` and more: a bound that is itself too much.

    Documents whose signal `exempt` is 1 are not judged by it.
    """

    signal: str
    reason: str
    at_least: float | str | None = None
    at_most: float | None = None
    exempt: str = ""
    below: float | None = None

    def broken(self, signals: Mapping[str, Numbers]) -> npt.NDArray[np.bool_]:
        """For each document, whether it is on the wrong side."""
        values = signals[self.signal]
        found = np.zeros(len(values), bool)
        if self.at_least is not None:
            found |= values < (signals[self.at_least] if isinstance(self.at_least, str) else self.at_least)
        if self.at_most is not None:
            found |= values > self.at_most
        if self.below is not None:
            found |= values >= self.below
        return found & (signals[self.exempt] != 1.0) if self.exempt else found

    def named(self, suffix: str) -> Limit:
        """The same limit on the signals of a later entry of the same kind."""
        other = self.at_least + suffix if isinstance(self.at_least, str) else self.at_least
        exempt = self.exempt + suffix if self.exempt else ""
        return replace(self, signal=self.signal + suffix, at_least=other, exempt=exempt)

    def detail(self, values: Sequence[float]) -> list[str]:
        """The signal, its value and the bound, for a person; for each value."""
        bounds = (("at least", self.at_least), ("at most", self.at_most), ("less than", self.below))
        asked = " and ".join(f"{word} {_short(bound)}" for word, bound in bounds if isinstance(bound, int | float))
        name = self.signal.replace("_", " ").replace(".", ": ")
        return [f"{name} {_short(value)}, asked {asked}" for value in values]


@dataclass(frozen=True, slots=True)
class Measured:
    """Signals by name, one number for each text. `edits`: None where the text stays, else the new text.

    `counts`: tokens and words of each text as it is after the edits, where the entry knows them without cutting it;
    -1 for a text of which it does not.
    """

    signals: Mapping[str, Numbers]
    edits: Sequence[NewText | None] = field(default=())
    counts: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None


class Entry(Settings, ABC):
    """An entry of `curate` that is about one document at a time."""

    WIDE: ClassVar[bool] = False
    """Whether it makes no edits and is quicker with many texts at once: what it looks things up in fills the cache."""

    def measuring(self) -> dict[str, Any]:
        """The fields that decide signals and edits."""
        return {name: value for name, value in self.identity().items() if not _is_threshold(self, name)}

    def judging(self) -> dict[str, Any]:
        """The fields that decide verdicts alone."""
        return {name: value for name, value in self.identity().items() if _is_threshold(self, name)}

    def versions(self) -> dict[str, Any]:
        """What else decides signals and edits: the versions of tables and models."""
        return {}

    def pinned(self, base: Path) -> Self:
        """The same entry with the files found that it names beside the sources. Raises SourceError."""
        return self

    def refuses(self, uri: str) -> tuple[str, str] | None:
        """Why a record from this address is not wanted, before it is extracted: (reason, detail). None: it is."""
        return None

    def bars(self, licence: str) -> tuple[str, str] | None:
        """Why a record under this licence (empty: none is stated) is not wanted: (reason, detail). None: it is."""
        return None

    def measure(self, texts: Texts) -> Measured:
        """Signals and edits of many texts."""
        return Measured({})

    def limits(self) -> tuple[Limit, ...]:
        """The rules, in order."""
        return ()

    def details(self, limit: Limit, signals: Mapping[str, Numbers]) -> list[str]:
        """What a person reads about drops by a limit; `signals` are those of the documents that it drops."""
        return limit.detail(signals[limit.signal].tolist())


def suffixes(entries: Sequence[Entry]) -> list[str]:
    """What keeps the signals of entries of one kind apart: nothing for the first, "@2" for the second and so on."""
    seen: dict[type[Entry], int] = {}
    found = []
    for entry in entries:
        seen[type(entry)] = seen.get(type(entry), 0) + 1
        found.append(f"@{seen[type(entry)]}" if seen[type(entry)] > 1 else "")
    return found


def _is_threshold(entry: Entry, name: str) -> bool:
    extra = type(entry).model_fields[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get(_THRESHOLD))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.4g}"
