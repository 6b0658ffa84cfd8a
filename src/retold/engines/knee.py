"""How many prompts to keep in flight at one server: up to the knee, where more only wait longer.

Slow start: every good answer raises the limit by one while the limit is used up, so it doubles each round, after a
restart too. A round is as many answers as the limit was at its start, and its pace their generated tokens per second.
When a round is not clearly faster than the one before, which had half the limit, that one's limit is taken; where an
answer takes six times as long per token as the quickest, the climb pauses. From then on every second pair of rounds is
a trial (the first of a pair is transition), in turn a third higher (kept where it is clearly faster) and a quarter
lower (kept where it is as fast). Where the server tells how many prompts wait inside it, that counts instead: a short
queue, so that it is never idle, and no long one. What knows of less than half of our prompts (a balancer's one replica,
a proxy) does not count. A queue so long that it meets the deadline halves the limit; one prompt that hangs while others
are answered in time does not.

Being told to wait (429) halves it too, then it comes back: by one for each answer up to three quarters of where it was
refused, from there by a thirty-second in each round, and ends just below (a storm of refusals counts as one, at its
first limit). A trial that is refused goes back to where it began and is made half as often. Halving alone left an
address at one prompt: of at most 78,000 answers in 400 s with a storm of 10 s, 4,598 came; now 69,570 (simulated, 200
places of 1 s). What an earlier run found is where the next one begins (`resume`; `remembered.py`).

Latency alone says little of a server that batches: it grows while the pace still grows (so the gradient method of
network queues stops too early); a limit on 429 alone never comes, since these servers queue without end.
"""

from __future__ import annotations

import math

