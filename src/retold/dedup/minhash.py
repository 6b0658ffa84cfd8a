"""Near duplicates by MinHash and locality-sensitive hashing, as FineWeb does it, with candidates verified.

Sketch, for each part and in any process: the signature of each kept document (`signatures.py`: 14 bands of 8 rows over
word 5-grams, text folded as `text/folding.py` says). Merge, in one place, band after band: documents that share a band
are candidates; candidates whose estimated Jaccard similarity reaches `threshold` are linked; linked documents are a
cluster; of each cluster the document that the keep-rule prefers stays, and what this store kept before (`history.py`).

Without accidents two documents of similarity s become candidates with probability 1 - (1 - s^8)^14: 0.92 at 0.8, 0.56
at 0.7, 0.21 at 0.6. The threshold of 0.7 takes out most of what is below and costs 1 in 200 at 0.8. `threshold: 0`
trusts the bands alone, as datatrove does.

Memory in the merge, for each document: at most 200 bytes at the default (132 of sketches, 40 to 60 of ranks and
sorting); each further band is 8 more. Broder 1997; Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3;
Penedo et al. 2024 (FineWeb).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.core.fingerprint import digest
from retold.core.step import Output, Part, View
from retold.dedup.components import agreements, flatten, link_band, singles
from retold.dedup.gathered import Gathered, Ordered, sketch
from retold.dedup.history import last
from retold.dedup.outcome import Judging, Ranks, outcome
from retold.dedup.preference import BestSignal, preference
from retold.dedup.scope import Scope, salt
from retold.dedup.signatures import WORD, Signer, similarity
from retold.text.folding import UNICODE

REASON = "near_duplicate"
CHUNK = 32_768
"""Documents in one batch of a sketch."""


@dataclass(frozen=True)
class MinHashStep:
    """Keep one of each cluster of near duplicates."""

    bands: int
    rows: int
    ngram: int
    threshold: float
    keep: str | BestSignal
    scope: Scope
    seed: int
    name: str = field(default="minhash", init=False)
    version: int = field(default=1, init=False)
    writes: tuple[str, ...] = field(default=("verdicts", "clusters", "kept"), init=False)

    def identity(self) -> Mapping[str, Any]:
        """All settings, and the Unicode version that folds the text."""
        keep = self.keep.identity() if isinstance(self.keep, BestSignal) else self.keep
        shape = [self.bands, self.rows, self.ngram]
        return {
            "shape": shape, "threshold": self.threshold, "keep": keep, "scope": self.scope, "seed": self.seed,
            "unicode": UNICODE,
        }  # fmt: skip

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Id, preference and signature of each kept document that has a word. Memory: one batch."""
        signer = Signer(self.bands, self.rows, self.ngram, self.seed)
        prefer = preference(self.keep, part, view)
        pending: list[pa.RecordBatch] = []
        for rows in view.documents(["source"], part=part.name, columns=["document_id", "text"]):
            signatures, counts = signer.sign(rows.column("text"))
            some = counts > 0
            ids = rows.column("document_id").to_pylist()
            preferred = prefer(ids, rows.column("text"))
            chosen = [name for name, has in zip(ids, some.tolist(), strict=True) if has]
            pending.append(sketch(chosen, preferred[some], signatures[some]))
            if sum(batch.num_rows for batch in pending) >= CHUNK:
                yield _joined(pending)
                pending = []
        if pending:
            yield _joined(pending)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Verdicts, clusters and what was kept, part by part."""
        gathered = Gathered(sketches, self.bands)
        if not len(gathered):
            return
        settings = digest("settings", self.name, self.version, self.identity())
        past = last(view, self.name, settings)
        ordered = gathered.ordered(past.kept)
        words = gathered.words()
        parents = self._clusters(gathered, ordered, words)

        def similar(ranks: Ranks, others: Ranks) -> npt.NDArray[np.float64]:
            found = np.empty(len(ranks), dtype=np.int64)
            agreements(ranks, others, (words, gathered.starts, ordered.place), self.rows, found)
            estimated: npt.NDArray[np.float64] = similarity(found, self.rows, self.bands * self.rows)
            return estimated

        yield from outcome(gathered, ordered, parents, similar, Judging(self.name, REASON, settings, past.generation))

    def _clusters(self, gathered: Gathered, ordered: Ordered, words: Any) -> npt.NDArray[np.int32]:
        """The root of each rank."""
        parents = singles(len(gathered))
        salts = {chunk.part.name: salt(chunk.part, self.scope) for chunk in gathered.chunks}
        enough = self.agreements_needed()
        for band in range(self.bands):
            keys = gathered.column(band, salts)[ordered.place]
            link_band(gathered, ordered, words, parents, keys, (enough, self.rows))
            flatten(parents)
        return parents

    def agreements_needed(self) -> int:
        """Rows that must agree for an estimate of at least `threshold`."""
        accident = 2.0 ** -(WORD // self.rows)
        return math.ceil(self.bands * self.rows * (accident + self.threshold * (1 - accident)) - 1e-9)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
