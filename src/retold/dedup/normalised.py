"""Exact duplicates but for case, punctuation and white space.

A text's key is the BLAKE2b-128 of its folded letters (`text/folding.py`, accents and digits kept), words apart.
Sketch: the keys of a part's kept documents (16 bytes), and its twins as `exact.py` finds them. Merge: documents with
equal keys are a cluster; the document that the keep-rule prefers stays, and what this store kept before
(`history.py`). A text without a word (all punctuation) is equal to none.

Memory in the merge, for each document: 36 bytes of sketches, about 60 at the peak of sorting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from retold.core.fingerprint import DIGEST_BYTES, digest
from retold.core.step import Output, Part, View
from retold.dedup.components import flatten, join_equal, singles
from retold.dedup.exact import SKETCH, twin_verdicts, twins_of
from retold.dedup.gathered import Gathered, sketch
from retold.dedup.history import last
from retold.dedup.outcome import Judging, Ranks, outcome
from retold.dedup.preference import BestSignal, preference
from retold.dedup.scope import Scope, salt
from retold.text.folding import UNICODE, folding
from retold.text.shingles import columns, fold_letters

REASON = "normalised_duplicate"
BLOCK = 1 << 16
"""Letters that are folded before they are digested: a text of any length takes no more memory."""


@dataclass(frozen=True)
class NormalisedStep:
    """Keep each text once, however it is spelled and set."""

    keep: str | BestSignal
    scope: Scope
    name: str = field(default="exact", init=False)
    version: int = field(default=1, init=False)
    writes: tuple[str, ...] = field(default=("verdicts", "clusters", "kept"), init=False)

    def identity(self) -> Mapping[str, Any]:
        """The keep-rule, the scope, and the Unicode version that folds the text."""
        keep = self.keep.identity() if isinstance(self.keep, BestSignal) else self.keep
        return {"normalised": True, "keep": keep, "scope": self.scope, "unicode": UNICODE}

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Id, preference and key of each kept document; then the part's twins. Memory: as `ExactStep.sketch`."""
        prefer = preference(self.keep, part, view)
        kept: list[bytes] = []
        for rows in view.documents(["source"], part=part.name, columns=["document_id", "text"]):
            ids, texts = rows.column("document_id").to_pylist(), rows.column("text")
            keys, has_words = folded_keys(texts)
            chosen = [name for name, has in zip(ids, has_words.tolist(), strict=True) if has]
            yield sketch(chosen, prefer(ids, texts)[has_words], keys[has_words])
            kept += [bytes.fromhex(name) for name in ids]
        yield from twins_of(kept, part, view)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Verdicts on documents and on the records of twins, clusters, and what was kept, part by part."""
        documents: list[tuple[Part, list[pa.RecordBatch]]] = []
        for part, batches in sketches:
            found = list(batches)
            documents.append((part, [rows for rows in found if rows.schema != SKETCH]))
            for rows in found:
                if rows.schema == SKETCH:
                    yield from twin_verdicts(part.name, rows)
        gathered = Gathered(documents, 2)
        if not len(gathered):
            return
        settings = digest("settings", self.name, self.version, self.identity())
        past = last(view, self.name, settings)
        ordered = gathered.ordered(past.kept)
        salts = {chunk.part.name: salt(chunk.part, self.scope) for chunk in gathered.chunks}
        parents = singles(len(gathered))
        high, low = (gathered.column(word, salts)[ordered.place] for word in (0, 1))
        join_equal(parents, np.lexsort((low, high)), high, low)
        flatten(parents)
        judging = Judging(self.name, REASON, settings, past.generation)
        yield from outcome(gathered, ordered, parents, _equal, judging)


def _equal(ranks: Ranks, _others: Ranks) -> npt.NDArray[np.float64]:
    return np.ones(len(ranks), dtype=np.float64)


def folded_keys(texts: pa.Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """(keys of shape (texts, 2), whether a text has a word at all)."""
    data, places = columns(texts)
    table = folding(accents=True)
    letters = np.empty(BLOCK, dtype=np.uint32)
    keys, has_words = bytearray(), np.zeros(len(texts), dtype=np.bool_)
    for text in range(len(texts)):
        hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
        state = np.zeros(2, dtype=np.int64)
        place, end = places[text], places[text + 1]
        while place < end:
            count, place = fold_letters(data, place, end, table, state, letters)
            hasher.update(letters[:count].data)
        has_words[text] = state[0]
        keys += hasher.digest()
    return np.frombuffer(bytes(keys), np.uint64).reshape(len(texts), 2), has_words
