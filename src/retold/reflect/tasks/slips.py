"""Typed slips that several kinds of task share: what a wrong number looks like after an ordinary mistake."""

from __future__ import annotations

from random import Random


def digit(rng: Random, value: int) -> int:
    """The number with one digit changed, never to a leading zero."""
    digits = list(str(value))
    place = rng.randrange(len(digits))
    lowest = 1 if place == 0 and len(digits) > 1 else 0
    digits[place] = rng.choice([str(each) for each in range(lowest, 10) if str(each) != digits[place]])
    return int("".join(digits))


def swapped(value: int) -> int | None:
    """The number with its last two digits swapped; None where that changes nothing or gives a leading zero."""
    digits = str(value)
    if len(digits) < 2 or digits[-1] == digits[-2]:
        return None
    other = digits[:-2] + digits[-1] + digits[-2]
    return None if other.startswith("0") else int(other)


def other(rng: Random, chosen: str, among: tuple[str, ...]) -> str:
    """Another one of a list."""
    return rng.choice([each for each in among if each != chosen])
