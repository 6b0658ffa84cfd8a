"""Numbers: every quantity of a retelling is a quantity of its source.

In: a source and a retelling. Out: `numbers` (mentions), `unsupported_numbers` (mentions whose value is nowhere in the
passage, its heading or its title), `unsupported_counts` (those of them that are small and spelled out: "two people",
"the second half"; who retells may have counted, and nearly all false alarms on supported summaries are such),
`unsupported_figures` (all others of them), and a mark on each. Values are canonical (`retold.text.numbers`), so
"1,200", "1200" and "twelve hundred" are one. What it cannot see: the right number said of the wrong thing, and a
correct sum or conversion (12 km as 7.5 miles), which it refuses: nothing that it cannot find is let pass.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.numbers import numbers as mentions
from retold.verify.check import Check
from retold.verify.source import Measured, SourceText

COUNTS: Final = frozenset("one two three four five six first second third fourth fifth sixth".split())  # noqa: SIM905
"""Numbers that a reader counts rather than reads."""


def numbers(source: SourceText, output: str) -> Measured:
    """Number mentions of the retelling, and those without an equal in the source; never raises."""
    found = mentions(output)
    marks = [
        Mark(mention.start, mention.end, "number_not_in_source")
        for mention in found
        if mention.value not in source.numbers
    ]
    counts = sum(output[mark.start : mark.end].lower() in COUNTS for mark in marks)
    values = {
        "numbers": float(len(found)),
        "unsupported_numbers": float(len(marks)),
        "unsupported_counts": float(counts),
        "unsupported_figures": float(len(marks) - counts),
    }
    return values, marks


CHECK: Final = Check(
    name="numbers",
    measure=numbers,
    signals=("numbers", "unsupported_numbers", "unsupported_counts", "unsupported_figures"),
    reasons=("number_not_in_source",),
    microseconds=25,
    gain=0.024,
    terms=(("unsupported_figures", "count"), ("unsupported_counts", "count")),
)
