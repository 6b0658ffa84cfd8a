"""Probing a model: does it say that things exist which do not, does it loop, does it recover from a wrong step.

In: an engine (any kind) and batteries of questions with controls. Out: answers, each judged by rules that can be read,
and shares with intervals over the things asked about. Nothing here trains or changes a model, and no battery says more
than how often which answer came: a claim about why needs an experiment.
"""

from retold.probe.ask import Given, Sampled, ask, missing
from retold.probe.batteries import BATTERIES
from retold.probe.battery import Battery, Question
from retold.probe.loops import Loop, loop_signs
from retold.probe.tally import Figure, figures

__all__ = [
    "BATTERIES",
    "Battery",
    "Figure",
    "Given",
    "Loop",
    "Question",
    "Sampled",
    "ask",
    "figures",
    "loop_signs",
    "missing",
]
