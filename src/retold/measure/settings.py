"""What an experiment is, as its file says it: arms, sizes, seeds, budgets, and the one primary contrast.

Everything that decides a number is identity. A cell (one model: size, seed, arm) has a fingerprint of its own, in which
neither the other arms nor the number of seeds appear: adding an arm or a seed redoes nothing.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import field_validator, model_validator

from retold.core.quantity import Count
from retold.core.settings import Settings, execution, identity

NAME = r"^[a-z][a-z0-9_]*$"


class Size(Settings):
    """The shape of a decoder: Llama's, with tied embeddings."""

    layers: int = identity(ge=1, le=64)
    width: int = identity(ge=8, le=4096)
    heads: int = identity(0, ge=0, le=64, description="0: one for each 32 of width, at least one")
    mlp: int = identity(0, ge=0, le=16384, description="0: 8/3 of the width, rounded down to a multiple of 8")

    @model_validator(mode="after")
    def _fits(self) -> Size:
        if self.width % (2 * self.attention_heads):
            raise ValueError(f"width {self.width} is not a multiple of twice its {self.attention_heads} heads")
        return self

    @property
    def attention_heads(self) -> int:
        """Heads, as set or by width."""
        return self.heads or max(1, self.width // 32)

    @property
    def hidden(self) -> int:
        """Width of the gated layer, as set or by width."""
        return self.mlp or max(8, self.width * 8 // 3 // 8 * 8)


class Training(Settings):
    """How every model of the experiment is trained: AdamW, gradients clipped at norm 1."""

    batch: int = identity(32, ge=1, description="rows of a step")
    length: int = identity(128, ge=8, description="tokens of a row")
    rate: float = identity(1e-3, gt=0, description="peak learning rate")
    warmup: int = identity(50, ge=0, description="steps of linear warm-up")
    schedule: Literal["constant", "cosine"] = identity(
        "constant", description="constant: every point of the curve is a result of its own budget"
    )
    decay: float = identity(0.1, ge=0, description="weight decay of matrices")
    threads: int = execution(1, ge=1, le=256, description="of the CPU; sums are rounded by it, so keep it for equality")
    save_every: float = execution(30.0, gt=0, description="seconds between checkpoints of a running cell")


class Block(Settings):
    """Cells that are trained together: one size, some arms (none named: all)."""

    size: str = identity()
    arms: tuple[str, ...] = identity(())


class Contrast(Settings):
    """The one comparison that the experiment is for, named before any result is seen."""

    arm: str = identity()
    score: str = identity()
    size: str = identity()
    aim: str = identity("", description="what was hoped for, in words; the page shows it beside what came out")


class ExperimentSettings(Settings):
    """An experiment file."""

    name: str = identity(pattern=NAME)
    question: str = identity(min_length=10, description="what the experiment asks, in a sentence")
    builder: str = identity(description="what makes the texts and scores the models")
    world: dict[str, Any] = identity({}, description="settings of the builder that all arms share")
    arms: dict[str, dict[str, Any]] = identity(min_length=1, description="settings of the builder for each arm")
    control: str = identity(description="the arm that the others are compared with")
    primary: Contrast = identity()
    sizes: dict[str, Size] = identity(min_length=1)
    runs: tuple[Block, ...] = identity((), description="order of work; empty: all arms of every size")
    seeds: int = identity(5, ge=1, le=1000)
    first_seed: int = identity(1, ge=0)
    budget: Count = identity(description="tokens that every model sees")
    every: Count = identity(description="tokens between two points of the curve")
    training: Training = identity(Training())
    levels: tuple[float, ...] = identity((), description="scores at which tokens needed are compared")
    generation: dict[str, Count] = execution(
        {}, description="floating-point operations spent on making an arm's texts, for the equal-compute line"
    )
    confidence: float = identity(0.95, gt=0.5, lt=1)
    out: str = execution("", description="folder for cells and checkpoints; empty: out/NAME beside the file")

    @field_validator("arms", mode="before")
    @classmethod
    def _bare(cls, arms: object) -> object:
        """`copy:` alone is an arm without settings of its own."""
        if isinstance(arms, dict):
            return {name: {} if value is None else value for name, value in arms.items()}
        return arms

    @model_validator(mode="after")
    def _names(self) -> ExperimentSettings:
        _known("control", self.control, self.arms)
        _known("primary: arm", self.primary.arm, self.arms)
        _known("primary: size", self.primary.size, self.sizes)
        for block in self.runs:
            _known("runs: size", block.size, self.sizes)
            for arm in block.arms:
                _known("runs: arms", arm, self.arms)
        if self.primary.arm == self.control:
            raise ValueError(f"primary: arm: {self.control} is the control itself")
        return self

    @property
    def blocks(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(size, arms) in the order of work."""
        chosen = self.runs or tuple(Block(size=size) for size in self.sizes)
        return tuple((block.size, block.arms or tuple(self.arms)) for block in chosen)


def _known(key: str, name: str, names: dict[str, Any]) -> None:
    if name not in names:
        raise ValueError(f"{key}: {name} is not among {', '.join(names)}")
