"""How many prompts to keep in flight at one server: up to the knee, where more only wait longer.

Slow start: every good answer raises the limit by one while the limit is used up, so it doubles each round, after a
restart too. A round is as many answers as the limit was at its start, and its pace their generated tokens per second.
When a round is not clearly faster than the one before, which had half the limit, that one's limit is taken; where an
answer takes six times as long per token as the quickest, the climb pauses. From then on every second pair of rounds is
a trial (the first of a pair is transition), in turn a third higher (kept where it is clearly faster) and a quarter
lower (kept where it is as fast). Where the server tells how many prompts wait inside it, that counts instead: a short
queue, so that it is never idle, and no long one. Being told to wait (429) halves the limit.

Latency alone says little of a server that batches: it grows while the pace still grows (so the gradient method of
network queues stops too early); a limit on 429 alone never comes, since these servers queue without end.
"""

from __future__ import annotations

import math

LEAST_ROUND = 16
LEAST_SECONDS = 0.2
CLEARLY_FASTER = 1.08
AS_FAST = 0.96
SLOWER_THAN_QUICKEST = 6.0
QUEUE_SHARE = 0.1
QUEUE_LEAST = 4


class Knee:
    """The limit of one address. Times are monotonic seconds, given from outside."""

    def __init__(self, start: int, most: int, *, fixed: bool = False) -> None:
        self.limit = most if fixed else min(start, most)
        self.most = most
        self.fixed = fixed
        self.climbing = not fixed
        self._began = 0.0
        self._answers = self._tokens = 0
        self._target = 0
        self._at = self.limit
        self._pace = 0.0
        self._base = self.limit
        self._rounds = 0
        self._quickest = math.inf
        self._told = False

    def answered(self, now: float, seconds: float, tokens: int, in_flight: int) -> None:
        """A good answer after so many seconds, with so many generated tokens and prompts in flight (it included)."""
        if self.fixed:
            return
        if not self._answers:
            self._began, self._at, self._target = now, self.limit, max(LEAST_ROUND, self.limit)
        self._answers += 1
        self._tokens += max(1, tokens)
        each = seconds / max(1, tokens)
        self._quickest = min(self._quickest, each)
        if self.climbing and in_flight >= 0.8 * self.limit and each <= SLOWER_THAN_QUICKEST * self._quickest:
            self.limit = min(self.most, self.limit + 1)
        elapsed = now - self._began
        if self._answers > self._target and elapsed >= LEAST_SECONDS:
            used, pace = in_flight >= 0.5 * self.limit, self._tokens / elapsed
            self._answers = self._tokens = 0
            if used and not self._told:
                self._round(pace)

    def told_to_wait(self) -> None:
        """The server asks for patience."""
        if not self.fixed:
            self.limit = max(1, self.limit // 2)
            self._settle(self.limit)

    def observed(self, running: float, waiting: float) -> None:
        """What the server says of itself: prompts it works on, and prompts that wait inside it."""
        if self.fixed:
            return
        self._told = True
        queue = max(QUEUE_LEAST, QUEUE_SHARE * running)
        if waiting > queue:
            self.limit = max(1, min(self.limit, int(running + queue)))
        elif running + waiting >= 0.9 * self.limit and waiting < queue / 2:
            self.limit = min(self.most, max(self.limit + 1, int(self.limit * 1.5)))
        self.climbing = False

    def _round(self, pace: float) -> None:
        if self.climbing:
            if self._pace and pace < CLEARLY_FASTER * self._pace:
                self._settle(self._base)
            else:
                self._pace, self._base = pace, self._at
            return
        phase = self._rounds % 4
        if phase == 1:
            self._pace = pace if self._rounds == 1 else 0.5 * (self._pace + pace)
            self.limit = self._tried(up=self._rounds % 8 < 4)
        elif phase == 3:
            if pace > (CLEARLY_FASTER if self.limit > self._base else AS_FAST) * self._pace:
                self._pace, self._base = pace, self.limit
            self.limit = self._base
        self._rounds += 1

    def _tried(self, *, up: bool) -> int:
        return min(self.most, self._base + max(1, self._base // 3)) if up else max(1, self._base * 3 // 4)

    def _settle(self, limit: int) -> None:
        self.climbing = False
        self.limit = self._base = limit
        self._answers = self._tokens = self._rounds = 0
