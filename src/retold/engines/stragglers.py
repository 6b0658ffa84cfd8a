"""Prompts on their way, and which of them are sent again because they have been away for too long.

Where an address is idle and a prompt has been away for longer than even the longest allowed answer needs (twice the
95th percentile of seconds per token, times its limit of tokens), it is sent again and the earlier sending is given up
at that moment: the last sending counts. Taking whichever answer comes first would favour short answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retold.core.document import Prompt
from retold.engines.endpoints import Endpoint, Endpoints

STRAGGLER_SECONDS = 5.0
PACES_KEPT = 512
PACES_NEEDED = 30
MOST_RESENT = 2


@dataclass(slots=True, eq=False)
class Flight:
    """One prompt on its way: how often it was sent and cut off, what that cost (USD), and where it is now.

    `took`: seconds until its last outcome came, without the time for which that was held back.
    """

    prompt: Prompt
    body: bytes
    started: float
    took: float = 0.0
    sent: int = 0
    cut: int = 0
    resent: int = 0
    failures: int = 0
    needs: bool = False
    cost: float = 0.0
    sent_at: float = 0.0
    endpoint: Endpoint | None = None
    task: asyncio.Task[object] | None = None
    given_up: bool = False


def give_up_stragglers(flights: Iterable[Flight], paces: Sequence[float], pool: Endpoints, now: float) -> None:
    """Cancel the sendings that take too long. `paces`: seconds per token of the last answers."""
    if pool.waiting or len(paces) < PACES_NEEDED:
        return
    idle = [endpoint for endpoint in pool.all if endpoint.ready(now)]
    pace = sorted(paces)[int(0.95 * len(paces))]
    for flight in list(flights):
        enough = max(STRAGGLER_SECONDS, 2 * pace * flight.prompt.sampling.max_tokens)
        elsewhere = len(pool.all) == 1 or any(endpoint is not flight.endpoint for endpoint in idle)
        late = now - flight.sent_at > enough
        if idle and elsewhere and late and flight.resent < MOST_RESENT and flight.task and not flight.given_up:
            flight.given_up = True
            flight.task.cancel()
