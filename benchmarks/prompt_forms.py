"""How many answers to each style's prompt pass the automatic checks, on Python's own documentation.

    python benchmarks/prompt_forms.py                              every built-in style, on the embedded model
    python benchmarks/prompt_forms.py tutorial forms/mine.md       these, one of them a prompt form of your own
    python benchmarks/prompt_forms.py --passages 30 --tokens 130   more and shorter passages
    python benchmarks/prompt_forms.py --no-record tutorial         print the table, write nothing

Prints a Markdown table with 95 % Wilson intervals and writes benchmarks/results/prompt_forms.json. Answers are judged
as in a run: contract of the style, then checks against the source; a style that works by sentences is counted in them.
Accepted is not yet true: how many of the accepted answers are true was read one by one, and is in docs/log.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import platform
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from retold.core.document import Completion, Passage, Request
from retold.core.fingerprint import digest
from retold.core.step import Engine
from retold.engines import EngineSettings, build
from retold.read.python_docs import topics
from retold.rephrase.chunk import chunk
from retold.styles import Style, catalogue, load, render
from retold.styles.parse import Refusal, parse
from retold.styles.style import reflow
from retold.text.sentences import flat, sentences
from retold.text.words import words
from retold.verify import VerifySettings, sentence_judge
from retold.verify.checks import measure
from retold.verify.judge import judge, limits_for
from retold.verify.source import SourceText

RESULT = Path(__file__).parent / "results" / "prompt_forms.json"
SENTENCES = 3
"""Sentences asked of each passage, for styles that work by sentences."""
SENTENCE_WORDS = 8
FLOORS = {"tutorial": 0.3, "reword": 0.25}
"""Smallest accepted share that these styles must keep: measured 0.46 of 24 passages and 0.35 of 71 sentences."""


@dataclass
class Tally:
    """What came of one style."""

    style: Style
    asked: int = 0
    accepted: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[dict[str, str]] = field(default_factory=list)


def wilson(accepted: int, asked: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, 1927), which holds for small and for extreme counts too."""
    if not asked:
        return 0.0, 1.0
    z = 1.96
    share, scale = accepted / asked, 1 + z * z / asked
    centre = (share + z * z / (2 * asked)) / scale
    half = z * math.sqrt(share * (1 - share) / asked + z * z / (4 * asked * asked)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def passages(number: int, tokens: int, least_words: int) -> list[Passage]:
    """One passage of each of `number` topics, spread evenly over the alphabet; no text twice."""
    found: list[Passage] = []
    for topic, text in sorted(topics().items()):
        for piece in chunk(text, text.lstrip().partition("\n")[0], tokens).pieces:
            passage = text[piece.start : piece.end]
            if len(words(passage)) >= least_words and passage not in {other.text for other in found}:
                name = digest("topic", topic)
                found.append(Passage(name, name, piece.start, piece.end, piece.heading, passage, piece.tokens))
                break
    step = max(1.0, len(found) / number)
    return [found[int(index * step)] for index in range(min(number, len(found)))]


def requests(style: Style, passage: Passage) -> Iterator[Request]:
    """The requests that a style makes of a passage: one, or one for each of its first sentences."""
    spans = [(0, len(passage.text))]
    if style.unit == "sentence":
        whole = [span for span in sentences(passage.text) if len(words(passage.text[slice(*span)])) >= SENTENCE_WORDS]
        spans = whole[:SENTENCES]
    for start, end in spans:
        name = digest("prompt_forms", style.digest, passage.document_id, start)
        first, last = passage.start + start, passage.start + end
        yield Request(name, name, 0, passage.passage_id, passage.document_id, first, last, style.name, "", "")


def verdict(style: Style, passage: Passage, request: Request, answer: Completion) -> tuple[str, str]:
    """Why the answer is refused ("" where it is accepted), and its text."""
    text = style.prefill + answer.text
    if answer.finish != "stop":
        return "cut_off" if answer.finish == "length" else answer.finish, text
    source = passage.text[request.start - passage.start : request.end - passage.start]
    source = flat(source) if style.unit == "sentence" else source
    parsed = parse(style, text, source)
    if isinstance(parsed, Refusal):
        return parsed.reason, text
    if style.unit == "sentence":
        return sentence_judge(source, parsed.text) or "", parsed.text
    signals, _ = measure(SourceText(source, (passage.heading,)), parsed.text)
    return judge(signals, limits_for(VerifySettings(), "model", style)), parsed.text


async def ask(engine: Engine, tallies: list[Tally], chosen: list[Passage]) -> None:
    """All styles of a passage in a row, so that the engine's prefix cache reads the passage once."""
    async with engine:
        for passage in chosen:
            for tally in tallies:
                for request in requests(tally.style, passage):
                    begun = time.perf_counter()
                    answer = await engine.complete(render(tally.style, passage, request))
                    tally.seconds += time.perf_counter() - begun
                    reason, text = verdict(tally.style, passage, request, answer)
                    tally.asked += 1
                    tally.accepted += not reason
                    if reason:
                        tally.reasons[reason] += 1
                    source = reflow(passage.text[request.start - passage.start : request.end - passage.start])
                    tally.shown.append({"source": source, "answer": text, "refused": reason})


def row(tally: Tally) -> str:
    """A style as a line of the table."""
    low, high = wilson(tally.accepted, tally.asked)
    share = tally.accepted / max(1, tally.asked)
    reasons = ", ".join(f"{reason} {times}" for reason, times in tally.reasons.most_common(4))
    per_answer = tally.seconds / max(1, tally.asked)
    return (
        f"| {tally.style.name} | {tally.style.unit} | {tally.asked} | {tally.accepted} | {share:.0%} "
        f"| {low:.0%} to {high:.0%} | {per_answer:.1f} | {reasons} |"
    )


def result(tallies: list[Tally], engine: Engine, arguments: argparse.Namespace) -> dict[str, object]:
    """What is kept of the run, in the shape of all benchmarks."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    figures = {
        tally.style.name: {
            "unit": tally.style.unit,
            "style": tally.style.digest,
            "asked": tally.asked,
            "accepted": tally.accepted,
            "interval": [round(bound, 3) for bound in wilson(tally.accepted, tally.asked)],
            "seconds_per_answer": round(tally.seconds / max(1, tally.asked), 2),
            "refused": dict(tally.reasons.most_common()),
        }
        for tally in tallies
    }
    floors = [
        {
            "what": f"accepted share, {tally.style.name}",
            "value": round(tally.accepted / max(1, tally.asked), 3),
            "at_least": FLOORS[tally.style.name],
            "holds": tally.accepted >= FLOORS[tally.style.name] * tally.asked,
        }
        for tally in tallies
        if tally.style.name in FLOORS
    ]
    return {
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {"retold": version("retold"), "engine": engine.identity},
        "commit": commit.stdout.strip(),
        "settings": {"passages": arguments.passages, "tokens": arguments.tokens, "least_words": arguments.words},
        "figures": figures,
        "floors": floors,
    }


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("styles", nargs="*", help="names, or paths of style files; all built-in ones without")
    reader.add_argument("--passages", type=int, default=24)
    reader.add_argument("--tokens", type=int, default=300, help="a passage has at most this many")
    reader.add_argument("--words", type=int, default=50, help="a passage has at least this many")
    reader.add_argument("--answers", type=Path, help="write all answers here, as JSON lines, to read them")
    reader.add_argument("--no-record", action="store_true", help="leave the result file as it is")
    arguments = reader.parse_args()
    styles = [load(name) for name in arguments.styles] or [style for style in catalogue() if not style.control]
    tallies = [Tally(style) for style in styles]
    engine = build(EngineSettings.model_validate("embedded"))
    asyncio.run(ask(engine, tallies, passages(arguments.passages, arguments.tokens, arguments.words)))
    print("| style | unit | asked | accepted | share | 95 % interval | s each | refused |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(row(tally) for tally in tallies))
    if arguments.answers:
        lines = ({"style": tally.style.name, **shown} for tally in tallies for shown in tally.shown)
        arguments.answers.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = result(tallies, engine, arguments)
    if not arguments.no_record:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    floors = found["floors"]
    assert isinstance(floors, list)
    return 0 if all(floor["holds"] for floor in floors) else 1


if __name__ == "__main__":
    raise SystemExit(main())
