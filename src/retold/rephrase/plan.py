"""The step `plan`: which passage is asked for in which style, in which order.

In: the passages of all parts. Out: `requests`, numbered over all parts by `position`. Parts come in the order of the
digest of the seed and their names, the passages of a part in the order of the digest of the seed and their ids, and
styles follow in that order by `quota.py`; so the plan depends on what the passages are and on nothing about how they
came, every prefix of it has the mixture that was asked for, and `until: {retellings: N}` is the first N of any longer
plan. The requests of one passage are neighbours: an engine's prefix cache pays the passage once.

A style that works by sentences makes one request for each sentence of the passage that `units.py` finds worth it, all
with one `retelling_id`. With several attempts each of these requests is there several times, as neighbours.

A plan may follow another recipe's (`Follow`): then passages, and which of its styles each one gets, come in the order
of that one, and a style of this recipe stands for each style there. So two recipes are asked about the same passages,
with requests whose ids are those of their own plans.

State of the Fold: about 140 bytes for each passage of all parts (ids, span, place in the order), and while a part is
planned the sentence borders of its passages that are retold by sentences, about 100 bytes each; no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.core.document import Request
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.engines import EngineSettings, build
from retold.rephrase.lookup import find
from retold.rephrase.quota import Quota
from retold.rephrase.settings import RephraseSettings
from retold.rephrase.units import Spans, units
from retold.styles.style import Style
from retold.styles.style_file import Assembly

COLUMNS: Final = ("passage_id", "document_id", "start", "end")
ROWS: Final = 4096
Place = tuple[str, str, int, int]
"""A passage in the plan: its id, its document, and its span there."""


@dataclass(frozen=True)
class Follow:
    """The order of another recipe's plan: its weights by style, quota, seed and limit, and what stands for its styles.

    What `stands_for` does not name is not asked.
    """

    weights: Mapping[str, float]
    per_document: int
    seed: int
    limit: int | None
    stands_for: Mapping[str, str]


class Plan:
    """Fold step `plan`. `styles` are the recipe's, by the names under which `settings.styles` weighs them."""

    name = "plan"
    version = 1
    writes = ("requests",)

    def __init__(
        self,
        settings: RephraseSettings,
        engine: EngineSettings,
        styles: Mapping[str, Style],
        seed: int,
        follow: Follow | None = None,
    ) -> None:
        self.engine = engine
        self.follow = follow
        self.seed = seed if follow is None else follow.seed
        self.per_document = settings.per_document if follow is None else follow.per_document
        self.attempts = settings.attempts
        self.limit = settings.until.retellings if follow is None else follow.limit
        self.styles: dict[str, Style] = {}
        self.weights: dict[str, float] = {}
        for key, weight in settings.styles.items():
            style = styles[key]
            if style.name in self.styles:
                raise ValueError(f"two styles are called {style.name!r}\n  give {key} a name of its own")
            self.styles[style.name] = style
            self.weights[style.name] = weight

    def identity(self) -> Mapping[str, Any]:
        """Weights, quotas and seed, what decides the prompts, and who answers."""
        followed = {"follows": asdict(self.follow)} if self.follow is not None else {}
        several = {"attempts": self.attempts} if self.attempts > 1 else {}
        return {
            **followed,
            **several,
            "weights": self.weights,
            "prompts": {name: style.prompt_digest for name, style in self.styles.items()},
            "per_document": self.per_document,
            "until": self.limit,
            "seed": self.seed,
            "engine": self._engine_identity,
        }

    @cached_property
    def _engine_identity(self) -> str:
        return build(self.engine).identity

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """The passages of the part: ids and spans."""
        yield from view.read("passages", part=part.name, columns=COLUMNS)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """All requests, by part, in planned order."""
        quota = Quota(self.weights if self.follow is None else self.follow.weights, self.per_document)
        position, left = 0, self.limit
        for name, table in self._ordered(sketches):
            chosen: list[tuple[str, ...]] = []
            for _ in range(table.num_rows):
                if left is not None and left <= 0:
                    break
                taken = quota.take()[:left]
                left = None if left is None else left - len(taken)
                chosen.append(self._ours(taken))
            for requests in self._requests(view, name, table, chosen, position):
                position += len(requests)
                yield name, {"requests": batch("requests", requests)}

    def _ours(self, styles: tuple[str, ...]) -> tuple[str, ...]:
        """The styles of this recipe that stand for these."""
        if self.follow is None:
            return styles
        return tuple(self.follow.stands_for[name] for name in styles if name in self.follow.stands_for)

    def _ordered(self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]]) -> Iterator[tuple[str, pa.Table]]:
        """Parts in planned order, each with its passages in planned order; a passage of two parts is in the first."""
        names: list[str] = []
        tables: list[pa.Table] = []
        held = {part.name: list(found) for part, found in sketches}
        for name in sorted(held, key=lambda name: digest("plan part", self.seed, name)):
            found = held.pop(name)
            if found:
                names.append(name)
                tables.append(self._shuffled(pa.Table.from_batches(found)))
        for name, table, first in zip(names, tables, _first_seen(tables), strict=True):
            yield name, table.filter(pa.array(first))

    def _shuffled(self, table: pa.Table) -> pa.Table:
        keys = [digest("plan passage", self.seed, name.as_py()) for name in table["passage_id"]]
        return table.take(pa.array(np.argsort(np.array(keys, dtype="S32"), kind="stable")))

    def _requests(
        self, view: View, part: str, table: pa.Table, chosen: list[tuple[str, ...]], position: int
    ) -> Iterator[list[Request]]:
        cut = {assembly: self._sentences(view, part, table, chosen, assembly) for assembly in self._assemblies()}
        found: list[Request] = []
        for start in range(0, len(chosen), ROWS):
            rows = table.slice(start, ROWS).to_pylist()
            for row, names in zip(rows, chosen[start : start + ROWS], strict=False):
                place: Place = (row["passage_id"], row["document_id"], row["start"], row["end"])
                for name in names:
                    style = self.styles[name]
                    spans = cut[style.assemble].get(place[0], ()) if style.unit == "sentence" else ()
                    found += self._ask(place, style, spans, position + len(found))
                if len(found) >= ROWS:
                    yield found
                    position += len(found)
                    found = []
        if found:
            yield found

    def _assemblies(self) -> set[Assembly]:
        """What is made of sentences: it decides which of them are asked about."""
        return {style.assemble for style in self.styles.values() if style.unit == "sentence"}

    def _sentences(
        self, view: View, part: str, table: pa.Table, chosen: list[tuple[str, ...]], assembly: Assembly
    ) -> dict[str, Spans]:
        """Sentence borders of the passages that are retold by sentences, as characters of the passage."""
        by_sentence = {
            name for name, style in self.styles.items() if style.unit == "sentence" and style.assemble == assembly
        }
        ids = table["passage_id"].slice(0, len(chosen)).to_pylist()
        wanted = {name for name, styles in zip(ids, chosen, strict=True) if not by_sentence.isdisjoint(styles)}
        if not wanted:
            return {}
        texts = find(view, "passages", part, "passage_id", wanted, ["passage_id", "text"])
        return {row["passage_id"]: units(row["text"], assembly) for row in texts}

    def _ask(self, place: Place, style: Style, sentences: Spans, position: int) -> list[Request]:
        """The requests of one retelling."""
        passage, document, start, end = place
        made_by = (style.name, style.prompt_digest, self._engine_identity, asdict(style.sampling))
        several = ("best of", self.attempts) if self.attempts > 1 else ()
        retelling = digest("retelling", passage, *made_by, 0, *several)
        whole = style.unit == "passage"
        spans = [(start, end)] if whole else [(start + first, start + last) for first, last in sentences]
        found: list[Request] = []
        for first, last in spans:
            for attempt in range(self.attempts):
                request = digest("request", passage, first, last, *made_by, attempt)
                found.append(
                    Request(
                        request_id=request,
                        retelling_id=request if whole and not several else retelling,
                        position=position + len(found),
                        passage_id=passage,
                        document_id=document,
                        start=first,
                        end=last,
                        style=style.name,
                        style_version=str(style.version),
                        engine=self._engine_identity,
                        attempt=attempt,
                        unit=len(found),
                        units=len(spans) * self.attempts,
                    )
                )
        return found


def _first_seen(tables: list[pa.Table]) -> list[npt.NDArray[np.bool_]]:
    """For each row, whether no row above it (in all tables) has its passage."""
    if not tables:
        return []
    ids = np.concatenate([np.array(table["passage_id"].to_pylist(), dtype="S32") for table in tables])
    first = np.zeros(len(ids), dtype=np.bool_)
    first[np.unique(ids, return_index=True)[1]] = True
    borders = np.cumsum([table.num_rows for table in tables])[:-1]
    return list(np.split(first, borders))
