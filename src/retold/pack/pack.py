"""The fold "pack": kept sources and accepted retellings as rows of tokens, every token traceable to its characters.

    sketch   places that every document of a part takes; its tokens are kept in a file (`kept`)
    merge    a place for every document (`bestfit`), then their tokens are streamed, their pieces sorted into rows
             through buckets on disk (`spill`), and rows yielded in order under the one part "all"

Without a mixture every document is packed once, in an order by digest of seed and document id, so parts, workers and
restarts change nothing. With one (`mix`), the table `selection` says which documents come, how often and in which
phase; the rows of a phase stand together, phases in their order. A text that two parts hold is one document. The fold
stops where the second pass does not find what the first one saw.

Resident: 154 bytes per document while rows are planned, 73 after, and 24 of sketches with the runner (measured; a test
holds the sum below 200), with a mixture for each time that a document is drawn; beside it 64 MB of spill and a million
tokens of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from retold.core.document import Stretch
from retold.core.errors import RetoldError
from retold.core.step import Output, Part, View
from retold.mix.ledger import Ledger, again, keys_of
from retold.pack import kept
from retold.pack.bestfit import Integers, Layout, arrange, joined
from retold.pack.settings import PackSettings
from retold.pack.spill import Spill
from retold.pack.tokenize import PIECES, Piece, Text, Tokenised, as_batch, assemble, cut, tokenised
from retold.pack.tokenizer import FILE, Encoder, in_batches, load

PART = "all"
BATCH_TOKENS = 1 << 20
COLUMNS = ("document_id", "text", "no_loss")


class Arranged:
    """Where everything goes: each instance (a document, once for each time that it is drawn) has its place."""

    def __init__(self, layout: Layout, owners: Integers, phases: Sequence[tuple[str, int]]) -> None:
        """`owners[i]` is the document of instance i, `phases` are (name, row that the phase ends before), in order."""
        self.layout = layout
        self.owners = owners
        self._phases = [name for name, _ in phases]
        self._ends = np.array([end for _, end in phases], dtype=np.int64)
        self._order = np.argsort(owners, kind="stable")
        self._sorted = owners[self._order]

    def copies(self, document: int) -> list[list[tuple[int, int]]]:
        """The places (row, offset) of the pieces of a document, for each of its instances."""
        start, end = np.searchsorted(self._sorted, [document, document + 1])
        return [self.layout.places(instance) for instance in self._order[start:end].tolist()]

    def phases(self, first: int, rows: int) -> list[str]:
        """The phases of rows `first` to `first + rows`."""
        found = np.searchsorted(self._ends, np.arange(first, first + rows), side="right")
        return [self._phases[place] for place in found.tolist()]


class Pack:
    """Fold: rows of the table `packed`."""

    name = "pack"
    version = 2
    writes: tuple[str, ...] = ("packed",)

    def __init__(self, settings: PackSettings, seed: int, mixed: str = "") -> None:
        """`mixed` names the stage that selects documents; empty: each is packed once."""
        self.settings = settings
        self.seed = seed
        self.mixed = mixed
        self._salt = f"pack {seed}"

    def identity(self) -> Mapping[str, Any]:
        """What decides the rows, beside the tokenizer and the mixture, which are stages of their own before this."""
        return {
            "seed": self.seed,
            "length": self.settings.length,
            "end_of_text": self.settings.end_of_text,
            "kinds": list(self.settings.kinds),
        }

    def _encoder(self, view: View) -> Encoder:
        return load(view.folder / FILE, self.settings.end_of_text)

    def _texts(self, view: View, part: str | None = None) -> Iterator[tuple[Text, str]]:
        for rows in view.documents(self.settings.kinds, part=part, columns=COLUMNS):
            names, texts, quiet = (rows[column].to_pylist() for column in COLUMNS)
            for name, text, stretches in zip(names, texts, quiet, strict=True):
                marked = tuple(Stretch(item["start"], item["end"]) for item in stretches or ())
                yield Text(name, text, marked), text

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Digest and places, the end token included, of each document that is not empty."""
        length = self.settings.length
        with kept.Kept(view.folder, part.name) as tokens:
            for found in self._tokenised(self._encoder(view), view, part.name):
                tokens.add(found)
                sizes = [item.places(length) for item in found]
                yield Ledger.sketch(keys_of(self._salt, [item.document_id for item in found]), sizes)

    def _tokenised(self, encoder: Encoder, view: View, part: str) -> Iterator[list[Tokenised]]:
        for documents, texts in in_batches(self._texts(view, part)):
            pairs = zip(documents, encoder.arrays(texts), strict=True)
            yield [tokenised(encoder, document, ids, self.settings.length) for document, ids in pairs]

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Rows 0, 1, 2, ... in batches of about BATCH_TOKENS tokens. Raises RetoldError where a text has changed."""
        try:
            yield from self._merge(sketches, view)
        finally:
            kept.clear(view.folder)

    def _merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        ledger = Ledger.gather(sketches)
        arranged = self._mixed(ledger, view) if self.mixed else self._once(ledger)
        encoder, length, rows = self._encoder(view), self.settings.length, arranged.layout.rows
        step = max(1, BATCH_TOKENS // length)
        with Spill(view.folder / ".packing", PIECES) as spill:
            for pieces in self._pieces(view, encoder, ledger, arranged):
                batch = as_batch(pieces)
                spill.add(batch["row"].to_numpy() // step, batch)
            for bucket, first in enumerate(range(0, rows, step)):
                table = spill.take(bucket)
                assert table is not None, "every row has at least one piece"
                phases = arranged.phases(first, min(step, rows - first))
                yield PART, {"packed": assemble(table, first, phases, length, encoder.end)}

    def _once(self, ledger: Ledger) -> Arranged:
        layout = arrange(ledger.sizes, ledger.tickets, self.settings.length)
        return Arranged(layout, np.arange(len(ledger)), (("", layout.rows),))

    def _mixed(self, ledger: Ledger, view: View) -> Arranged:
        """Each phase arranged by itself, its documents as often as they were drawn."""
        drawn = _drawn(ledger, view, self.mixed, self._salt)
        layouts, owners, phases, rows = [], [], [], 0
        for phase, group in groupby(range(len(drawn.names)), key=drawn.names.__getitem__):
            chosen = list(group)
            places = np.concatenate([drawn.places[index] for index in chosen])
            epochs = np.concatenate([drawn.epochs[index] for index in chosen])
            layouts.append(arrange(ledger.sizes[places], again(ledger.tickets[places], epochs), self.settings.length))
            owners.append(places)
            rows += layouts[-1].rows
            phases.append((phase, rows))
        return Arranged(joined(layouts), np.concatenate([np.empty(0, dtype=np.int64), *owners]), tuple(phases))

    def _pieces(self, view: View, encoder: Encoder, ledger: Ledger, arranged: Arranged) -> Iterator[list[Piece]]:
        """The pieces of all documents, each document once for each time that it was drawn, in batches."""
        length, wanted = self.settings.length, np.zeros(len(ledger), dtype=np.bool_)
        wanted[arranged.owners] = True
        for part in view.parts():
            for found in kept.read(view.folder, part.name) or self._tokenised(encoder, view, part.name):
                pieces: list[Piece] = []
                places = ledger.find(keys_of(self._salt, [item.document_id for item in found])).tolist()
                for document, place in zip(found, places, strict=True):
                    if not wanted[place]:
                        continue
                    if document.places(length) != int(ledger.sizes[place]):
                        raise _changed(document.document_id)
                    wanted[place] = False
                    pieces += cut(document, encoder.end, arranged.copies(place))
                if pieces:
                    yield pieces
        if wanted.any():
            raise _changed(f"{int(wanted.sum())} documents")


@dataclass(frozen=True)
class _Drawn:
    """Runs of one phase in the order of their positions: its name, places in the ledger, epochs."""

    names: list[str]
    places: list[Integers]
    epochs: list[Integers]


def _drawn(ledger: Ledger, view: View, stage: str, salt: str) -> _Drawn:
    found = _Drawn([], [], [])
    columns = ["document_id", "epoch", "phase"]
    for rows in view.in_order("selection", stages=[stage], columns=columns):
        places = ledger.find(keys_of(salt, rows["document_id"].to_pylist()))
        epochs = rows["epoch"].to_numpy().astype(np.int64)
        phases = rows["phase"].to_pylist()
        start = 0
        for name, group in groupby(phases):
            end = start + sum(1 for _ in group)
            found.names.append(name)
            found.places.append(places[start:end])
            found.epochs.append(epochs[start:end])
            start = end
    return found


def _changed(what: str) -> RetoldError:
    return RetoldError(
        f"{what} or tokenizer.json changed while rows were packed",
        "another run may be using this output folder: wait for it to end, then run again",
    )
