"""A View in memory, for tests of single steps: the real one (store) is exercised by the tests of `runner`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.schema import TABLES
from retold.core.step import Fold, Map, Output, Part


def nothing(_part: str) -> pa.Array:
    """No request of this part is answered (`core.step.Answered`)."""
    return pa.array([], pa.string())


class MemoryView:
    """Holds batches by (table, stage, part) and answers as `core.step.View` promises."""

    def __init__(self, folder: Path, parts: Sequence[Part]) -> None:
        self.folder = folder
        self._parts = list(parts)
        self._rows: list[tuple[str, str, str, pa.RecordBatch]] = []
        self._past: list[tuple[str, str, str, pa.RecordBatch]] = []

    def add(self, stage: str, part: str, output: Output) -> None:
        """Commit what a step yielded."""
        for table, rows in output.items():
            assert rows.schema == TABLES[table].columns, f"{stage} writes {table} with the wrong columns"
            self._rows.append((table, stage, part, rows))

    def remember(self, stage: str, part: str, output: Output) -> None:
        """What an earlier state of the recipe left in the store, under another fingerprint."""
        self._past += [(table, stage, part, rows) for table, rows in output.items()]

    def parts(self) -> Sequence[Part]:
        return self._parts

    def read(self, table, *, part=None, stages=None, columns=None, among=None) -> Iterator[pa.RecordBatch]:
        for name, stage, owner, rows in self._rows:
            if name == table and part in (None, owner) and (stages is None or stage in stages):
                chosen = rows if among is None else rows.filter(pc.is_in(rows[among[0]], among[1]))
                yield chosen.select(list(columns)) if columns else chosen

    def history(self, table, *, stages=None, columns=None) -> Iterator[pa.RecordBatch]:
        for name, stage, owner, rows in self._past:
            if name == table and (stages is None or stage in stages):
                labels = [pa.array([value] * rows.num_rows, pa.string()) for value in (stage, owner)]
                whole = pa.RecordBatch.from_arrays(
                    [*labels, *rows.columns], names=["stage", "part", *rows.schema.names]
                )
                yield whole.select(list(columns) if columns else rows.schema.names)

    def in_order(self, table, *, stages=None, columns=None, first=0) -> Iterator[pa.RecordBatch]:
        found = []
        for name, stage, owner, rows in self._rows:
            if name == table and (stages is None or stage in stages):
                found.append(pa.Table.from_batches([rows]).append_column("part", pa.repeat(owner, rows.num_rows)))
        if found:
            order = TABLES[table].ordered
            whole = pa.concat_tables(found).sort_by(order)
            whole = whole.filter(pc.greater_equal(whole[order], first))
            yield from whole.select(list(columns) if columns else TABLES[table].columns.names).to_batches()

    def documents(self, kinds, *, part=None, columns=None, among=None) -> Iterator[pa.RecordBatch]:
        for name, _stage, owner, rows in self._rows:
            if name != "documents" or part not in (None, owner):
                continue
            if among is not None:
                rows = rows.filter(pc.is_in(rows[among[0]], among[1]))
            dropped = {
                row["subject"]
                for batch in self.read("verdicts", part=owner)
                for row in batch.to_pylist()
                if not row["keep"] and row["kind"] in ("document", "retelling")
            }
            chosen = rows.filter(
                pc.and_(
                    pc.is_in(rows["kind"], pa.array(list(kinds))),
                    pc.invert(pc.is_in(rows["document_id"], pa.array(sorted(dropped), pa.string()))),
                )
            )
            yield chosen.select(list(columns)) if columns else chosen

    def table(self, name: str) -> list[dict]:
        """All rows of a table as dicts, for assertions."""
        return [row for batch in self.read(name) for row in batch.to_pylist()]


def run_map(step: Map, view: MemoryView) -> None:
    """Run a Map over all parts and commit what it yields."""
    for part in view.parts():
        for output in list(step.process(part, view)):
            view.add(step.name, part.name, output)


def run_fold(step: Fold, view: MemoryView) -> None:
    """Run a Fold over all parts and commit what it yields."""
    sketches = [(part, list(step.sketch(part, view))) for part in view.parts()]
    for part, output in list(step.merge(sketches, view)):
        view.add(step.name, part, output)
