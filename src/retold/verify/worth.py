"""What answers are worth while others still come in: accepted tokens and cost of each retelling, in planned order.

In: a stretch of the plan whose requests are answered. Out: one `Yield` for each retelling in it. A target of a recipe
(`until: {accepted_tokens: 2M}`) is met at the same retelling whoever answers first, because the steps that judge
retellings (`parse`, `verify`, decontamination) judge here themselves, on the same rows: what counts here is what they
will accept afterwards. That is done
twice, at about 2 ms of one core for each retelling; where there are several workers, it is done in their processes
while the engine goes on.

Only retellings that were asked of an engine count, rule-made ones do not. Tokens are counted by the recipe's tokenizer
where it names a file; one that is trained on the kept text does not exist yet, and `text.tokens.count` stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.document import Request
from retold.core.schema import TABLES, batch
from retold.core.step import Among, Map, Output, Part, View, Yield
from retold.rephrase.lookup import find
from retold.rephrase.parse import Parse
from retold.text.tokens import count

BLOCK: Final = 4096
"""Requests that are judged together."""
COLUMNS: Final = ("part", *TABLES["requests"].columns.names)

Counter = Callable[[list[str]], list[int]]
"""Tokens of each text; a function of a module or an object that can be pickled."""


def estimated(texts: list[str]) -> list[int]:
    """Tokens of each text where no tokenizer is known yet."""
    return [count(text) for text in texts]


class Worth:
    """Judges a stretch of the plan as `parse` and the steps after it do."""

    def __init__(self, parse: Parse, judges: Sequence[Map], counter: Counter, counted_by: str) -> None:
        """`judges` drop retellings after `parse`, in this order; `counted_by` names the counter."""
        self.parse = parse
        self.judges = tuple(judges)
        self.counter = counter
        self.counted_by = counted_by

    def identity(self) -> Mapping[str, Any]:
        """What decides which retellings count, and for how much."""
        judges = [[step.name, step.version, dict(step.identity())] for step in (self.parse, *self.judges)]
        return {"judges": judges, "counted_by": self.counted_by}

    def __call__(self, view: View, first: int, end: int, known: int) -> Iterator[Yield]:
        """See `core.step.Targeted.worth`."""
        for part, requests in _stretches(view, first, end, known):
            accepted = self._tokens(requests, part, view)
            costs = _costs(requests, part, view)
            for retelling, group in groupby(requests, key=lambda request: request.retelling_id):
                asked = list(group)
                cost = sum(costs.get(request.request_id, 0.0) for request in asked)
                yield Yield(asked[0].position, asked[-1].position + 1, accepted.get(retelling, 0), cost)

    def _tokens(self, requests: list[Request], part: Part, view: View) -> dict[str, int]:
        """Tokens of the accepted retellings, by id."""
        made = self.parse.retell(requests, part, view)
        supposed = Supposed(view, batch("documents", made.documents), {verdict.subject for verdict in made.verdicts})
        for step in self.judges:
            for output in step.process(part, supposed):
                supposed.drop(output)
        texts = {item.document_id: item.text for item in made.documents if item.document_id not in supposed.dropped}
        return dict(zip(texts, self.counter(list(texts.values())), strict=True))


class Supposed:
    """A view in which these retellings are the only ones, and those of `dropped` are dropped: nothing is written."""

    def __init__(self, view: View, retellings: pa.RecordBatch, dropped: set[str]) -> None:
        self.view = view
        self.retellings = retellings
        self.dropped = dropped
        self.folder = view.folder
        self.read = view.read
        self.in_order = view.in_order
        self.history = view.history
        self.parts = view.parts

    def drop(self, output: Output) -> None:
        """Take in what a step decided."""
        for row in output["verdicts"].to_pylist() if "verdicts" in output else ():
            if not row["keep"]:
                self.dropped.add(row["subject"])

    def documents(
        self,
        kinds: Sequence[str],
        *,
        part: str | None = None,
        columns: Sequence[str] | None = None,
        among: Among | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """See `core.step.View`."""
        others = [kind for kind in kinds if kind != "retelling"]
        if others:
            yield from self.view.documents(others, part=part, columns=columns, among=among)
        if "retelling" in kinds:
            left = pc.invert(pc.is_in(self.retellings["document_id"], pa.array(sorted(self.dropped), pa.string())))
            rows = self.retellings.filter(left)
            if among is not None:
                rows = rows.filter(pc.is_in(rows[among[0]], among[1]))
            yield rows.select(list(columns)) if columns is not None else rows


def _stretches(view: View, first: int, end: int, known: int) -> Iterator[tuple[Part, list[Request]]]:
    """Requests of whole retellings that begin in the range and lie before `known`, of one part, about `BLOCK` each."""
    held: list[Request] = []
    owner = ""
    for found in view.in_order("requests", columns=COLUMNS, first=first):
        for row in found.to_pylist():
            part = row.pop("part")
            request = Request(**row)
            begins = request.position - request.unit
            if begins >= end:
                yield from _whole(owner, held)
                return
            if begins < first or begins + request.units > known:
                continue
            if held and (part != owner or (len(held) >= BLOCK and request.unit == 0)):
                yield from _whole(owner, held)
                held = []
            owner = part
            held.append(request)
    yield from _whole(owner, held)


def _whole(owner: str, held: list[Request]) -> Iterator[tuple[Part, list[Request]]]:
    if held:
        yield Part(owner, ""), held


def _costs(requests: list[Request], part: Part, view: View) -> dict[str, float]:
    """USD of each request, answered or given up on."""
    ids = {request.request_id for request in requests}
    found: dict[str, float] = {}
    for table in ("dead_letters", "completions"):
        for row in find(view, table, part.name, "request_id", ids, ["request_id", "cost"]):
            found[row["request_id"]] = found.get(row["request_id"], 0.0) + row["cost"]
    return found
