"""What a grammar of each source costs, and what it keeps out: the same prompts with and without it.

    python benchmarks/grounded.py                   12 passages of Python's documentation
    python benchmarks/grounded.py --passages 30

Per token, in pairs (the same prompt, one after the other, on one thread), and for whole answers: how many hold a number
or a name that their source does not have. The grammar is made, sent and read anew for every answer; all of that is in
the time. Prints a table and writes benchmarks/results/grounded.json.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass, field

from prompt_forms import passages

from retold.core.document import Passage, Request
from retold.core.fingerprint import digest
from retold.engines.embedded import EmbeddedEngine
from retold.engines.settings import EmbeddedSettings
from retold.styles.grounded import grammar
from retold.styles.style import decoded, load, render
from retold.verify.names import names
from retold.verify.numbers import numbers
from retold.verify.source import SourceText
from support import floor, record, table

STYLES = ("tutorial", "summary")
SLOWER = 2.0


@dataclass
class Arm:
    """One way of decoding."""

    milliseconds: list[float] = field(default_factory=list)
    strays: int = 0
    answers: int = 0


async def measure(chosen: list[Passage]) -> dict[str, Arm]:
    """Both ways for every passage and style, one after the other."""
    arms = {"plain": Arm(), "grounded": Arm()}
    async with EmbeddedEngine(EmbeddedSettings(slots=1, threads=1)) as engine:
        for passage in chosen:
            source = SourceText(passage.text, (passage.heading,))
            for name in STYLES:
                key = digest("grounded", name, passage.passage_id)
                end = passage.start + len(passage.text)
                request = Request(key, key, 0, key, passage.document_id, passage.start, end, name, "", "")
                for decoding, arm in arms.items():
                    prompt = render(decoded(load(name), decoding), passage, request)  # type: ignore[arg-type]
                    begun = time.perf_counter()
                    answer = await engine.complete(prompt)
                    spent = (time.perf_counter() - begun) * 1000
                    arm.milliseconds.append(spent / max(1, answer.completion_tokens))
                    arm.answers += 1
                    found = numbers(source, answer.text)[0]["unsupported_numbers"]
                    arm.strays += bool(found or names(source, answer.text)[0]["unsupported_names"])
    return arms


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--passages", type=int, default=12)
    arguments = reader.parse_args()
    chosen = passages(arguments.passages, 160, 50)
    begun = time.perf_counter()
    made = [grammar("prose", (1, 1), "", passage.text) for passage in chosen for _ in range(10)]
    making = (time.perf_counter() - begun) * 1000 / len(made)
    arms = asyncio.run(measure(chosen))
    pairs = zip(arms["grounded"].milliseconds, arms["plain"].milliseconds, strict=True)
    slower = statistics.median(one / other for one, other in pairs)
    rows = [(name, arm.answers, f"{statistics.median(arm.milliseconds):.1f}", arm.strays) for name, arm in arms.items()]
    print(table(("decoding", "answers", "ms a token, median", "with a number or name from nowhere"), rows))
    print(f"grounded takes {slower:.2f} times as long (median of pairs); making a grammar {making:.1f} ms")
    share = arms["grounded"].strays / arms["grounded"].answers
    figures = {
        "slower": round(slower, 3),
        "grammar_ms": round(making, 2),
        "strays": {name: [arm.strays, arm.answers] for name, arm in arms.items()},
    }
    floors = [
        floor("grounded beside plain, time of a token", slower, at_most=SLOWER),
        floor("grounded answers with a number or name from nowhere", share, at_most=0.05),
    ]
    return record("grounded", figures, floors, settings={"passages": arguments.passages, "styles": list(STYLES)})


if __name__ == "__main__":
    raise SystemExit(main())
