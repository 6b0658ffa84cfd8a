"""What a mixture came to: tokens, documents and epochs of each part, beside what the recipe asked for.

One pass over `selection`. Resident: 16 bytes and an entry of a dictionary for each document drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from retold.mix import MixSettings
from retold.mix.settings import FEW_EPOCHS
from retold.report.explain import percent
from retold.report.tally import key
from retold.store import StoreView


@dataclass(frozen=True, slots=True)
class Blend:
    """One part of one phase. `epochs` is draws per document drawn, `most` how often one was drawn in all phases.

    `asked_share` and `asked_tokens` are the recipe's, None where it says the other one or neither.
    """

    phase: str
    portion: str
    tokens: int
    share: float
    documents: int
    draws: int
    epochs: float
    most: int
    asked_share: float | None
    asked_tokens: int | None


def mixture(view: StoreView, settings: MixSettings | None) -> tuple[Blend, ...]:
    """The parts of all phases, in the order of the recipe; nothing without a mixture."""
    if settings is None or "mix" not in view.stages:
        return ()
    tokens: Counter[tuple[str, str]] = Counter()
    draws: Counter[tuple[str, str]] = Counter()
    most: Counter[tuple[str, str]] = Counter()
    documents: dict[tuple[str, str], set[bytes]] = {}
    columns = ["document_id", "epoch", "phase", "portion", "tokens"]
    for batch in view.read("selection", stages=["mix"], columns=columns):
        for name, epoch, phase, portion, size in zip(*(batch[column].to_pylist() for column in columns), strict=True):
            where = phase, portion
            tokens[where] += size
            draws[where] += 1
            most[where] = max(most[where], epoch + 1)
            documents.setdefault(where, set()).add(key(name))
    found = []
    for phase, stage in settings.stages().items():
        total = sum(count for (name, _), count in tokens.items() if name == phase)
        shares = stage.shares()
        for portion, part in stage.parts.items():
            where = phase, portion
            distinct = len(documents.get(where, ()))
            share, asked = shares.get(portion), part.tokens
            if share is not None and stage.tokens is not None:
                asked = round(share * stage.tokens)
            found.append(
                Blend(phase, portion, tokens[where], tokens[where] / total if total else 0.0, distinct, draws[where],
                      draws[where] / distinct if distinct else 0.0, most[where], share, asked)
            )  # fmt: skip
    return tuple(found)


def shares_of(settings: MixSettings | None) -> Mapping[tuple[str, str], float]:
    """The shares that a recipe asks for, by phase and part."""
    stages = settings.stages() if settings is not None else {}
    return {(phase, name): share for phase, stage in stages.items() for name, share in stage.shares().items()}


def told(blends: tuple[Blend, ...]) -> Iterator[str]:
    """A line for each part, and what to know: too little, or too often."""
    for blend in blends:
        asked = f" (asked {percent(blend.asked_share)})" if blend.asked_share is not None else ""
        times = f"{blend.documents:,} documents, {blend.epochs:.1f} epochs"
        yield f"{blend.phase}: {blend.portion} {blend.tokens:,} tokens, {percent(blend.share)}{asked}, {times}"
    yield from warnings(blends)


def warnings(blends: tuple[Blend, ...]) -> Iterator[str]:
    """What falls short of the recipe, and what is repeated more than is known to help."""
    for blend in blends:
        if blend.asked_tokens is not None and blend.tokens < 0.99 * blend.asked_tokens:
            yield (
                f"{blend.phase}: {blend.portion} has {blend.tokens:,} of {blend.asked_tokens:,} tokens asked for: "
                "a part of the phase has no more, at `max_epochs`"
            )
        if blend.most > FEW_EPOCHS:
            yield f"{blend.phase}: {blend.portion} repeats documents up to {blend.most} times; over 4 gain little"
