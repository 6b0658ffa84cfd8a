"""The step `complete`: the prompts of the plan, in planned order, for the engine that the recipe names.

In: `requests` and the passages they are about, and which requests have an answer already. Out: prompts, one at a time;
the runner asks them and commits what comes back. Prompts are rendered here, when they are needed: a request says which
passage, which characters and which style, and the text of its prompt is a function of those.

Memory: position, id and part of each unanswered request (about 50 bytes), the ids that are answered (about 40 bytes
each, and a hash table over them while they are compared), and `BLOCK` requests with their passages (16 MB).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.document import Passage, Prompt, Request
from retold.core.step import Answered, Engine, View
from retold.engines import EngineSettings, build
from retold.rephrase.lookup import BLOCK, rows
from retold.rephrase.settings import RephraseSettings
from retold.styles.style import Style, render


class Complete:
    """Ask step `complete`."""

    name = "complete"
    version = 1
    writes = ("completions", "dead_letters")

    def __init__(self, settings: RephraseSettings, engine: EngineSettings, styles: Mapping[str, Style]) -> None:
        self.settings = engine
        # Recipes name a style by its name or by its file; requests carry the name that it gives itself.
        self.styles = {styles[key].name: styles[key] for key in settings.styles}

    def identity(self) -> Mapping[str, Any]:
        """Who answers, and what decides the prompts."""
        prompts = {name: style.prompt_digest for name, style in self.styles.items()}
        return {"engine": self.settings.identity(), "prompts": prompts}

    def engine(self) -> Engine:
        """The engine, not yet started."""
        return build(self.settings)

    def prompts(self, view: View, answered: Answered) -> Iterator[tuple[str, Prompt]]:
        """(part name, prompt) in planned order, without those that have an answer."""
        names = [part.name for part in view.parts()]
        order = self._order(view, names, answered)
        for start in range(0, order.num_rows, BLOCK):
            block = order.slice(start, BLOCK)
            places = block["part"].to_pylist()
            ready = self._ready(view, names, zip(places, block["request_id"].to_pylist(), strict=True))
            for place, request_id in zip(places, block["request_id"].to_pylist(), strict=True):
                found = ready.get((place, request_id))
                if found is not None:
                    request, passage = found
                    yield names[place], render(self.styles[request.style], passage, request)

    def _order(self, view: View, names: list[str], answered: Answered) -> pa.Table:
        """Position, id and part (as a number) of what is to be asked, in planned order."""
        styles = pa.array(sorted(self.styles), pa.string())
        found = []
        for place, name in enumerate(names):
            done = pa.array(answered(name), pa.string())
            for batch in view.read("requests", part=name, columns=["position", "request_id", "style"]):
                ours = pc.and_(pc.is_in(batch["style"], styles), pc.invert(pc.is_in(batch["request_id"], done)))
                kept = batch.filter(ours).select(["position", "request_id"])
                found.append(kept.append_column("part", pa.array([place] * kept.num_rows, pa.int32())))
        schema = pa.schema([("position", pa.int64()), ("request_id", pa.string()), ("part", pa.int32())])
        table = pa.Table.from_batches(found, schema)
        return table.sort_by([("position", "ascending"), ("request_id", "ascending"), ("part", "ascending")])

    def _ready(
        self, view: View, names: list[str], wanted: Iterable[tuple[int, str]]
    ) -> dict[tuple[int, str], tuple[Request, Passage]]:
        """The requests of a block with their passages. One whose passage is no longer there is not asked."""
        by_part: dict[int, set[str]] = {}
        for place, request_id in wanted:
            by_part.setdefault(place, set()).add(request_id)
        ready = {}
        for place, ids in by_part.items():
            requests = rows(view, "requests", names[place], "request_id", ids)
            about = {row["passage_id"] for row in requests.values()}
            passages = rows(view, "passages", names[place], "passage_id", about)
            for request_id, row in requests.items():
                passage = passages.get(row["passage_id"])
                if passage is not None:
                    ready[place, request_id] = (Request(**row), Passage(**passage))
        return ready
