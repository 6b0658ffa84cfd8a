"""Reading a store as a step may: rows of the stages before it, of this recipe's fingerprints, and nothing older.

Streams record batches; resident are one batch and, for `documents`, the dropped ids of one part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.schema import TABLES
from retold.core.step import Among, Part
from retold.store.place import Place, reached
from retold.store.tables import Store

BATCH_ROWS = 2048


@dataclass(frozen=True)
class StoreView:
    """What a step sees (`core.step.View`). `stages` maps the names of earlier stages to their fingerprints.

    `root` is the store, `folder` the local one for files that are not rows.
    """

    root: Place | Path | str
    folder: Path
    stages: Mapping[str, str]
    planned: tuple[Part, ...]

    def parts(self) -> Sequence[Part]:
        """The parts of this run, in planned order."""
        return self.planned

    def read(
        self,
        table: str,
        *,
        part: str | None = None,
        stages: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        among: Among | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of earlier stages. Raises KeyError for a stage that is not before this one."""
        chosen = [self.stages[name] for name in (self.stages if stages is None else stages)]
        expression = ds.field("stage").isin(pa.array(chosen, pa.string()))
        if part is not None:
            expression &= ds.field("part") == part
        spec = TABLES[table].columns
        wanted = list(columns) if columns is not None else spec.names
        store = Store(self.root)
        with reached(store.place):
            if among is not None:
                yield from _found(store.dataset(table), wanted, expression, *among)
                return
            found = store.dataset(table).to_batches(
                columns=wanted, filter=expression, batch_size=BATCH_ROWS, fragment_readahead=1, batch_readahead=1
            )
            yield from (rows for rows in found if rows.num_rows)  # Arrow gives empty ones for what is filtered away

    def history(
        self, table: str, *, stages: Sequence[str] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Rows of stages that are not before this one: what other states of the recipe left here."""
        expression = ~ds.field("stage").isin(pa.array(list(self.stages.values()), pa.string()))
        if stages is not None:
            expression &= ds.field("stage").isin(pa.array(list(stages), pa.string()))
        wanted = list(columns) if columns is not None else TABLES[table].columns.names
        data = Store(self.root).dataset(table)
        yield from data.to_batches(columns=wanted, filter=expression, batch_size=BATCH_ROWS)

    def in_order(
        self,
        table: str,
        *,
        stages: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        first: int = 0,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of earlier stages by the table's `ordered` column, row groups with overlapping ranges at a time.

        Those that end before `first` are not read.
        """
        chosen = {self.stages[name] for name in (self.stages if stages is None else stages)}
        order = TABLES[table].ordered
        wanted = list(columns) if columns is not None else TABLES[table].columns.names
        mine = ds.field("stage").isin(pa.array(sorted(chosen), pa.string())) & (ds.field(order) >= first)
        for group in Store(self.root).by_range(table, chosen, first):
            rows = group.to_table(columns=list(dict.fromkeys([*wanted, order])), filter=mine)
            yield from rows.sort_by(order).select(wanted).to_batches(max_chunksize=BATCH_ROWS)

    def documents(
        self,
        kinds: Sequence[str],
        *,
        part: str | None = None,
        columns: Sequence[str] | None = None,
        among: Among | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Documents that no earlier verdict drops, part by part."""
        owners = [part] if part is not None else [item.name for item in self.planned]
        for owner in owners:
            dropped = self._dropped(owner)
            spec = list(columns) if columns is not None else TABLES["documents"].columns.names
            needed = list(dict.fromkeys([*spec, "document_id", "kind"]))
            for batch in self.read("documents", part=owner, columns=needed, among=among):
                mask = pc.is_in(batch["kind"], pa.array(list(kinds), pa.string()))
                mask = pc.and_(mask, pc.invert(pc.is_in(batch["document_id"], dropped)))
                kept = batch.filter(mask).select(spec)
                if kept.num_rows:
                    yield kept

    def _dropped(self, part: str) -> pa.Array:
        kinds = pa.array(["document", "retelling"], pa.string())
        columns = ["subject", "kind", "keep"]
        ids = [
            batch.filter(pc.and_(pc.invert(batch["keep"]), pc.is_in(batch["kind"], kinds)))["subject"]
            for batch in self.read("verdicts", part=part, columns=columns)
        ]
        return pa.concat_arrays(ids) if ids else pa.array([], pa.string())


def _found(
    data: ds.Dataset, columns: list[str], expression: ds.Expression, key: str, values: pa.Array
) -> Iterator[pa.RecordBatch]:
    """The rows whose `key` is one of `values`; row groups without any are read no further than their keys.

    Whoever looks up rows block by block has them close together, so a part is not decoded anew for each block.
    """
    wanted = expression & ds.field(key).isin(values)
    for file in data.get_fragments(filter=expression):
        pieces = file.split_by_row_group(expression) if isinstance(file, ds.ParquetFileFragment) else [file]
        for piece in pieces:
            keys = piece.to_table(columns=[key], filter=expression)[key]
            if pc.any(pc.is_in(keys, values)).as_py():
                found = piece.to_batches(columns=columns, filter=wanted, batch_size=BATCH_ROWS)
                yield from (rows for rows in found if rows.num_rows)
