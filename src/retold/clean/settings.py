"""The settings of what is done to each document, as entries of `curate` in the recipe.

curate: [normalize, {language: {keep: [en]}}, {length: {min_words: 20}}, exact]

What measures is imported when it is asked to: a recipe is read without loading models or compiled code.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import field_validator, model_validator

from retold.clean.codes import CODES
from retold.clean.entry import Entry, Limit, Measured, Numbers, threshold
from retold.core.settings import identity

if TYPE_CHECKING:
    from retold.text.scan import Texts


class Normalize(Entry):
    """One form for equal text: NFC, no control or invisible characters, no trailing space, single blank lines."""

    def versions(self) -> dict[str, Any]:
        """The version of Unicode."""
        return {"unicode": unicodedata.unidata_version}


class Language(Entry):
    """Keep the documents of these languages (ISO 639 codes as lid.176 knows them)."""

    WIDE = True

    keep: tuple[str, ...] = identity(min_length=1, description="codes, such as en or [en, de]")
    min_probability: float = threshold(0.65, ge=0, le=1, description="less certain ones are dropped: language_unsure")

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

    def versions(self) -> dict[str, Any]:
        """The digest of the model, and how it is computed."""
        from retold.clean.language import model_digest

        return {"language_model": model_digest(), "computed": 2}

    def measure(self, texts: Texts) -> Measured:
        """See `clean/language.py`."""
        from retold.clean import language

        return Measured(language.measure(texts, self))

    def limits(self) -> tuple[Limit, ...]:
        """Another language is more probable; too little certainty."""
        return (
            Limit("language", "wrong_language", at_least="language_top"),
            Limit("language", "language_unsure", at_least=self.min_probability),
        )

    def details(self, limit: Limit, signals: Mapping[str, Numbers]) -> list[str]:
        """The most probable language and its probability."""
        suffix = limit.signal.removeprefix("language")
        codes, top = signals[f"language_code{suffix}"].astype(int).tolist(), signals[f"language_top{suffix}"].tolist()
        return [f"{CODES[code] if code >= 0 else ''} {value:.2f}" for code, value in zip(codes, top, strict=True)]


class Length(Entry):
    """Bounds on a document's length, each of them optional and inclusive."""

    min_words: int | None = threshold(None, ge=0)
    max_words: int | None = threshold(None, ge=0)
    min_characters: int | None = threshold(None, ge=0)
    max_characters: int | None = threshold(None, ge=0)

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        for unit in ("words", "characters"):
            low, high = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{unit} ({low}) is above max_{unit} ({high})")
        if all(value is None for value in self.identity().values()):
            raise ValueError("length needs a bound: min_words, max_words, min_characters or max_characters")
        return self

    def measure(self, texts: Texts) -> Measured:
        """See `clean/length.py`."""
        from retold.clean import length

        return Measured(length.measure(texts))

    def limits(self) -> tuple[Limit, ...]:
        """Words first, then characters."""
        bounds = (
            ("words", self.min_words, self.max_words),
            ("characters", self.min_characters, self.max_characters),
        )
        return tuple(
            limit
            for unit, low, high in bounds
            for limit in (Limit(unit, "too_short", at_least=low), Limit(unit, "too_long", at_most=high))
            if limit.at_least is not None or limit.at_most is not None
        )

    def details(self, limit: Limit, signals: Mapping[str, Numbers]) -> list[str]:
        """The length in words and characters."""
        suffix = limit.signal.removeprefix("words").removeprefix("characters")
        words, characters = signals["words" + suffix].tolist(), signals["characters" + suffix].tolist()
        return [f"{word:,.0f} words, {count:,.0f} characters" for word, count in zip(words, characters, strict=True)]
