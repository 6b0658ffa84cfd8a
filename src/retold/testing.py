"""For tests of what is built on retold: an engine without a model that answers alike every time and can misbehave.

from retold.testing import ScriptedEngine, ask, prompt

engine = ScriptedEngine(lie=0.2, fail=0.1, seed=3)
completion = ask(engine, [prompt("r1", "Rome was founded in 753 BC.", prefill="- ")])[0]
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from retold.core.document import Completion, Prompt, Sampling, Segment, Turn
from retold.core.step import Engine
from retold.engines.made_up import REFUSAL
from retold.engines.scripted import ScriptedEngine
from retold.engines.settings import EngineSettings, ScriptedSettings

__all__ = ["REFUSAL", "EngineSettings", "ScriptedEngine", "ScriptedSettings", "ask", "prompt"]


def prompt(
    request_id: str,
    source: str,
    instruction: str = "Retell this.",
    prefill: str = "",
    sampling: Sampling | None = None,
) -> Prompt:
    """A prompt as a style makes it: the source (untrusted) first, the instruction (ours) last."""
    content = (Segment(source), Segment(f"\n\n{instruction}", trusted=True))
    return Prompt(request_id, (Turn("user", content),), sampling or Sampling(), prefill, document_id=request_id)


def ask(engine: Engine, prompts: Iterable[Prompt]) -> list[Completion]:
    """Open the engine, ask all prompts at once, close it: completions in the order of the prompts."""

    async def run() -> list[Completion]:
        async with engine:
            return list(await asyncio.gather(*(engine.complete(one) for one in prompts)))

    return asyncio.run(run())
