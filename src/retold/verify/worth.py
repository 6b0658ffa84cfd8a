"""What answers are worth while others still come in: accepted tokens and cost of each retelling, in planned order.

In: a stretch of the plan whose requests are answered. Out: one `Yield` for each retelling in it. A target of a recipe
(`until: {accepted_tokens: 2M}`) is met at the same retelling whoever answers first, because the steps `parse` and
`verify` themselves judge here, on the same rows: what counts here is what they will accept afterwards. That is done
twice, at about 2 ms of one core for each retelling; where there are several workers, it is done in their processes
while the engine goes on.

Only retellings that were asked of an engine count, rule-made ones do not. Tokens are counted by the recipe's tokenizer
where it names a file; one that is trained on the kept text does not exist yet, and `text.tokens.count` stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from retold.core.document import Document, Request
from retold.core.schema import TABLES
from retold.core.step import Part, View, Yield
from retold.rephrase.lookup import find
from retold.rephrase.parse import Parse
from retold.text.tokens import count
from retold.verify.step import Retelling, Verify

BLOCK: Final = 4096
"""Requests that are judged together."""
COLUMNS: Final = ("part", *TABLES["requests"].columns.names)

Counter = Callable[[list[str]], list[int]]
"""Tokens of each text; a function of a module or an object that can be pickled."""


def estimated(texts: list[str]) -> list[int]:
    """Tokens of each text where no tokenizer is known yet."""
    return [count(text) for text in texts]


class Worth:
    """Judges a stretch of the plan as `parse` and `verify` do."""

    def __init__(self, parse: Parse, verify: Verify, counter: Counter, counted_by: str) -> None:
        """`counted_by` names the counter: it decides where a target is met."""
        self.parse = parse
        self.verify = verify
        self.counter = counter
        self.counted_by = counted_by

    def identity(self) -> Mapping[str, Any]:
        """What decides which retellings count, and for how much."""
        return {
            "parse": [self.parse.version, dict(self.parse.identity())],
            "verify": [self.verify.version, dict(self.verify.identity())],
            "counted_by": self.counted_by,
        }

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
        refused = {verdict.subject for verdict in made.verdicts}
        texts = {item.document_id: item.text for item in made.documents if item.document_id not in refused}
        group = [_retelling(item) for item in made.documents if item.document_id in texts]
        kept = [
            row["subject"]
            for output in self.verify.check(group, part, view)
            for row in output["verdicts"].to_pylist()
            if row["keep"]
        ]
        return dict(zip(kept, self.counter([texts[name] for name in kept]), strict=True))


def _retelling(document: Document) -> Retelling:
    spans = tuple((span.document_id, span.start, span.end) for span in document.spans)
    return Retelling(document.document_id, document.text, spans, document.style, document.made_by)


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
        for row in find(view.read(table, part=part.name, columns=["request_id", "cost"]), "request_id", ids):
            found[row["request_id"]] = found.get(row["request_id"], 0.0) + row["cost"]
    return found
