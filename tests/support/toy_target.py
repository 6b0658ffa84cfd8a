"""Toys with a target, in a module of their own: worker processes import what they are sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from random import Random

from retold.core.step import Target, Yield
from support.toy import Shout, ToyEngine


class Uneven(ToyEngine):
    """Answers late or early, as its own dice fall."""

    def __init__(self, seed: int, **options) -> None:
        super().__init__(**options)
        self.dice = Random(seed)

    async def complete(self, prompt):
        await asyncio.sleep(self.dice.uniform(0.0, 0.02))
        return await super().complete(prompt)


def tokens_of(letter: str) -> int:
    """Every third is refused."""
    return 0 if ord(letter) % 3 == 0 else 1 + ord(letter) % 7


@dataclass(frozen=True)
class Until(Shout):
    """Shout, until it is worth enough."""

    target: Target | None = None
    tokens_expected: float = 7.0

    def identity(self):
        return {"target": None if self.target is None else [self.target.tokens, self.target.usd]}

    def worth(self, view, first, end, known):
        answered = {row for rows in view.read("completions") for row in rows["request_id"].to_pylist()}
        texts = {row["document_id"]: row["text"] for rows in view.read("documents") for row in rows.to_pylist()}
        for rows in view.in_order("requests", first=first):
            for row in rows.to_pylist():
                if row["position"] < min(end, known):
                    assert row["request_id"] in answered, "judged before it was committed"
                    at = row["position"]
                    yield Yield(at, at + 1, tokens_of(texts[row["document_id"]]), 0.5)


class Costly(Uneven):
    """Each answer costs half a dollar."""

    async def complete(self, prompt):
        return replace(await super().complete(prompt), cost=0.5)
