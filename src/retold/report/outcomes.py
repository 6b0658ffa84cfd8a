"""What each retelling of a sample cost and became: the figures that a pilot is extrapolated from.

In: the view of the end of a sample's chain. Out: one `Outcome` for each retelling asked of a model. Resident: about
400 bytes for each, so it is for samples of thousands; texts stream by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from retold.report.rows import Rows
from retold.report.tally import ASK, PARSE, fates_of

Counter = Callable[[list[str]], list[int]]
FIGURES = ("prompt_tokens", "cached_tokens", "completion_tokens", "seconds", "cost")


@dataclass(slots=True)
class Outcome:
    """One retelling. `characters` of source in its requests; tokens, `seconds` and `cost` (USD) over all of them.

    `verdict` is accepted, refused, failed or waiting; `accepted_tokens` is 0 unless it is accepted.
    """

    retelling_id: str
    style: str
    document_id: str
    passage_id: str
    characters: int = 0
    requests: int = 0
    verdict: str = "waiting"
    reason: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    accepted_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0


def outcomes(rows: Rows, counter: Counter) -> dict[str, Outcome]:
    """By id, in planned order. `counter` counts tokens as the recipe does."""
    found: list[tuple[int, Outcome]] = []
    fates = fates_of(rows)
    kept = {name for name, (verdict, _) in fates.items() if verdict == "accepted"}
    for part in rows.view.parts():
        mine = dict(_asked(rows, part.name))
        _answered(rows, part.name, mine)
        columns = ["document_id", "text"]
        texts = {name: text for name, text in rows.part("documents", part.name, columns, PARSE) if name in kept}
        for name, tokens in zip(texts, counter(list(texts.values())), strict=True):
            if name in mine:
                mine[name][1].accepted_tokens = tokens
        found += mine.values()
    for _, outcome in found:
        outcome.verdict, outcome.reason = fates.get(outcome.retelling_id, ("waiting", ""))
    return {outcome.retelling_id: outcome for _, outcome in sorted(found, key=lambda item: item[0])}


def _asked(rows: Rows, part: str) -> Iterator[tuple[str, tuple[int, Outcome]]]:
    """By retelling, its place in the order and what it is about."""
    made: dict[str, tuple[int, Outcome]] = {}
    columns = ["retelling_id", "style", "document_id", "passage_id", "start", "end", "position"]
    for name, style, document, passage, start, end, position in rows.part("requests", part, columns):
        place, outcome = made.get(name, (position, Outcome(name, style, document, passage)))
        outcome.characters += end - start
        outcome.requests += 1
        made[name] = (min(place, position), outcome)
    yield from made.items()


def _answered(rows: Rows, part: str, made: dict[str, tuple[int, Outcome]]) -> None:
    """Add what the answers and the failures of these retellings took."""
    owner = dict(rows.part("requests", part, ["request_id", "retelling_id"]))
    for table, figures in (("completions", FIGURES), ("dead_letters", ("seconds", "cost"))):
        for request, *values in rows.part(table, part, ["request_id", *figures], ASK):
            if request in owner and owner[request] in made:
                outcome = made[owner[request]][1]
                for name, value in zip(figures, values, strict=True):
                    setattr(outcome, name, getattr(outcome, name) + value)


def sizes_by_style(rows: Rows) -> dict[str, Any]:
    """Of a whole plan: (retellings, requests, characters of source) by style."""
    sizes: dict[str, tuple[int, int, int]] = {}
    for part in rows.view.parts():
        for style, unit, start, end in rows.part("requests", part.name, ["style", "unit", "start", "end"]):
            retellings, requests, characters = sizes.get(style, (0, 0, 0))
            sizes[style] = (retellings + (unit == 0), requests + 1, characters + end - start)
    return sizes