LEAST_ROUND = 16
# Answers differ in length: the pace of 16 is 16 % off, of 64 about 8 %; a trial decides on a few percent.
LEAST_TRIAL = 64
LEAST_SECONDS = 0.2
CLEARLY_FASTER = 1.05
AS_FAST = 0.98
SLOWER_THAN_QUICKEST = 6.0
QUEUE_SHARE = 0.1
QUEUE_LEAST = 4
LOOKS_IN_DOUBT = 3
CHANGED = 0.25
QUICKLY_UP_TO = 0.75
SLOWLY_OF = 32
RAREST_TRIAL = 64
NEAR_DEADLINE = 0.4


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
        self._doubts = 0
        self._usual = math.inf
        self._lowered = -math.inf
        self._ceiling = 0
        self._since = 0
        self._rise = 0.0
        self._rare = 1
        self._until_up = 0

    @property
    def found(self) -> int:
        """The limit that is worth remembering; 0 while there is none."""
        if self.fixed or self.climbing:
            return 0
        if self._ceiling:
            return max(1, self._ceiling - 1)
        return self.limit if self._told else self._base

    def resume(self, limit: int) -> None:
        """An earlier run found this limit: begin there, and go on trying from there."""
        if not self.fixed:
            self._settle(max(1, min(self.most, limit)))

    def begin(self, places: int) -> None:
        """The server says how many prompts it works on at a time: begin there, with a short queue."""
        if not self.fixed:
            self.limit = self._base = min(self.most, places + max(QUEUE_LEAST, int(QUEUE_SHARE * places)))

    def answered(self, now: float, seconds: float, tokens: int, in_flight: int) -> None:
        """A good answer after so many seconds, with so many generated tokens and prompts in flight (it included)."""
        if self.fixed:
            return
        if not self._answers:
            self._began, self._at = now, self.limit
            self._target = max(LEAST_ROUND if self.climbing else LEAST_TRIAL, self.limit)
        self._answers += 1
        self._since += 1
        self._tokens += max(1, tokens)
        self._usual = seconds if math.isinf(self._usual) else 0.7 * self._usual + 0.3 * seconds
        each = seconds / max(1, tokens)
        self._quickest = min(self._quickest, each)
        if in_flight >= 0.8 * self.limit and each <= SLOWER_THAN_QUICKEST * self._quickest:
            if self.climbing:
                self.limit = min(self.most, self.limit + 1)
            elif self._ceiling:
                self._come_back()
        elapsed = now - self._began
        if self._answers > self._target and elapsed >= LEAST_SECONDS:
            used, pace = in_flight >= 0.5 * self.limit, self._tokens / elapsed
            self._answers = self._tokens = 0
            if used and not self._told and not self._ceiling:
                self._round(pace)

    def told_to_wait(self) -> None:
        """The server asks for patience."""
        if self.fixed:
            return
        new = self._since >= min(self.limit, LEAST_ROUND)
        self._since = 0
        if new and not self.climbing and not self._ceiling and self.limit > self._base:
            self._rare = min(RAREST_TRIAL, 2 * self._rare)
            self._until_up = self._rare
            self._settle(self._base)
            return
        refused_at = self.limit if new or not self._ceiling else self._ceiling
        self._settle(max(1, self.limit // 2))
        self._ceiling = refused_at

    def late(self, now: float, sent_at: float, deadline: float) -> None:
        """No answer within the deadline: halve, once for all that were sent before, where a queue is the cause."""
        if not self.fixed and sent_at > self._lowered and self._usual >= NEAR_DEADLINE * deadline:
            self._lowered = now
            self._settle(max(1, self.limit // 2))

    def observed(self, running: float, waiting: float, in_flight: int) -> None:
        """What the server says of itself: prompts it works on, prompts that wait inside it; `in_flight`: ours."""
        if self.fixed:
            return
        known = running + waiting
        if in_flight > QUEUE_LEAST and known < 0.5 * in_flight:
            self._doubts += 1
            if self._doubts >= LOOKS_IN_DOUBT:
                self._told = False
            return
        self._told, self._doubts = True, 0
        queue = max(QUEUE_LEAST, QUEUE_SHARE * running)
        if waiting >= queue / 2:
            self.climbing = False
        if waiting > queue:
            ours = min(1.0, in_flight / known)
            self.limit = max(1, min(self.limit, int(in_flight - (waiting - queue) * ours)))
        elif in_flight >= 0.9 * self.limit and waiting < queue / 2:
            self.limit = min(self.most, max(self.limit + 1, int(self.limit * 1.5)))

    def untold(self) -> None:
        """The server says nothing of itself any more: the pace counts again, from here."""
        if self._told:
            self._told = False
            self._settle(self.limit)

    def _round(self, pace: float) -> None:
        if self.climbing:
            if self._pace and pace < CLEARLY_FASTER * self._pace:
                self._settle(self._base)
            else:
                self._pace, self._base = pace, self._at
            return
        phase = self._rounds % 4
        if phase == 1:
            # What it was before the server changed is no measure of a trial.
            same = self._rounds > 1 and abs(pace - self._pace) < CHANGED * self._pace
            self._pace = 0.5 * (self._pace + pace) if same else pace
            self.limit = self._tried(up=self._rounds % 8 < 4)
        elif phase == 3:
            if pace > (CLEARLY_FASTER if self.limit > self._base else AS_FAST) * self._pace:
                self._pace, self._base = pace, self.limit
            self.limit = self._base
        self._rounds += 1

    def _come_back(self) -> None:
        """After a refusal, one more answer at the limit."""
        quick = self.limit < QUICKLY_UP_TO * self._ceiling
        self._rise += 1.0 if quick else max(1.0, self._ceiling / SLOWLY_OF) / self.limit
        if self._rise >= 1.0:
            self._rise = 0.0
            self.limit += 1
        if self.limit >= self._ceiling - 1:
            self._settle(max(1, self._ceiling - 1))

    def _tried(self, *, up: bool) -> int:
        if up and self._until_up > 0:
            self._until_up -= 1
            return self._base
        return min(self.most, self._base + max(1, self._base // 3)) if up else max(1, self._base * 3 // 4)

    def _settle(self, limit: int) -> None:
        self.climbing = False
        self.limit = self._base = limit
        self._answers = self._tokens = self._rounds = 0
        self._ceiling, self._rise = 0, 0.0
