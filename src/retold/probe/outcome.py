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
    """One battery's figures, over all forms of asking and for each, and examples. What failed counts nowhere."""

    battery: str
    version: int
    about: str
    meanings: dict[str, str]
    asked: int
    failed: int
    figures: tuple[Figure, ...]
    by_form: dict[str, tuple[Figure, ...]]
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
    forms = dict.fromkeys(one.question.form for one in given)
    return Probed(
        battery=battery.name,
        version=battery.version,
        about=battery.about,
        meanings=meanings,
        asked=asked,
        failed=asked - len(given),
        figures=tuple(figures(battery, given, seed)),
        by_form={form: tuple(figures(battery, [g for g in given if g.question.form == form], seed)) for form in forms},
        examples=tuple(examples),
    )


def as_dict(model: str, identity: str, how: Sampled, found: Sequence[Probed]) -> dict[str, Any]:
    """Everything as plain values, for JSON."""
    return {
        "model": model,
        "engine": identity,
        "sampling": asdict(how),
        "batteries": [asdict(one) for one in found],
    }
