"""What answers cost: by tokens, and by the hour of an address, shared among the answers that it works on.

In: prices in USD, when each prompt reached an address and left it, the tokens that its replies report. Out: the USD of
each answer, which sum to what was paid.

Hours: with n prompts at an address, each pays 1/n of the time. An address keeps V(t), the integral of dt/n(t) over the
time in which n > 0; a prompt that was there from a to b pays (V(b) - V(a)) * hour / 3600. So the shares of all prompts
sum exactly to the time in which the address worked, whatever overlaps; each costs one addition when it comes and one
when it goes. Time in which an address has no prompt is in no answer: it buys none. This is processor sharing as in the
theory of queues (virtual time of weighted fair queueing: Demers, Keshav and Shenker, 1989).

Tokens: of every reply that reports some, usable or not. What belongs to no answer (the canary) is carried by the next
one of its address. Unknown, and not in it: what a server did for a sending that was broken off.
"""

from __future__ import annotations

from dataclasses import dataclass

from retold.core.settings import Settings, execution

SECONDS_PER_HOUR = 3600.0
TOKENS_PRICED = 1e6


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens that a reply reports: of the prompt, those of them that were cached, generated ones."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0


NOTHING = Used()


class Price(Settings):
    """What answers cost: USD per million tokens, or per hour of an address, or both."""

    input: float = execution(0.0, ge=0, allow_inf_nan=False, description="USD per million prompt tokens")
    cached: float | None = execution(
        None, ge=0, allow_inf_nan=False, description="USD per million cached prompt tokens; none: as `input`"
    )
    output: float = execution(0.0, ge=0, allow_inf_nan=False, description="USD per million generated tokens")
    hour: float = execution(0.0, ge=0, allow_inf_nan=False, description="USD per hour")

    def of(self, used: Used) -> float:
        """USD of tokens, never negative: no more of a prompt is cached than there is of it. Hours are not in it."""
        cached = min(used.cached, used.prompt)
        price = self.input if self.cached is None else self.cached
        read = (used.prompt - cached) * self.input + cached * price
        return (read + used.completion * self.output) / TOKENS_PRICED


class Meter:
    """The costs of one address. Times are seconds of any clock that does not go back."""

    def __init__(self, price: Price) -> None:
        self.price = price
        self.here = 0
        self.busy = 0.0
        self._passed = 0.0
        self._seen = 0.0
        self._carried = 0.0

    def enter(self, now: float) -> float:
        """A prompt is sent there. Returns the mark to give to `leave`."""
        self._pass(now)
        self.here += 1
        return self._passed

    def leave(self, mark: float, now: float, used: Used = NOTHING) -> float:
        """The prompt with that mark is there no longer: USD of its share of time, its tokens, and what is carried."""
        self._pass(now)
        self.here -= 1
        carried, self._carried = self._carried, 0.0
        return (self._passed - mark) * self.price.hour / SECONDS_PER_HOUR + self.price.of(used) + carried

    def carry(self, used: Used) -> None:
        """Tokens that belong to no answer: the next one there pays them."""
        self._carried += self.price.of(used)

    def _pass(self, now: float) -> None:
        if self.here:
            self.busy += now - self._seen
            self._passed += (now - self._seen) / self.here
        self._seen = now
