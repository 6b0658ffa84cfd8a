"""Choosing under a budget of tokens: the step `select`, a Fold that sees signals and no text.

By density (default): documents are ranked by their mean importance, as if each had PRIOR more features that the target
lacks, so that a line of three good words does not stand above a page of them. Worth per token is what fills a budget of
tokens best. By classifier: ranked by its log-odds, which do not grow with the length either. By dsir: ranked by the
whole sum of importance plus Gumbel noise, which samples without replacement in proportion to the importance weights, as
DSIR does; the noise comes from the seed and the document's id. DSIR was made for pieces of equal length: among
documents of all lengths the sum follows the length, and precision is far lower (`make gates` prints it).

The floor of diversity: that share of the budget is drawn from all documents alike, whatever their rank, by noise from
seed and id; the rest is filled by rank. What is drawn is general text, as continued pre-training mixes it in against
forgetting. Regions of the corpus by random projections were tried first, each with its share: the best of every region
were the documents that were chosen without, so that floor was none. Each part of the budget is met by the shortest
prefix of its order. Ties go by id.

Memory: 32 bytes held for each document, about 110 at the peak of sorting (limit of the house: 200).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import drop
from retold.select.noise import as_ids, gumbel, hexadecimal
from retold.select.settings import Select

PRIOR = 10.0
LACKING = float(np.log(0.5))
ROWS = 10_000
SIGNALS = {
    "select_importance": ("importance", "features", "tokens"),
    "select_odds": ("odds", "", "tokens"),
}
"""The signals of the stage that weighs, as the columns score, features and tokens of the sketch."""
SKETCH = pa.schema(
    [
        ("document", pa.binary(16)),
        ("score", pa.float32()),
        ("features", pa.float32()),
        ("tokens", pa.int32()),
    ]
)


class Candidates(NamedTuple):
    """By document: its id, its worth (higher is better), its tokens."""

    ids: npt.NDArray[Any]
    worth: npt.NDArray[Any]
    tokens: npt.NDArray[Any]


@dataclass
class SelectBudget:
    """Fold step: what fits the budget is kept, all else gets a verdict."""

    settings: Select
    seed: int
    name: str = "select"
    version: int = 1
    writes: tuple[str, ...] = ("verdicts",)

    def identity(self) -> Mapping[str, Any]:
        """Budget, floor and order; the weights are those of the stages before."""
        chosen = self.settings
        return {"tokens": chosen.tokens, "diversity": chosen.diversity, "by": chosen.by, "seed": self.seed}

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Id and signals of each document of the part."""
        wanted = ["document_id", "values"]
        stage = "select_odds" if self.settings.by == "classifier" else "select_importance"
        for rows in view.read("signals", part=part.name, stages=[stage], columns=wanted):
            found = [dict(values) for values in rows["values"].to_pylist()]
            ids = pa.array([bytes.fromhex(name) for name in rows["document_id"].to_pylist()], pa.binary(16))
            arrays = [
                pa.array([values[name] if name else 0.0 for values in found], pa.float64()).cast(column.type)
                for name, column in zip(SIGNALS[stage], list(SKETCH)[1:], strict=True)
            ]
            yield pa.RecordBatch.from_arrays([ids, *arrays], schema=SKETCH)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Verdicts by part on what is not selected."""
        pieces: list[Candidates] = []
        ends: list[tuple[str, int]] = []
        count = 0
        for part, batches in sketches:
            for rows in batches:
                pieces.append(self._candidates(rows))
                count += rows.num_rows
            ends.append((part.name, count))
        if not count:
            return
        found = Candidates(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))
        pieces.clear()
        kept = choose(found, self.settings.tokens, self.settings.diversity, self.seed)
        begin = 0
        for name, end in ends:
            dropped = begin + np.flatnonzero(~kept[begin:end])
            begin = end
            for at in range(0, len(dropped), ROWS):
                places = dropped[at : at + ROWS]
                rows = [
                    drop(hexadecimal(found.ids[place]), "document", "not_selected", f"worth {found.worth[place]:.4f}")
                    for place in places
                ]
                yield name, {"verdicts": batch("verdicts", rows)}

    def _candidates(self, rows: pa.RecordBatch) -> Candidates:
        ids = as_ids(rows["document"].to_pylist())
        worth = rows["score"].to_numpy().astype(np.float64)
        if self.settings.by == "density":
            worth = (worth + PRIOR * LACKING) / (rows["features"].to_numpy() + PRIOR)
        elif self.settings.by == "dsir":
            worth = worth + gumbel(ids, self.seed)
        return Candidates(ids, worth, rows["tokens"].to_numpy())


def choose(found: Candidates, tokens: int, diversity: float, seed: int) -> npt.NDArray[np.bool_]:
    """Which documents are kept. The order of the candidates changes nothing."""
    kept = np.zeros(len(found.ids), bool)
    floor = int(tokens * diversity)
    spent = _take(-gumbel(found.ids, seed + 1), found, floor, kept) if floor else 0
    _take(-found.worth, found, tokens - spent, kept)
    return kept


def _take(key: npt.NDArray[Any], found: Candidates, budget: int, kept: npt.NDArray[np.bool_]) -> int:
    """Keep the shortest prefix that meets the budget, smallest key first, of what is not kept; the tokens it has."""
    order = np.lexsort((found.ids["low"], found.ids["high"], key))
    order = order[~kept[order]]
    if budget <= 0 or not len(order):
        return 0
    total = np.cumsum(found.tokens[order], dtype=np.int64)
    count = min(int(np.searchsorted(total, budget)) + 1, len(order))
    kept[order[:count]] = True
    return int(total[count - 1])
