"""Settings of the step: `reflect: {share: 8%, errors: 25%}`.

    share      of the tokens of sources, retellings and reflection together, at most
    errors     share of traces that hold an error, which fixes the ratio of error to clean: 25 % is 1 to 3
    mask       wrong steps are read and not trained (`no_loss`)
    builders   weights of all builders but `error_then_fix`, whose weight follows from `errors`; `passage_review`, which
               reads retellings of the part, is used where it is named

and the knobs of all items (`knobs.py`): tasks, level, wording, late, checks.
"""

from __future__ import annotations

from typing import Final

from pydantic import field_validator

from retold.core.quantity import Share
from retold.core.settings import identity
from retold.reflect import passage_review
from retold.reflect.builders import BUILDERS
from retold.reflect.knobs import Knobs

ERRORS: Final = "error_then_fix"
TRACES: Final = ("verifiable_trace", "clean_control")
LARGEST_SHARE: Final = 0.5
WEIGHTS: Final = {
    "verifiable_trace": 2.0,
    "clean_control": 2.0,
    "backward_check": 1.0,
    "grounded_review": 1.0,
    "absent_target": 1.0,
}


class ReflectSettings(Knobs):
    """How much reflection there is, and of which kinds."""

    share: Share = identity(0.08)
    errors: Share = identity(0.25)
    mask: bool = identity(True)
    builders: dict[str, float] = identity(WEIGHTS)

    @field_validator("share")
    @classmethod
    def _some(cls, value: float) -> float:
        if not 0 < value <= LARGEST_SHARE:
            raise ValueError(f"a share of {value:g} is out of range: more than 0 and at most {LARGEST_SHARE:g}")
        return value

    @field_validator("errors")
    @classmethod
    def _not_all(cls, value: float) -> float:
        if value > 0.9:
            raise ValueError("traces without an error are needed beside those with one: at most 90%")
        return value

    @field_validator("builders")
    @classmethod
    def _mixable(cls, value: dict[str, float]) -> dict[str, float]:
        usual = [name for name, builder in BUILDERS.items() if not builder.control and name != ERRORS]
        usual.append(passage_review.NAME)
        for name, weight in value.items():
            if name == ERRORS:
                raise ValueError(f"the weight of {ERRORS} follows from `errors:`: leave it out here")
            if name not in usual:
                raise ValueError(f"there is no builder {name!r} to mix; there are: {', '.join(usual)}")
            if not weight >= 0:
                raise ValueError(f"a weight is 0 or more, not {weight}")
        if not any(value.values()):
            raise ValueError("no builder has a weight above 0")
        return value

    def weights(self) -> dict[str, float]:
        """The weight of every builder, that of errors included."""
        chosen = {name: weight for name, weight in self.builders.items() if weight > 0}
        clean = sum(chosen.get(name, 0.0) for name in TRACES)
        if clean and self.errors:
            chosen[ERRORS] = clean * self.errors / (1 - self.errors)
        return chosen

    def knobs(self) -> Knobs:
        """What every builder is told."""
        return Knobs(**{name: getattr(self, name) for name in Knobs.model_fields})
