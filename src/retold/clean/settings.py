"""The settings of what is done to each document, as entries of `curate` in the recipe.

curate: [normalize, {language: {keep: [en]}}, {length: {min_words: 20}}, exact]
"""

from __future__ import annotations

import difflib
from typing import Any, Self

from pydantic import field_validator, model_validator

from retold.clean.codes import CODES
from retold.core.settings import Settings, identity


class Normalize(Settings):
    """One form for equal text: NFC, no control or invisible characters, no trailing space, single blank lines."""


class Language(Settings):
    """Keep the documents of these languages (ISO 639 codes as lid.176 knows them)."""

    keep: tuple[str, ...] = identity(min_length=1)
    min_probability: float = identity(0.65, ge=0, le=1)

    @field_validator("keep", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("keep")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if code not in CODES:
                near = " or ".join(difflib.get_close_matches(code, CODES, 3, 0.4))
                raise ValueError(f"no language {code!r} is known" + (f"; did you mean {near}?" if near else ""))
        return tuple(sorted(set(value)))


class Length(Settings):
    """Bounds on a document's length, each of them optional and inclusive."""

    min_words: int | None = identity(None, ge=0)
    max_words: int | None = identity(None, ge=0)
    min_characters: int | None = identity(None, ge=0)
    max_characters: int | None = identity(None, ge=0)

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        for unit in ("words", "characters"):
            low, high = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{unit} ({low}) is above max_{unit} ({high})")
        if all(value is None for value in self.identity().values()):
            raise ValueError("length needs a bound: min_words, max_words, min_characters or max_characters")
        return self
