"""One Ask: keeps the engine full, collects answers, commits them in groups while it goes on asking.

In: prompts in planned order. Out: rows of `completions` and `dead_letters`, each request once.

Durability: a group is committed when it is `group_seconds` old (10), or has `GROUP_ROWS` rows or `GROUP_CHARACTERS`
characters. Committing runs in a thread while answers keep coming into the next group. So a SIGKILL costs what was in
flight, what the engine holds back (`core.step.Witnessed`), and answers at most `group_seconds`, half a second (the
loop looks every `TICK_SECONDS`) and two commits old.

Memory: two groups of answers and the prompts in flight; nothing grows with the number of requests. A disk that takes
longer to commit a group than the engine to fill the next one is waited for: nothing is sent meanwhile. (Without that a
million answers on a disk with pauses of seconds took 477 MB at the highest.) Which requests are answered is read part
by part, after this process has become the owner of the part.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from retold.core.document import Completion, Prompt
from retold.core.errors import EngineError, TooManyBad
from retold.core.schema import batch, plain
from retold.core.step import Engine, Witnessed
from retold.runner.eta import Eta
from retold.runner.gate import Gate, Open
from retold.runner.progress import Progress, Reporter
from retold.store import Writer
from retold.workers.memory import give_back

GROUP_ROWS = 1_000
GROUP_CHARACTERS = 2 << 20
SENT_AT_ONCE = 16
TICK_SECONDS = 0.5
SETTLE_SECONDS = 10.0
SHUT_SECONDS = 1.0
ANSWERS_BEFORE_JUDGING = 50


@dataclass
class Group:
    """Answers by part that are committed together."""

    answers: dict[str, list[Completion]] = field(default_factory=lambda: defaultdict(list))
    rows: int = 0
    characters: int = 0
    began: float = 0.0

    def add(self, part: str, answer: Completion) -> None:
        """Take one more."""
        if not self.rows:
            self.began = time.monotonic()
        self.answers[part].append(answer)
        self.rows += 1
        self.characters += len(answer.text)

    def due(self, seconds: float) -> bool:
        """True when it is old or large enough to be committed."""
        if not self.rows:
            return False
        return self.full or time.monotonic() - self.began >= seconds

    @property
    def full(self) -> bool:
        """True when it is as large as one may be."""
        return self.rows >= GROUP_ROWS or self.characters >= GROUP_CHARACTERS


class Asking:
    """Asks every prompt once. For one run of one Ask. What fails is a dead letter of `letters_round`."""

    def __init__(
        self,
        writer: Writer,
        progress: Progress,
        reporter: Reporter,
        failed_limit: float,
        gate: Gate | None = None,
        *,
        letters_round: int = 0,
    ) -> None:
        self.round = letters_round
        self.writer = writer
        self.progress = progress
        self.reporter = reporter
        self.failed_limit = failed_limit
        self.gate = gate or Open()
        self.failures: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self._received = 0
        self._held: Callable[[], int] = lambda: 0
        self._eta = Eta(time.monotonic())
        self._came: deque[tuple[str, Completion | BaseException, float]] = deque()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._group = Group()
        self._leaving = False
        self._committing: asyncio.Task[None] | None = None

    async def run(self, engine: Engine, prompts: Iterator[tuple[str, Prompt]]) -> None:
        """Ask them all with an engine that is open. Cancelled (Ctrl-C), it commits what has come before it lets go."""
        self._eta = Eta(time.monotonic())
        ticking = asyncio.create_task(self._tick())
        if isinstance(engine, Witnessed):
            engine.notify(self._wake.set)
            self._held = lambda: engine.held
        try:
            await self._ask_all(engine, prompts)
        finally:
            ticking.cancel()
            await self._let_go(engine)

    async def _ask_all(self, engine: Engine, prompts: Iterator[tuple[str, Prompt]]) -> None:
        more = True
        while True:
            while more and self.gate.open and len(self._tasks) < engine.capacity:
                more = self._send_some(engine, prompts)
                # What is sent leaves now, and what has come is taken, before more is rendered.
                await asyncio.sleep(0)
                self._receive()
                await self._commit(wait=False)
            if self.gate.done:
                return
            if not self._tasks and not self._came:
                await self._commit(wait=True, last=True)
                if not more or not self.gate.open:
                    return
                continue
            await self._wake.wait()
            self._wake.clear()
            self._receive()
            await self._commit(wait=False)

    def _send_some(self, engine: Engine, prompts: Iterator[tuple[str, Prompt]]) -> bool:
        """Send the next few prompts; False when there are no more."""
        for _ in range(min(SENT_AT_ONCE, engine.capacity - len(self._tasks))):
            if not self.gate.open:
                return True
            following = next(prompts, None)
            if following is None:
                self.gate.ended()
                return False
            self._send(engine, *following)
        return True

    def _send(self, engine: Engine, part: str, prompt: Prompt) -> None:
        self.gate.sent(prompt)
        task = asyncio.create_task(self._ask(engine, part, prompt))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _ask(self, engine: Engine, part: str, prompt: Prompt) -> None:
        sent = time.monotonic()
        try:
            answer = await engine.complete(prompt)
        except Exception as error:
            self._came.append((part, error, 0.0))
            return
        # An answer that was held back says itself how long it took. Any other may have waited for a free slot before
        # its own clock began, and counts as under way from the moment it was sent.
        took = answer.seconds if isinstance(engine, Witnessed) else time.monotonic() - sent
        self._came.append((part, answer, took))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now, held = time.monotonic(), self._held()
            self.progress.held = held
            remaining = self.progress.total - self.progress.done - held
            self._eta.came(now, held + len(self._came))
            self.progress.left = self._eta.left(now, max(0, remaining), len(self._tasks) - held)
            self._wake.set()

    def _receive(self) -> None:
        """Take all that has come. Raises EngineError where the engine has failed, TooManyBad for a bad share."""
        while self._came:
            part, answer, took = self._came.popleft()
            if isinstance(answer, BaseException):
                raise answer if isinstance(answer, EngineError) else EngineError(f"the engine failed: {answer!r}")
            self._take(part, answer, took)
            self._judge()
        self.reporter.advanced(self.progress)

    def _take(self, part: str, answer: Completion, took: float) -> None:
        self._received += 1
        self._group.add(part, answer)
        self.gate.took(part, answer)
        self.progress.answered(answer)
        self._eta.answered(time.monotonic(), took, self._held() + len(self._came))
        if answer.finish == "error":
            kind = answer.failure or "engine"
            self.failures[kind] += 1
            self.examples.setdefault(kind, answer.error)

    def _judge(self) -> None:
        failed = self.failures.total() - self.progress.retried  # those have failed before: no news of the engine
        # Failures are handed out at once, answers may be held back: what is held back has come all the same.
        came = self._received + len(self._came) + self._held()
        if came >= ANSWERS_BEFORE_JUDGING and failed > self.failed_limit * came:
            kinds = "; ".join(f"{kind} {count} ({self.examples[kind]})" for kind, count in self.failures.most_common())
            raise TooManyBad(
                f"{failed} of {came} requests failed, more than the limit of "
                f"{self.failed_limit:.0%} (stop_if: failed): {kinds}",
                "the answers received so far are kept; see what failed: retold retry RECIPE --list",
            )

    async def _commit(self, *, wait: bool, last: bool = False) -> None:
        """Commit the group if it is due, in a thread. `wait`: commit what there is and come back when it is done.

        Where the group before is still being committed and this one is full, it waits for that.
        """
        if self._committing is not None and (wait or self._group.full or self._committing.done()):
            await asyncio.shield(self._committing)  # Ctrl-C must not cut off a commit
            self._committing = None
        if wait or (self._committing is None and self._group.due(self._seconds())):
            group, self._group = self._group, Group()
            self.gate.closing()
            self._committing = asyncio.create_task(asyncio.to_thread(self._write, group, last))
            self._committing.add_done_callback(lambda _: self._wake.set())
            if wait:
                await asyncio.shield(self._committing)  # Ctrl-C must not cut off a commit
                self._committing = None

    def _seconds(self) -> float:
        """How old a group may be: what a shut gate waits for is committed, and so judged, sooner."""
        return self.writer.seconds if self.gate.open else min(SHUT_SECONDS, self.writer.seconds)

    def _write(self, group: Group, last: bool) -> None:
        """In the committing thread: rows, commit, then the gate's own work."""
        for part, answers in group.answers.items():
            good = [answer for answer in answers if answer.finish != "error"]
            bad = [
                {**plain(answer), "failure": answer.failure or "engine", "round": self.round}
                for answer in answers
                if answer.finish == "error"
            ]
            if good:
                self.writer.add(part, {"completions": batch("completions", good)})
            if bad:
                self.writer.add(part, {"dead_letters": batch("dead_letters", bad)})
        self.writer.flush()
        if not self._leaving:
            self.gate.work(last=last)
        give_back()

    async def _let_go(self, engine: Engine) -> None:
        """Hand in what the engine holds back, drop what is in flight, commit what has come."""
        self._leaving = True
        if isinstance(engine, Witnessed) and self._tasks:
            with suppress(Exception):
                await asyncio.wait_for(engine.settle(), SETTLE_SECONDS)
            await asyncio.sleep(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._came:
            part, answer, took = self._came.popleft()
            if isinstance(answer, Completion):
                self._take(part, answer, took)
        await asyncio.shield(self._commit(wait=True, last=False))
