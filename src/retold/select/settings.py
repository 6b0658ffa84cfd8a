"""The settings of selection, as an entry of `curate` in the recipe.

- select: {towards: target/*.md, tokens: 20M}
- select: {towards: {paths: examples.jsonl, text: body}, tokens: 4B, diversity: 5%, by: dsir}
"""

from __future__ import annotations

from typing import Literal

from retold.core.quantity import Count, Share
from retold.core.settings import Settings, identity
from retold.read import Source


class Select(Settings):
    """Keep the documents that are most like the target, within a budget of tokens (counted by `text/tokens.py`).

    `by: density` takes the documents with the highest mean importance of a word; `by: dsir` samples them by their whole
    importance weight, as published. `diversity` is the share of the budget that is drawn from all documents alike.
    """

    towards: Source = identity(description="texts of the wanted kind: files as under `sources`")
    tokens: Count = identity(gt=0)
    diversity: Share = identity(0.05, ge=0, le=1)
    by: Literal["density", "dsir"] = identity("density")
    buckets: int = identity(1 << 16, ge=1_000, le=1 << 20)
