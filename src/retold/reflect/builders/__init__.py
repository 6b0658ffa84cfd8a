"""Builders of reflection data: `BUILDERS` maps a name to the program that makes an item and the one that verifies it.

`make(at, knobs)` gives item number `at` of a seed, or None where the knobs give it nothing to say; `verify(item)`
returns the reason for refusing its text, or "". The task at one place of one seed is the same for all builders of
traces, so that arms of an experiment differ in what is said about a task and not in the tasks. `control`: a builder
for experiments only, whose texts are wrong on purpose or show no steps, and which no mixture takes by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from retold.reflect.builders import (
    absent_target,
    backward_check,
    clean_control,
    direct,
    error_then_fix,
    grounded_review,
    unfixed,
    verifiable_trace,
)
from retold.reflect.item import Item
from retold.reflect.knobs import Knobs, Place


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder. `version` is raised by hand when the items of a seed change; `errors`: each holds a planted error."""

    name: str
    version: int
    summary: str
    make: Callable[[Place, Knobs], Item | None]
    verify: Callable[[Item], str]
    errors: bool = False
    control: bool = False


BUILDERS: Final[dict[str, Builder]] = {
    builder.name: builder
    for builder in (
        Builder(
            "verifiable_trace", 1, "A task of a program, its steps and its answer.",
            verifiable_trace.make, verifiable_trace.verify,
        ),
        Builder(
            "error_then_fix", 1, "A trace with one typed error that is noticed and corrected once.",
            error_then_fix.make, error_then_fix.verify, errors=True,
        ),
        Builder(
            "clean_control", 1, "The same tasks without an error: a check, if any, finds nothing.",
            clean_control.make, clean_control.verify,
        ),
        Builder(
            "backward_check", 1, "A proposed answer followed back to its question: right or wrong.",
            backward_check.make, backward_check.verify,
        ),
        Builder(
            "grounded_review", 1, "A retelling read against its source: a planted claim found, or none.",
            grounded_review.make, grounded_review.verify,
        ),
        Builder(
            "absent_target", 1, "A member of a closed list that does not exist, said once; and ones that do.",
            absent_target.make, absent_target.verify,
        ),
        Builder(
            "direct", 1, "A question and its answer, without steps: a control.", direct.make, direct.verify,
            control=True,
        ),
        Builder(
            "unfixed", 1, "A trace whose error nobody notices, and its wrong answer: a control.",
            unfixed.make, unfixed.verify, errors=True, control=True,
        ),
    )
}  # fmt: skip
"""All builders by name."""
