"""The settings of decontamination, as an entry of `curate` in the recipe.

    - decontaminate: {against: [evals/*.jsonl]}
    - decontaminate: {against: [{paths: evals/mine, fields: {question: prompt, answer: gold}}], method: ngram13}

Files and folders are execution (moving them changes nothing); what they hold is in the step's identity by the digest
of each file. `fields` names the keys of a row; what is not named is looked for under the names that known sets use
(`layouts.py`).
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from retold.core.quantity import Share
from retold.core.settings import Settings, execution, identity

Method = Literal["sampled", "ngram13"]
Removal = Literal["document", "window"]


class Fields(Settings):
    """Where a row keeps its parts. `gold` tells which choice is right, by number, letter or label."""

    question: str | None = identity(None)
    answer: str | None = identity(None)
    choices: str | None = identity(None)
    passage: str | None = identity(None)
    gold: str | None = identity(None)
    id: str | None = identity(None)


class Against(Settings):
    """Evaluation files of one layout. A string or a list of strings in the recipe stands for `paths`."""

    paths: tuple[str, ...] = execution(min_length=1, description="JSON lines, plain or packed; folders, patterns")
    fields: Fields = identity(Fields())

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"paths": value} if isinstance(value, str | list | tuple) else value

    @field_validator("paths", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class Decontaminate(Settings):
    """What to look for, how, and what to do about it.

    `remove`: `document` drops what is hit; `window` cuts out each hit with 200 characters on both sides, drops pieces
    shorter than that, and drops the document when more than ten pieces would be left. By default each method does what
    its authors do: ngram13 cuts (GPT-3), sampled drops (decon).
    """

    against: tuple[Against, ...] = identity(min_length=1)
    method: Method = identity("sampled")
    remove: Removal | None = identity(None)
    every: int = identity(1, ge=1, le=64, description="sampled: look up every n-th n-gram")
    score: Share = identity(0.6, gt=0, le=1, description="sampled: share of a long text that must be found")
    passages: Literal["report", "remove"] = identity("report", description="what a passage without its question does")
    frequent: int = identity(10, ge=1, description="ngram13: n-grams in more documents than this are ignored")
    retellings: bool = identity(True, description="look at retellings too")

    @field_validator("against", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | dict) else value

    @model_validator(mode="after")
    def _settings_of_the_method(self) -> Self:
        foreign = {"sampled": ("frequent",), "ngram13": ("every", "score", "passages")}[self.method]
        for name in foreign:
            if name in self.model_fields_set:
                raise ValueError(f"{name} means nothing to method {self.method}")
        return self

    @property
    def removal(self) -> Removal:
        """`remove`, or what the method's authors do."""
        return self.remove or ("window" if self.method == "ngram13" else "document")
