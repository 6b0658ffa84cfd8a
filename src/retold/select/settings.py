"""The settings of selection, as an entry of `curate` in the recipe.

- select: {towards: target/*.md, tokens: 20M}
- select: {towards: {paths: examples.jsonl, text: body}, tokens: 4B, diversity: 5%, by: dsir}
- select: {towards: target/*.md, tokens: 20M, by: classifier}
- select: {model: medicine.classifier, tokens: 20M, by: classifier}
- select: {fasttext: oh_eli5.bin, label: __label__hq, tokens: 20M, by: classifier}
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from retold.core.quantity import Count, Share
from retold.core.settings import Settings, execution, identity
from retold.read import Source


class Select(Settings):
    """Keep the documents that are most like the target, within a budget of tokens (counted by `text/tokens.py`).

    `by: density` takes the documents with the highest mean importance of a word; `by: dsir` samples them by their whole
    importance weight, as published; `by: classifier` takes those that a classifier finds most probable to be of the
    target's kind. It learns from the target against `sample` documents of the corpus, or is a file: `model` of `retold
    classifier train`, or `fasttext`. `diversity` is the share of the budget that is drawn from all documents alike.
    """

    towards: Source | None = identity(None, description="texts of the wanted kind: files as under `sources`")
    tokens: Count = identity(gt=0)
    diversity: Share = identity(0.05, ge=0, le=1)
    by: Literal["density", "dsir", "classifier"] = identity("density")
    buckets: int = identity(1 << 16, ge=1_000, le=1 << 20)
    sample: int = identity(1_000, ge=1, le=100_000, description="documents that stand for the corpus; for classifier")
    model: str | None = execution(None, description="a file of `retold classifier train`")
    fasttext: str | None = execution(None, description="a supervised fastText model, .bin or .ftz")
    label: tuple[str, ...] = identity((), description="the fastText labels of the wanted kind")

    @field_validator("label", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.towards is None) + (self.model is None) + (self.fasttext is None) != 2:
            raise ValueError("select needs one of: towards (texts of the wanted kind), model, fasttext (a classifier)")
        if self.towards is None and self.by != "classifier":
            raise ValueError(f"by: {self.by} looks at texts and needs towards; a model chooses with by: classifier")
        if bool(self.label) != (self.fasttext is not None):
            raise ValueError("label names the fastText labels of the wanted kind, such as __label__hq")
        return self
