"""What a recipe says under `mix:`.

    mix: default@1                                         70 % real text, 30 % retold, nothing repeated
    mix: {tokens: 4B, parts: {web: 62%, retelling: 30%, reflection: 8%}, max_epochs: 4}
    mix: {parts: {web: 2B, retelling: 900M}}               budgets in place of shares
    mix: {tokens: 10M, parts: {web: 2, books: 1}}          weights
    mix:
      phases:                                              one after the other, in this order
        pretrain: {tokens: 3.5B, parts: {real: 70%, retelling: 30%}}
        anneal:
          tokens: 500M
          parts:
            best: {share: 60%, kind: source, signal: quality, at_least: 0.8}
            retelling: 40%

A part is named after what it draws from: a kind (`source` or `real`, `retelling`, `reflection`), a source of the
recipe (its real text), a style (its retellings) or a builder of reflection data; or it has a name of its own and says
so: `kind`, `source`, `style` (a builder's name is the style of what it made), and a band of quality by `signal`,
`at_least`, `below`. A document belongs to the first part, in the order written, that it fits. Without `tokens` a phase
is as large as its shares allow without drawing a document that was drawn before.

70 to 30 is where the public comparisons put synthetic rephrasings of good sources beside them (BeyondWeb 2025; earlier
WRAP, half and half); more than 4 epochs of one text are worth little more (Muennighoff et al. 2023, "Scaling
Data-Constrained Language Models"), so `max_epochs` is 4 and more is said aloud.
"""

from __future__ import annotations

from typing import Any

from pydantic import field_validator, model_validator

from retold.core.document import Kind
from retold.core.quantity import Count, Share, parse_count, parse_share
from retold.core.settings import Settings, identity

DEFAULT = "default@1"
DEFAULT_PARTS = {"real": "70%", "retelling": "30%"}
FEW_EPOCHS = 4
ONLY = "train"
"""The name of the phase where only one is described."""
WHOLE, TOLERANCE = 1.0, 0.005


class PartSettings(Settings):
    """One part of a phase: how much, as one of share, weight and tokens, and of what."""

    share: Share | None = identity(None, gt=0, description="of the tokens of its phase")
    weight: float | None = identity(None, gt=0, le=1e9, description="a share before it is divided by all weights")
    tokens: Count | None = identity(None, ge=1)
    kind: Kind | None = identity(None)
    source: str | None = identity(None, description="a source of the recipe")
    style: str | None = identity(None)
    signal: str | None = identity(None, description="a number that a step measured")
    at_least: float | None = identity(None)
    below: float | None = identity(None)

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {**value, "kind": "source"} if value.get("kind") == "real" else value
        if isinstance(value, str) and value.strip().endswith("%"):
            return {"share": parse_share(value)}
        if isinstance(value, str):
            return {"tokens": parse_count(value)}
        return {"weight": value}

    @model_validator(mode="after")
    def _one_amount(self) -> PartSettings:
        given = [name for name in ("share", "weight", "tokens") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("a part needs one amount: share, weight or tokens\n  such as 62%, 3 or 2B")
        if self.signal is None and (self.at_least is not None or self.below is not None):
            raise ValueError("at_least and below are bounds of a signal\n  add `signal:` with the name of a number")
        return self

    @property
    def described(self) -> bool:
        """Whether it says of itself what it draws from."""
        return any(value is not None for value in (self.kind, self.source, self.style, self.signal))


class PhaseSettings(Settings):
    """Parts, and the tokens of them all."""

    tokens: Count | None = identity(None, ge=1)
    parts: dict[str, PartSettings] = identity(min_length=1)

    @model_validator(mode="after")
    def _one_measure(self) -> PhaseSettings:
        used = {name for part in self.parts.values() for name in ("share", "weight", "tokens") if getattr(part, name)}
        if len(used) > 1:
            raise ValueError(
                f"parts are measured in {' and '.join(sorted(used))}"
                "\n  write all as shares, all as weights or all as tokens"
            )
        shares = [part.share for part in self.parts.values() if part.share is not None]
        if shares and abs(sum(shares) - WHOLE) > TOLERANCE:
            raise ValueError(
                f"the shares add up to {sum(shares):.1%}\n  make them 100%, or write weights without a sign"
            )
        if "tokens" in used and self.tokens is not None:
            raise ValueError("parts with budgets need no `tokens:` for them all\n  leave one of the two out")
        return self

    def shares(self) -> dict[str, float]:
        """The share of each part; empty where parts have budgets."""
        weights = {name: part.share or part.weight or 0.0 for name, part in self.parts.items()}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()} if total else {}


class MixSettings(Settings):
    """One phase (`tokens`, `parts`) or several; how often a document may be drawn over all of them."""

    tokens: Count | None = identity(None, ge=1)
    parts: dict[str, PartSettings] = identity(default_factory=dict)
    phases: dict[str, PhaseSettings] = identity(default_factory=dict)
    max_epochs: Count = identity(FEW_EPOCHS, ge=1, le=1000)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if value in (DEFAULT, "default"):
            return {"parts": dict(DEFAULT_PARTS)}
        if isinstance(value, str):
            raise ValueError(f"there is no mixture called {value!r}\n  write {DEFAULT}, or parts with shares")
        return value

    @field_validator("phases")
    @classmethod
    def _names(cls, value: dict[str, PhaseSettings]) -> dict[str, PhaseSettings]:
        if "" in value:
            raise ValueError("a phase needs a name\n  such as pretrain or anneal")
        return value

    @model_validator(mode="after")
    def _whole(self) -> MixSettings:
        if bool(self.parts) == bool(self.phases):
            raise ValueError(
                "a mixture is either `parts:` or `phases:` that have parts"
                "\n  such as: mix: {parts: {real: 70%, retelling: 30%}}"
            )
        if self.phases and self.tokens is not None:
            raise ValueError("with phases each one has its own `tokens:`\n  write them there")
        _ = self.stages()
        return self

    def stages(self) -> dict[str, PhaseSettings]:
        """The phases by name, in order."""
        return self.phases or {ONLY: PhaseSettings(tokens=self.tokens, parts=self.parts)}
