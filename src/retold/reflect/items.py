"""Items of a builder, verified: the plain call that experiments and the step `reflect` use.

In: the name of a builder, a seed, how many. Out: items in the order of their places. A place where the builder has
nothing to say gives none and the next one is used; one that its verifier refuses is never handed out by `items` and
raises nothing: `judged` tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from retold.reflect.builders import BUILDERS
from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place

EMPTY_PLACES: Final = 1_000
"""So many places in a row without an item mean that the builder has nothing to say with these knobs."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that its builder's verifier refuses, and why."""

    item: Item
    reason: str


def items(builder: str, seed: int, n: int, *, first: int = 0, **knobs: Any) -> Iterator[Item]:
    """`n` verified items, from place `first` of the seed on.

    Raises KeyError for an unknown builder, pydantic.ValidationError for unknown knobs, ValueError where the builder has
    nothing to say with them.
    """
    found = 0
    for _, item in judged(builder, seed, Knobs(**knobs), first):
        if found == n:
            return
        if isinstance(item, Item):
            found += 1
            yield item


def judged(builder: str, seed: int, knobs: Knobs, first: int = 0) -> Iterator[tuple[int, Item | Refused]]:
    """(place, item or refusal) without end, from place `first` on."""
    chosen = BUILDERS[builder]
    empty, index = 0, first
    while empty < EMPTY_PLACES:
        item = chosen.make(Place(seed, index), knobs)
        if item is None:
            empty += 1
        else:
            empty = 0
            reason = chosen.verify(item)
            yield index, Refused(item, reason) if reason else item
        index += 1
    raise ValueError(f"{builder} has nothing to say about {', '.join(knobs.tasks) or 'these tasks'}")
