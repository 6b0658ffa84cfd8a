"""How long an Ask will take: by the store's earlier runs, or by a short test of an engine that costs nothing.

Earlier runs give seconds per answer. Before the first run, a sample of the prompts is rendered and counted (only what
follows the text that a prompt shares with the one before it: engines keep that), answers are taken at their usual share
of the allowed length, and both are divided by the pace that the engine measures on itself in a few seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from retold.core.document import Prompt
from retold.core.errors import EngineError
from retold.core.step import Answered, Ask, Paced, View
from retold.store import Store

ANSWERS_FOR_AN_ESTIMATE = 5
PROMPTS_SAMPLED = 200
USUAL_SHARE_OF_ANSWER = 0.5
CHARACTERS_PER_TOKEN = 4.0


def seconds_by_history(store: Store, requests: int, engines: Collection[str]) -> float | None:
    """Seconds for so many requests at the speed of earlier runs with these engines; None where there is none."""
    seconds = answers = 0.0
    for row in store.rows("runs", columns=["report"]):
        for stage in json.loads(row["report"]):
            if stage["kind"] != "ask" or stage.get("engine", "") not in ("", *engines):
                continue  # another model says nothing of this one's pace; older rows name none
            if stage["done"] > stage["reused"]:
                seconds += stage["seconds"]
                answers += stage["done"] - stage["reused"]
    return requests * seconds / answers if answers >= ANSWERS_FOR_AN_ESTIMATE else None


def seconds_by_pace(step: Ask, view: View, answered: Answered, requests: int) -> float | None:
    """Seconds for so many requests at the pace that the engine measures on itself; None if it cannot, or costs."""
    engine = step.engine()
    if not isinstance(engine, Paced):
        return None

    async def measure() -> tuple[float, float]:
        async with engine:
            return await engine.pace()

    try:
        reading, writing = asyncio.run(measure())
    except EngineError:
        return None  # the run will say it, with the remedy; a plan is still a plan
    sizes = sizes_of(step, view, answered)
    return requests * (sizes.read / reading + sizes.written / writing) if sizes else 0.0


@dataclass(frozen=True)
class Sizes:
    """Mean tokens of a prompt, of the part of it that no prefix cache has, and of its answer."""

    prompt: float
    read: float
    written: float


def sizes_of(step: Ask, view: View, answered: Answered) -> Sizes | None:
    """Estimated on the first prompts to be asked; None where there are none."""
    prompt, read, written, sampled = 0.0, 0.0, 0.0, 0
    before = ""
    for _, following in islice(step.prompts(view, answered), PROMPTS_SAMPLED):
        text = _text(following)
        prompt += len(text) / CHARACTERS_PER_TOKEN
        read += (len(text) - _shared(before, text)) / CHARACTERS_PER_TOKEN
        written += following.sampling.max_tokens * USUAL_SHARE_OF_ANSWER
        before, sampled = text, sampled + 1
    return Sizes(prompt / sampled, read / sampled, written / sampled) if sampled else None


def _shared(one: str, two: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, two, strict=False)
    return next((place for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(two)))


def _text(prompt: Prompt) -> str:
    return "".join(segment.text for turn in prompt.turns for segment in turn.content)
