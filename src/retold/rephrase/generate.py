"""The step `complete`: the prompts of the plan, in planned order, for the engine that the recipe names.

In: `requests` and the passages they are about, and which requests have an answer already. Out: prompts, one at a time;
the runner asks them and commits what comes back. Prompts are rendered here, when they are needed: a request says which
passage, which characters and which style, and the text of its prompt is a function of those.

Memory, whatever the number of requests: a row group of requests, the ids of one part that are answered (about 40 bytes
each, and a hash table over them while they are compared), a block of requests with their passages (4,096, or about 8 MB
of text), and the next one, which a thread reads ahead. A look-up reads the ids of a part's passages and the row groups
that hold what it wants. When it read the part's texts for each block, a part of 50,000 passages of 6 kB took 0.2 ms of
processor time for each prompt, more than rendering it; done in the loop that asks, it kept a thousand answers waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, Final, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.document import Passage, Prompt, Request
from retold.core.schema import TABLES
from retold.core.step import Answered, Engine, View, Yield
from retold.engines import EngineSettings, build
from retold.rephrase.settings import RephraseSettings
from retold.styles.style import Style, render

BLOCK: Final = 1_024
"""Requests whose passages are looked up together."""
BLOCK_CHARACTERS: Final = 4 << 20
ROWS: Final = 256
"""Requests that are Python objects at a time."""
COLUMNS: Final = TABLES["requests"].columns.names
PASSAGE_COLUMNS: Final = TABLES["passages"].columns.names


class Appraise(Protocol):
    """What judges a stretch of the plan (`verify.worth`)."""

    def identity(self) -> Mapping[str, Any]:
        """What decides its judgement."""
        ...

    def __call__(self, view: View, first: int, end: int, known: int) -> Iterator[Yield]:
        """See `core.step.Targeted.worth`."""
        ...


class Complete:
    """Ask step `complete`."""

    name = "complete"
    version = 1
    writes = ("completions", "dead_letters")

    def __init__(
        self,
        settings: RephraseSettings,
        engine: EngineSettings,
        styles: Mapping[str, Style],
        appraise: Appraise | None = None,
    ) -> None:
        """`appraise` judges what came back, for a target (`until:`) that only the answers can meet."""
        self.settings = engine
        self.target = settings.until.target if appraise is not None else None
        self.appraise = appraise
        # Recipes name a style by its name or by its file; requests carry the name that it gives itself.
        self.styles = {styles[key].name: styles[key] for key in settings.styles}

    def identity(self) -> Mapping[str, Any]:
        """Who answers, and what decides the prompts."""
        prompts = {name: style.prompt_digest for name, style in self.styles.items()}
        found: dict[str, Any] = {"engine": self.settings.identity(), "prompts": prompts}
        if self.target is not None and self.appraise is not None:
            found |= {"until": asdict(self.target), "worth": self.appraise.identity()}
        return found

    @property
    def tokens_expected(self) -> float:
        """See `core.step.Targeted`: an answer of the longest style that is accepted whole."""
        return float(max(style.sampling.max_tokens for style in self.styles.values()))

    def worth(self, view: View, first: int, end: int, known: int) -> Iterator[Yield]:
        """See `core.step.Targeted`."""
        assert self.appraise is not None, "a target is given only with what judges it"
        yield from self.appraise(view, first, end, known)

    def engine(self) -> Engine:
        """The engine, not yet started."""
        return build(self.settings)

    def prompts(self, view: View, answered: Answered) -> Iterator[tuple[str, Prompt]]:
        """(part name, prompt) in planned order, without those that have an answer. The first block is read at once."""
        return self._rendered(_ahead(self._found(view, answered)))

    def _found(self, view: View, answered: Answered) -> Iterator[tuple[str, pa.Table, pa.Table]]:
        """Blocks of requests with their passages."""
        for part, requests in self._blocks(view, answered):
            yield part, requests, _passages(view, part, requests["passage_id"])

    def _rendered(self, blocks: Iterator[tuple[str, pa.Table, pa.Table]]) -> Iterator[tuple[str, Prompt]]:
        for part, requests, passages in blocks:
            for start in range(0, requests.num_rows, ROWS):
                asked = requests.slice(start, ROWS)
                about = passages.take(pc.index_in(asked["passage_id"], passages["passage_id"]))
                for row, passage in zip(asked.to_pylist(), about.to_pylist(), strict=True):
                    if passage["passage_id"] is not None:  # else it is no longer there: nothing to ask about
                        yield part, render(self.styles[row["style"]], Passage(**passage), Request(**row))
            del requests, passages, asked, about  # before the next ones are taken

    def _blocks(self, view: View, answered: Answered) -> Iterator[tuple[str, pa.Table]]:
        """Requests to ask in planned order, at most `BLOCK` of one part at a time."""
        styles = pa.array(sorted(self.styles), pa.string())
        part, done = "", pa.array([], pa.string())
        held: list[pa.RecordBatch] = []
        for rows in view.in_order("requests", columns=["part", *COLUMNS]):
            for name in pc.unique(rows["part"]).to_pylist():  # planned order is part after part
                if name != part or _full(held):
                    if held:
                        block, held = pa.Table.from_batches(held), []
                        yield part, block
                        del block
                    if name != part:
                        part, done = name, answered(name)
                mine = rows.filter(pc.equal(rows["part"], name)).select(COLUMNS)
                ours = pc.and_(pc.is_in(mine["style"], styles), pc.invert(pc.is_in(mine["request_id"], done)))
                kept = mine.filter(ours)
                held += [kept] if kept.num_rows else []
        if held:
            yield part, pa.Table.from_batches(held)


Item = TypeVar("Item")


def _ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same, each made in a thread while the one before it is used: a look-up must not keep answers waiting.

    With 6 kB a passage one takes 0.3 s, in which a thousand prompts in flight would come back to nobody.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="retold-ahead")
    return _taken(thread, items, thread.submit(next, items, None))


def _taken(thread: ThreadPoolExecutor, items: Iterator[Item], coming: Future[Item | None]) -> Iterator[Item]:
    try:
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
            del item
    finally:
        thread.shutdown(wait=False, cancel_futures=True)


def _full(held: list[pa.RecordBatch]) -> bool:
    """Whether these requests, or the characters that they are about, are enough for a block."""
    if sum(rows.num_rows for rows in held) >= BLOCK:
        return True
    return sum(pc.sum(pc.subtract(rows["end"], rows["start"])).as_py() or 0 for rows in held) >= BLOCK_CHARACTERS


def _passages(view: View, part: str, ids: pa.ChunkedArray) -> pa.Table:
    """These passages of a part."""
    among = "passage_id", pc.unique(ids)
    found = list(view.read("passages", part=part, columns=PASSAGE_COLUMNS, among=among))
    schema = pa.schema([TABLES["passages"].columns.field(name) for name in PASSAGE_COLUMNS])
    return pa.Table.from_batches(found, schema).combine_chunks()
