"""The fold "pack": kept sources and accepted retellings as rows of tokens, every token traceable to its characters.

    sketch   tokens of every document of a part                        tokenised, not kept
    merge    a place for every document (`bestfit`), then the texts are streamed and tokenised again, their pieces
             sorted into rows through buckets on disk (`spill`), and rows yielded in order under the one part "all"

Tokenising twice costs a second pass (0.3 to 0.4 million tokens a second and core) and saves carrying tokens from the
parts to the merge. The order is by digest of seed and document id, so parts, workers and restarts change nothing. A
text that two parts hold is packed once. The fold stops where the second pass does not find what the first one saw.

Resident: 146 bytes per document while rows are planned, 57 after, and 24 of sketches with the runner (measured; a test
holds the sum below 200); beside it 64 MB of spill and a million tokens of rows. 90 % of the time is the tokenizer:
2.07 million tokens took 7.2 CPU seconds to count and 7.1 to pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from retold.core.errors import RetoldError
from retold.core.step import Output, Part, View
from retold.pack.bestfit import Layout, arrange
from retold.pack.ledger import Ledger, keys_of
from retold.pack.settings import PackSettings
from retold.pack.spill import Spill
from retold.pack.tokenize import PIECES, Piece, as_batch, assemble, cut
from retold.pack.tokenizer import FILE, Encoder, in_batches, load

PART = "all"
BATCH_TOKENS = 1 << 20


class Pack:
    """Fold: rows of the table `packed`."""

    name = "pack"
    version = 1
    writes: tuple[str, ...] = ("packed",)

    def __init__(self, settings: PackSettings, seed: int) -> None:
        self.settings = settings
        self.seed = seed
        self._salt = f"pack {seed}"

    def identity(self) -> Mapping[str, Any]:
        """What decides the rows, beside the tokenizer, which is a stage of its own before this one."""
        return {
            "seed": self.seed,
            "length": self.settings.length,
            "end_of_text": self.settings.end_of_text,
            "kinds": list(self.settings.kinds),
        }

    def _encoder(self, view: View) -> Encoder:
        return load(view.folder / FILE, self.settings.end_of_text)

    def _texts(self, view: View, part: str | None = None) -> Iterator[tuple[str, str]]:
        for rows in view.documents(self.settings.kinds, part=part, columns=("document_id", "text")):
            for identifier, text in zip(rows["document_id"], rows["text"], strict=True):
                yield identifier.as_py(), text.as_py()

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Digest and tokens, the end token included, of each document that is not empty."""
        encoder = self._encoder(view)
        for identifiers, texts in in_batches(self._texts(view, part.name)):
            yield Ledger.sketch(keys_of(self._salt, identifiers), [count + 1 for count in encoder.counts(texts)])

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Rows 0, 1, 2, ... in batches of about BATCH_TOKENS tokens. Raises RetoldError where a text has changed."""
        ledger = Ledger.gather(sketches)
        length = self.settings.length
        layout = arrange(ledger.sizes, ledger.tickets, length)
        encoder = self._encoder(view)
        step = max(1, BATCH_TOKENS // length)
        with Spill(view.folder / ".packing", PIECES) as spill:
            for pieces in self._pieces(view, encoder, ledger, layout):
                batch = as_batch(pieces)
                spill.add(batch["row"].to_numpy() // step, batch)
            for bucket, first in enumerate(range(0, layout.rows, step)):
                rows = min(step, layout.rows - first)
                table = spill.take(bucket)
                assert table is not None, "every row has at least one piece"
                yield PART, {"packed": assemble(table, first, rows, length, encoder.end)}

    def _pieces(self, view: View, encoder: Encoder, ledger: Ledger, layout: Layout) -> Iterator[list[Piece]]:
        """The pieces of all documents, each document once, in batches."""
        seen = np.zeros(len(ledger), dtype=np.bool_)
        for identifiers, texts in in_batches(self._texts(view)):
            places = ledger.find(keys_of(self._salt, identifiers)).tolist()
            pieces: list[Piece] = []
            for identifier, text, place, encoding in zip(
                identifiers, texts, places, encoder.encode(texts), strict=True
            ):
                tokens = int(ledger.sizes[place])
                if seen[place]:
                    continue
                if len(encoding.ids) + 1 != tokens:
                    raise _changed(identifier)
                seen[place] = True
                pieces += cut(
                    identifier, len(text), encoding, encoder.end, layout.pieces(place, self.settings.length, tokens)
                )
            if pieces:
                yield pieces
        if not seen.all():
            raise _changed(f"{int((~seen).sum())} documents")


def _changed(what: str) -> RetoldError:
    return RetoldError(
        f"{what} or tokenizer.json changed while rows were packed",
        "another run may be using this output folder: wait for it to end, then run again",
    )
