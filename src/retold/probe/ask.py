"""Asking an engine a battery's questions: greedy once, then samples; every answer is written down as it comes.

In: an engine, questions, how many samples. Out: `Given` in the order of questions and samples. With a file, answers
that stand in it already (same engine, question and sampling, by their digest) are not asked again, so a probe that was
stopped goes on. A failed answer is no answer: it is left out, and asked again the next time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from retold.core.document import Completion, Finish, Prompt, Sampling, Segment, Turn
from retold.core.fingerprint import digest
from retold.core.step import Engine
from retold.probe.battery import Question

TEMPERATURE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Sampled:
    """How answers are drawn: `samples` beside the greedy one, at `temperature`."""

    samples: int = 0
    temperature: float = TEMPERATURE
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Given:
    """An answer. `sample` 0 is the greedy one; `text` is what follows the question's prefill."""

    question: Question
    sample: int
    text: str
    finish: Finish


def prompts(questions: Sequence[Question], how: Sampled, max_tokens: int) -> Iterator[tuple[Question, int, Prompt]]:
    """(question, sample, prompt), greedy ones first."""
    for sample in range(how.samples + 1):
        for question in questions:
            if sample:  # each its own seed: with one for all, the first words of all answers are drawn alike
                seed = int(digest("probe sample", asdict(question), sample, how.seed)[:7], 16)
                sampling = Sampling(how.temperature, 0.95, 40, 0.0, 1.0, max_tokens, seed)
            else:
                sampling = Sampling(0.0, 1.0, 1, 0.0, 1.0, max_tokens, how.seed)
            name = digest("probe", asdict(question), asdict(sampling))
            turn = Turn("user", (Segment(question.prompt, trusted=True),))
            yield question, sample, Prompt(name, (turn,), sampling, question.prefill)


def missing(engine: Engine, questions: Sequence[Question], how: Sampled, max_tokens: int, file: Path | None) -> int:
    """How many answers are not in the file yet: where there are none, the engine need not be started."""
    known = _read(file, engine.identity)
    return sum(prompt.request_id not in known for _, _, prompt in prompts(questions, how, max_tokens))


async def ask(
    engine: Engine,
    questions: Sequence[Question],
    how: Sampled,
    max_tokens: int,
    *,
    file: Path | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> list[Given]:
    """All answers; `tell(done, all)` after each. Raises EngineError where the engine is gone. The engine is open."""
    planned = list(prompts(questions, how, max_tokens))
    known = _read(file, engine.identity)
    found: dict[str, Completion] = {}
    limit = asyncio.Semaphore(max(1, engine.capacity))
    done = sum(prompt.request_id in known for _, _, prompt in planned)

    async def one(prompt: Prompt) -> None:
        nonlocal done
        async with limit:
            answer = await engine.complete(prompt)
        if answer.finish != "error":
            found[prompt.request_id] = answer
            _write(file, engine.identity, answer)
        done += 1
        if tell is not None:
            tell(done, len(planned))

    await asyncio.gather(*(one(prompt) for _, _, prompt in planned if prompt.request_id not in known))
    known.update({name: (answer.text, answer.finish) for name, answer in found.items()})
    return [
        Given(question, sample, *known[prompt.request_id])
        for question, sample, prompt in planned
        if prompt.request_id in known
    ]


def _read(file: Path | None, identity: str) -> dict[str, tuple[str, Finish]]:
    known: dict[str, tuple[str, Finish]] = {}
    if file is None or not file.exists():
        return known
    for line in file.read_text("utf-8").splitlines():
        with suppress(ValueError, KeyError, TypeError):  # a line that a kill has torn
            row = json.loads(line)
            if row["engine"] == identity:
                known[row["id"]] = (row["text"], row["finish"])
    return known


def _write(file: Path | None, identity: str, answer: Completion) -> None:
    if file is None:
        return
    row = {"id": answer.request_id, "engine": identity, "text": answer.text, "finish": answer.finish}
    with file.open("a", encoding="utf-8") as opened:
        opened.write(json.dumps(row, ensure_ascii=False) + "\n")
