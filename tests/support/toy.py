"""Toy steps of the three kinds, for tests of the runner: letters in, shouted letters out."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from retold.core.document import Completion, Document, Prompt, Request, Sampling, Segment, Turn, document_id
from retold.core.errors import EngineError
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Part
from retold.core.verdict import drop


@dataclass(frozen=True)
class Letters:
    """Map: a part's options hold letters; one document each. Kills its process once where told to."""

    salt: str = ""
    die_in: str = ""
    marker: str = ""
    name: str = "letters"
    version: int = 1
    writes: tuple[str, ...] = ("documents",)

    def identity(self):
        return {"salt": self.salt}

    def process(self, part, view):
        for letter in part.options["letters"]:
            text = self.salt + letter
            document = Document(document_id("source", (), text), "source", text, part.source)
            yield {"documents": batch("documents", [document])}
            if part.name == self.die_in and not Path(self.marker).exists():
                Path(self.marker).touch()
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Unique:
    """Fold: a text that several parts have is dropped in all but the first part by name."""

    name: str = "unique"
    version: int = 1
    writes: tuple[str, ...] = ("verdicts",)

    def identity(self):
        return {}

    def sketch(self, part, view):
        yield from view.documents(["source"], part=part.name, columns=["document_id"])

    def merge(self, sketches, view):
        seen: set[str] = set()
        for part, batches in sorted(sketches, key=lambda item: item[0].name):
            ids = [name for rows in batches for name in rows["document_id"].to_pylist()]
            twins = [drop(name, "document", "exact_duplicate") for name in ids if name in seen]
            seen.update(ids)
            if twins:
                yield part.name, {"verdicts": batch("verdicts", twins)}


@dataclass(frozen=True)
class Requests:
    """Fold: one request per document, in the order of their ids."""

    style: str = "shout"
    name: str = "requests"
    version: int = 1
    writes: tuple[str, ...] = ("requests",)

    def identity(self):
        return {"style": self.style}

    def sketch(self, part, view):
        yield from view.documents(["source"], part=part.name, columns=["document_id"])

    def merge(self, sketches, view):
        rows = sorted(
            (name, part.name)
            for part, batches in sketches
            for item in batches
            for name in item["document_id"].to_pylist()
        )
        for position, (name, part) in enumerate(rows):
            request = digest("request", name, self.style)
            row = Request(request, request, position, name, name, 0, 1, self.style, "1", "toy")
            yield part, {"requests": batch("requests", [row])}


@dataclass
class ToyEngine:
    """Answers in capitals; can fail, break for good, be slow, or stop the process."""

    fail: tuple[int, ...] = ()
    fail_as: dict[int, str] = field(default_factory=dict)
    break_after: int = 10**9
    latency: float = 0.0
    calls: list[str] = field(default_factory=list)
    name: str = "toy"
    identity: str = "toy"
    capacity: int = 4

    def check(self):
        return None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None

    async def complete(self, prompt: Prompt) -> Completion:
        self.calls.append(prompt.request_id)
        await asyncio.sleep(self.latency)
        if len(self.calls) > self.break_after:
            raise EngineError("the engine is gone", "start it again")
        text = prompt.turns[0].content[0].text
        number = int(prompt.extra["number"])
        if number in self.fail or number in self.fail_as:
            failure = self.fail_as.get(number, "")
            return Completion(prompt.request_id, "", "error", "toy", 1, 0, error="broken", failure=failure)
        return Completion(prompt.request_id, text.upper(), "stop", "toy", 1, 1)


@dataclass(frozen=True)
class Shout:
    """Ask: every request once."""

    made: ToyEngine = field(default_factory=ToyEngine)
    name: str = "shout"
    version: int = 1
    writes: tuple[str, ...] = ("completions", "dead_letters")

    def identity(self):
        return {}

    def engine(self):
        return self.made

    def prompts(self, view, answered):
        texts = {row["document_id"]: row["text"] for item in view.read("documents") for row in item.to_pylist()}
        rows = pa.Table.from_batches([item for part in view.parts() for item in _labelled(view, part)]).sort_by(
            "position"
        )
        done = {part: set(answered(part).to_pylist()) for part in rows["part"].unique().to_pylist()}
        for row in rows.to_pylist():
            if row["request_id"] not in done[row["part"]]:
                turn = Turn("user", (Segment(texts[row["document_id"]]),))
                extra = {"number": str(row["position"])}
                yield row["part"], Prompt(row["request_id"], (turn,), Sampling(), position=row["position"], extra=extra)


def _labelled(view, part):
    for item in view.read("requests", part=part.name, columns=["request_id", "position", "document_id"]):
        yield pa.RecordBatch.from_arrays(
            [*item.columns, pa.array([part.name] * item.num_rows)], names=[*item.schema.names, "part"]
        )


def parts(**letters: str) -> list[Part]:
    return [Part(name, "toy", options={"letters": tuple(text)}) for name, text in letters.items()]


@dataclass(frozen=True)
class Listing:
    """Fold: writes all letters to a file and no rows."""

    name: str = "listing"
    version: int = 1
    writes: tuple[str, ...] = ()
    files: tuple[str, ...] = ("letters.txt",)

    def identity(self):
        return {}

    def sketch(self, part, view):
        yield from view.documents(["source"], part=part.name, columns=["text"])

    def merge(self, sketches, view):
        letters = sorted(text for _, batches in sketches for item in batches for text in item["text"].to_pylist())
        (view.folder / "letters.txt").write_text(" ".join(letters))
        yield from ()
