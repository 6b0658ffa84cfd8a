"""Numbers: every quantity of a retelling is a quantity of its source.

In: a source and a retelling. Out: `numbers` (mentions), `unsupported_numbers` (mentions whose value is nowhere in the
passage, its heading or its title), and a mark on each of those. Values are canonical (`retold.text.numbers`), so
"1,200", "1200" and "twelve hundred" are one. What it cannot see: the right number said of the wrong thing, and a
correct sum or conversion (12 km as 7.5 miles), which it refuses: nothing that it cannot find is let pass.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.numbers import numbers as mentions
from retold.verify.check import Check
from retold.verify.source import Measured, SourceText


def numbers(source: SourceText, output: str) -> Measured:
    """Number mentions of the retelling, and those without an equal in the source; never raises."""
    found = mentions(output)
    marks = [
        Mark(mention.start, mention.end, "number_not_in_source")
        for mention in found
        if mention.value not in source.numbers
    ]
    return {"numbers": float(len(found)), "unsupported_numbers": float(len(marks))}, marks


CHECK: Final = Check(
    name="numbers",
    measure=numbers,
    signals=("numbers", "unsupported_numbers"),
    reasons=("number_not_in_source",),
    microseconds=100,
    gain=0.027,
    terms=(("unsupported_numbers", "count"),),
)
