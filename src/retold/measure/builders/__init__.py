"""What an arm's texts are and how its models are scored: one file per builder, one protocol.

A builder is made of the settings that all arms share, the settings of each arm, and the folder that paths count from.
It is a pure function of those and a seed: the texts of pass `n` are the same on every machine, whatever was asked
before. The seed of a cell draws the world, the order of its texts and the first weights, and all arms of one seed share
the three as far as their data allow: contrasts are paired by seed.
"""

from __future__ import annotations

from retold.measure.builder import Builder
from retold.measure.builders.absent import Absent
from retold.measure.builders.documents import Documents
from retold.measure.builders.knowledge import Knowledge
from retold.measure.builders.recovery import Recovery

__all__ = ["BUILDERS"]

BUILDERS: dict[str, type[Builder]] = {
    "absent": Absent,
    "documents": Documents,
    "knowledge": Knowledge,
    "recovery": Recovery,
}
"""By the name that an experiment file uses."""
