"""Figures of what was packed, for the report: rows, tokens, how full rows are, how many documents had to be cut.

    summarize(view.read("packed"), end) -> PackSummary

One pass over the rows, nothing resident.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class PackSummary:
    """Counts over all rows. `tokens` are those of documents, end tokens included; `silent` of them carry no loss."""

    rows: int = 0
    tokens: int = 0
    padding: int = 0
    documents: int = 0
    cut: int = 0
    silent: int = 0

    @property
    def utilization(self) -> float:
        """Share of positions that hold a token of a document, 0 to 1; 1 where there are no rows."""
        return self.tokens / (self.tokens + self.padding) if self.rows else 1.0

    @property
    def cut_share(self) -> float:
        """Share of documents that lie in more than one row."""
        return self.cut / self.documents if self.documents else 0.0


def summarize(batches: Iterable[pa.RecordBatch], end: int) -> PackSummary:
    """Figures of rows of the table `packed`, in any order; `end` is the id of the end token (`Encoder.end`)."""
    rows = tokens = padding = documents = cut = silent = 0
    for batch in batches:
        ids = batch["input_ids"].flatten().to_numpy()
        mask = batch["loss_mask"].flatten().to_numpy()
        offsets = batch["input_ids"].offsets.to_numpy()
        ranges = batch["documents"].flatten()
        owner = np.repeat(np.arange(batch.num_rows), np.diff(batch["documents"].offsets.to_numpy()))
        last = (offsets - offsets[0])[owner] + ranges.field("token_end").to_numpy() - 1
        first = ranges.field("char_start").to_numpy() == 0
        rows += batch.num_rows
        held = int((ranges.field("token_end").to_numpy() - ranges.field("token_start").to_numpy()).sum())
        tokens += held
        padding += len(ids) - held
        silent += held - int(mask.sum(dtype=np.int64))
        documents += int(first.sum())
        cut += int((first & (ids[last] != end)).sum())
    return PackSummary(rows, tokens, padding, documents, cut, silent)
