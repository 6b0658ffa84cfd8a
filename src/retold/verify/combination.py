"""One number out of many signals: how likely it is that something in a retelling is not supported.

`Combination.risk(signals)` is between 0 and 1: a logistic sum over readings of signals (`check.READINGS`), where equal
numbers of supported and unsupported texts were assumed (the balance of a corpus is not that of a test set). It is read
from a versioned JSON file that `retold verify calibrate` writes; its digest is part of the identity of the step.

No weight is below zero: more that is unsupported never makes a text safer. Fitted freely, SummEdits gives new words a
weight in favour of a text, since its supported edits are synonyms; a model that invents would be rewarded for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log1p
from pathlib import Path
from typing import Any, Final

import orjson

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest
from retold.verify.check import READINGS, Reading

FORMAT: Final = 1
NEWEST: Final = "default@2"
"""The calibration of the default cascade."""
SMALL: Final = "small@1"
"""The calibration for retellings of a small model: fitted to judged ones of the embedded model, its threshold chosen so
that nine in ten of what it keeps are true (`python benchmarks/audit.py labelled`, then `retold verify calibrate
--strict --least 0.04 --precision 0.9`)."""
FOLDER: Final = Path(__file__).parent / "calibrations"


@dataclass(frozen=True, slots=True)
class Term:
    """A signal, how it is read, and what it weighs."""

    signal: str
    reading: Reading
    weight: float


@dataclass(frozen=True, slots=True)
class Combination:
    """A logistic sum of signals. `threshold` is where the calibration would refuse."""

    name: str
    terms: tuple[Term, ...]
    bias: float
    threshold: float

    def risk(self, signals: Mapping[str, float]) -> float:
        """From 0 (all is supported) to 1. Raises KeyError when a signal is missing."""
        total = self.bias + sum(term.weight * reading(signals[term.signal], term.reading) for term in self.terms)
        return 1.0 / (1.0 + exp(-total)) if total > -500 else 0.0

    @property
    def digest(self) -> str:
        """Of what decides: terms and bias, not of names and figures."""
        return digest("combination", [[term.signal, term.reading, term.weight] for term in self.terms], self.bias)


def reading(value: float, how: Reading) -> float:
    """A signal as evidence: from 0 up, the more the worse."""
    return log1p(max(0.0, value)) if how == "count" else 1.0 - value


@lru_cache(maxsize=16)
def load(name: str, base: Path = Path()) -> Combination:
    """A calibration by its name (one of ours) or by its path, from `base`. Raises RetoldError if it is none."""
    ours = FOLDER / f"{name}.json"
    path = ours if ours.is_file() else base / name
    try:
        return parse(orjson.loads(path.read_bytes()))
    except OSError as error:
        known = ", ".join(sorted(item.stem for item in FOLDER.glob("*.json")))
        raise RetoldError(f"the calibration {name} cannot be read: {error.strerror}", f"ours are: {known}") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise RetoldError(f"{path} is no calibration: {error}", "write one by: retold verify calibrate") from None


def parse(values: Mapping[str, Any]) -> Combination:
    """A combination from the values of its file. Raises KeyError, TypeError or ValueError where they are wrong."""
    if values["format"] != FORMAT:
        raise ValueError(f"it is of format {values['format']}, and {FORMAT} is known")
    terms = tuple(Term(str(item["signal"]), item["reading"], float(item["weight"])) for item in values["terms"])
    for term in terms:
        if term.reading not in READINGS or not 0 <= term.weight < 1e6:
            raise ValueError(f"the term {term.signal} is read as {term.reading!r} with weight {term.weight}")
    return Combination(str(values["name"]), terms, float(values["bias"]), float(values["threshold"]))
