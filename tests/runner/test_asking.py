"""The loop that asks: how fast it follows what the engine takes."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace

from retold.core.document import Prompt, Sampling, Segment, Turn
from retold.runner import asking
from retold.runner.progress import Progress, Silent
from retold.runner.run import Options, run_stages
from retold.runner.stages import chain
from retold.store import Store
from support.toy import Letters, Requests, Shout, ToyEngine, Unique, parts


class Holding(ToyEngine):
    """Takes two prompts at a time, and hands out no answer before it holds eight."""

    witness = ""

    def __init__(self):
        super().__init__()
        self.held, self.full = 0, asyncio.Event()
        self.grown = lambda: None

    @property
    def capacity(self):
        return 2 + self.held

    @capacity.setter
    def capacity(self, _):
        pass

    def expect(self, witness):
        pass

    def notify(self, grown):
        self.grown = grown

    async def settle(self):
        self.full.set()

    async def complete(self, prompt):
        answer = await super().complete(prompt)
        self.held += 1
        self.grown()
        if self.held == 8:
            self.full.set()
        await asyncio.wait_for(self.full.wait(), 5.0)
        return answer


def test_the_next_prompt_is_sent_when_an_answer_is_held_back(tmp_path, monkeypatch):
    """Kills: noticing what an engine takes only at the next tick, while its servers are idle."""
    monkeypatch.setattr(asking, "TICK_SECONDS", 60.0)
    store, engine, pieces = Store.create(tmp_path), Holding(), parts(p="abcdefgh")
    run_stages(store, chain([Letters(), Unique(), Requests(), Shout(engine)], pieces), pieces, Options(), Silent())
    assert len(store.rows("completions")) == 8


def test_answers_that_are_held_back_count_when_failures_are_judged(tmp_path):
    """One in ten fails, and is told at once; answers come in heaps of seventy. Kills: judging what was handed out:
    of the first fifty most would be failures, and the run would stop."""

    class Heaps(Holding):
        asked = 0

        async def complete(self, prompt):
            self.asked += 1
            answer = await ToyEngine.complete(self, prompt)
            if int(prompt.extra["number"]) % 10 == 0:
                return replace(answer, finish="error", error="refused")
            self.held += 1
            self.grown()
            full = self.full
            if self.held >= 70 or self.asked == 300:
                self.full = asyncio.Event()
                full.set()
            await asyncio.wait_for(full.wait(), 20.0)
            self.held -= 1
            return answer

    store, engine = Store.create(tmp_path), Heaps()
    pieces = parts(p="".join(chr(0x4E00 + number) for number in range(300)))
    options = Options(group_seconds=0.1, failed_limit=0.15)
    stages = chain([Letters(), Unique(), Requests(), Shout(engine)], pieces)
    run_stages(store, stages, pieces, options, Silent())
    assert (len(store.rows("completions")), len(store.rows("dead_letters"))) == (270, 30)


class SlowWriter:
    """Remembers what was committed, slowly."""

    seconds = 0.1

    def __init__(self):
        self.pending, self.committed, self.busy = 0, 0, False
        self.groups = []

    def add(self, _part, output):
        self.pending += sum(rows.num_rows for rows in output.values())

    def flush(self):
        self.busy = True
        self.groups.append(self.pending)
        time.sleep(0.6)
        self.committed, self.pending, self.busy = self.committed + self.pending, 0, False


def test_ctrl_c_while_a_group_is_being_committed_loses_no_answer():
    """All is answered, one group is being committed, another waits. Kills: awaiting the commit without a shield."""
    writer = SlowWriter()

    async def go():
        engine = ToyEngine(latency=0.02)
        prompts = (("p", prompt(f"r{number}", "x", number=str(number))) for number in range(60))
        asking_all = asking.Asking(writer, Progress("ask", "ask", total=60), Silent(), 0.2)
        task = asyncio.create_task(asking_all.run(engine, prompts))
        while not (asking_all.progress.done == 60 and writer.busy):
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(go())
    assert writer.committed == 60


def test_a_disk_that_is_slower_than_the_engine_is_waited_for(monkeypatch):
    """An engine that answers at once, groups of 20, a commit of 0.6 s. Kills: going on asking while a full group waits
    for the one before it to be committed, so that answers pile up in memory (here all 200)."""
    monkeypatch.setattr(asking, "GROUP_ROWS", 20)
    writer, engine = SlowWriter(), ToyEngine()

    async def go():
        prompts = (("p", prompt(f"r{number}", "x", number=str(number))) for number in range(200))
        asking_all = asking.Asking(writer, Progress("ask", "ask", total=200), Silent(), 0.2)
        await asking_all.run(engine, prompts)

    asyncio.run(go())
    assert writer.committed == 200
    assert max(writer.groups) <= 20 + engine.capacity


def test_prompts_that_wait_for_a_slot_are_not_taken_for_quick_ones(monkeypatch):
    """Two slots of 0.1 s, twelve prompts under way: twenty answers a second. Kills: counting only what an answer says
    that it took, by which it would be a hundred and twenty in the first second."""
    monkeypatch.setattr(asking, "TICK_SECONDS", 0.05)

    class TwoSlots(ToyEngine):
        slots = asyncio.Semaphore(2)

        async def complete(self, prompt):
            async with self.slots:
                return replace(await super().complete(prompt), seconds=self.latency)

    progress, said = Progress("ask", "ask", total=60), []

    class Noting(Silent):
        def advanced(self, progress):
            if progress.left is not None and progress.done < 40:
                said.append((progress.left.seconds, 3.0 * (1 - progress.done / 60)))

    async def go():
        prompts = (("p", prompt(f"r{number}", "x", number=str(number))) for number in range(60))
        engine = TwoSlots(latency=0.1, capacity=12)
        await asking.Asking(SlowWriter(), progress, Noting(), 0.2).run(engine, prompts)

    asyncio.run(go())
    assert len(said) > 5
    assert all(seconds > 0.4 * true for seconds, true in said), said


def prompt(name, text, **extra):
    return Prompt(name, (Turn("user", (Segment(text),)),), Sampling(), extra=extra)
