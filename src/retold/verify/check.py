"""What a check registers of itself: its signals, the reasons that rest on them, what it costs, what it adds.

Every check is one file of this room that ends with a `CHECK`. `measure(source, output)` gives the signals by name and
the ranges of the retelling that they rest on. `terms` names the signals that enter the combination (`combination.py`)
and how each is read, `strict_terms` those that enter one for small models only. `gain` is its ablation: the AUROC on
the tune half of SummEdits with all checks less that without this one (cross-validated by document, `python
benchmarks/faithfulness.py`); None where that set cannot tell, because the check is about form and not about truth. A
check of truth without a gain is not in the default cascade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from retold.verify.source import Measured, SourceText

Reading = Literal["count", "lack"]
"""How a signal becomes evidence against a text: the logarithm of one more than a count; one less a share."""
READINGS: Final[tuple[Reading, ...]] = ("count", "lack")


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a retelling against its source. `microseconds` of one core for each retelling, as measured."""

    name: str
    measure: Callable[[SourceText, str], Measured]
    signals: tuple[str, ...]
    reasons: tuple[str, ...]
    microseconds: int
    gain: float | None
    terms: tuple[tuple[str, Reading], ...] = ()
    strict_terms: tuple[tuple[str, Reading], ...] = ()
