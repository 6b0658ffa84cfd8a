"""The best of several answers to one prompt.

In: answers in the order of their attempts, what they become, and who ranks. Out: the one to take. An answer that keeps
its contract and passes its judge is better than one that does not; among those, first by the rank that comes from
outside (`verify`'s checks, for answers about whole passages), then by how probable the model held what it wrote, then
by attempt. The mean of the log-probabilities of an answer's tokens is what the source and the instruction make of it: a
small model makes things up in words of low probability.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum, inf

from retold.core.document import Completion
from retold.styles.parse import Refusal

Rank = Callable[[str], float]
"""The worth of a text as a retelling; higher is better."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one answer became: a text, with the reason why it is refused, if it is."""

    text: str
    refusal: Refusal | None
    likely: float


def likelihood(answer: Completion) -> float:
    """Mean log-probability of the tokens of an answer; of one that tells none, minus infinity."""
    return fsum(answer.logprobs) / len(answer.logprobs) if answer.logprobs else -inf


def best(candidates: Sequence[Candidate], rank: Rank) -> Candidate:
    """The candidate to take; the first of equals. Raises ValueError where there is none."""
    if len(candidates) == 1:
        return candidates[0]
    return max(
        candidates, key=lambda one: (one.refusal is None, rank(one.text) if not one.refusal else 0.0, one.likely)
    )
