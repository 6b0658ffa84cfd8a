"""The loop that asks: how fast it follows what the engine takes."""

from __future__ import annotations

import asyncio

from retold.runner import asking
from retold.runner.progress import Silent
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
