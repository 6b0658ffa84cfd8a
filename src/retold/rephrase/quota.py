"""Which styles the next passage is retold in, so that every prefix of the plan has the right mixture.

After n retellings each style has been chosen within one of n times its share: a run that is stopped early, or by a
budget, has the mixture that was asked for, and a longer run begins with the shorter one. Each passage gets
`per_passage` different styles in a row.

Method: the j-th retelling in a style with the share s is due between the slots (j - 1) / s and j / s; among those
whose time has come, the one that must be in first is taken (the chairman assignment problem, R. Tijdeman 1980; the
windows are those of proportionate progress, S. Baruah et al. 1996). With several styles to a passage, those that the
passage has are passed over; that the bound still holds then is not proven, it is a property test (worst seen: 0.9995).

A share above 1 / per_passage cannot be met, since a passage has a style once; it is cut to that and the rest goes to
the others in proportion. Integers throughout: no rounding, the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction


def shares(weights: Mapping[str, float], per_passage: int = 1) -> dict[str, Fraction]:
    """What share of all retellings each style gets, by name; those of weight 0 are left out.

    Raises ValueError where there are fewer styles than `per_passage`, or none.
    """
    exact = {name: Fraction(repr(float(weight))) for name, weight in sorted(weights.items()) if weight > 0}
    if not exact or per_passage > len(exact):
        raise ValueError(f"{per_passage} different styles are needed for each passage, and there are {len(exact)}")
    most = Fraction(1, per_passage)
    cut: set[str] = set()
    while True:
        rest = 1 - most * len(cut)
        total = sum(weight for name, weight in exact.items() if name not in cut)
        found = {name: most if name in cut else weight * rest / total for name, weight in exact.items()}
        above = {name for name, share in found.items() if share > most}
        if not above:
            return found
        cut |= above


class Quota:
    """Chooses styles passage by passage. State: three integers for each style."""

    def __init__(self, weights: Mapping[str, float], per_passage: int = 1) -> None:
        chosen = shares(weights, per_passage)
        self.per_passage = per_passage
        self._names = tuple(chosen)
        self._whole = math.lcm(*(share.denominator for share in chosen.values()))
        self._parts = [int(share * self._whole) for share in chosen.values()]
        self._slot = 0
        self._taken = [0] * len(self._names)
        self._release = [1] * len(self._names)
        self._deadline = [-(-self._whole // share) for share in self._parts]

    def take(self) -> tuple[str, ...]:
        """The styles of the next passage, in the order in which they are asked."""
        used: list[int] = []
        for _ in range(self.per_passage):
            self._slot += 1
            used.append(self._next(used))
        return tuple(self._names[index] for index in used)

    def _next(self, used: list[int]) -> int:
        free = [index for index in range(len(self._names)) if index not in used]
        due = [index for index in free if self._release[index] <= self._slot] or free
        index = min(due, key=lambda index: (self._deadline[index], index))
        self._taken[index] += 1
        # Slots count from 1: the next one is due from floor(taken / share) + 1 to ceil((taken + 1) / share).
        self._release[index] = self._taken[index] * self._whole // self._parts[index] + 1
        self._deadline[index] = -(-(self._taken[index] + 1) * self._whole // self._parts[index])
        return index
