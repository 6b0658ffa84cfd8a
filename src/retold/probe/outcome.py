"""What a probe found: figures of all batteries with examples, as one value that pages and files are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from retold.probe.ask import Given, Sampled
from retold.probe.battery import Battery
from retold.probe.tally import Figure, figures, outcomes

EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Example:
    """An answer to read, with what was said of it."""

    group: str
    drawn: str
    prompt: str
    prefill: str
    answer: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Probed:
    """One battery's figures and examples. `failed` questions have no answer and count nowhere."""

    battery: str
    version: int
    about: str
    meanings: dict[str, str]
    asked: int
    failed: int
    figures: tuple[Figure, ...]
    examples: tuple[Example, ...]


def probed(battery: Battery, asked: int, given: Sequence[Given], seed: int) -> Probed:
    """The figures of a battery, and the first answers of each group, greedy and sampled."""
    meanings = {**battery.outcomes, "unfinished": "not at its end by the cap of tokens"}
    counts: dict[tuple[str, str], int] = {}
    examples: list[Example] = []
    for one in given:
        cell = (one.question.group, "sampled" if one.sample else "greedy")
        counts[cell] = counts.get(cell, 0) + 1
        if counts[cell] <= EXAMPLES:
            said = tuple(name for name, true in outcomes(battery, one).items() if true)
            question = one.question
            examples.append(Example(*cell, question.prompt, question.prefill, one.text, said))
    found = tuple(figures(battery, given, seed))
    return Probed(
        battery.name, battery.version, battery.about, meanings, asked, asked - len(given), found, tuple(examples)
    )


def as_dict(model: str, identity: str, how: Sampled, found: Sequence[Probed]) -> dict[str, Any]:
    """Everything as plain values, for JSON."""
    return {
        "model": model,
        "engine": identity,
        "sampling": asdict(how),
        "batteries": [asdict(one) for one in found],
    }
