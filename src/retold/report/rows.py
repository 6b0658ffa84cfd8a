"""Rows of a store, for counting: of one part as tuples, or a few by their ids; stages go by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.dataset as ds

from retold.store import Store, StoreView


@dataclass(frozen=True)
class Rows:
    """Reads what the stages of a recipe wrote. `name_of` turns the labels of rows into the names of stages."""

    view: StoreView
    store: Store

    @property
    def name_of(self) -> dict[str, str]:
        """Stage names by the labels that their rows carry."""
        return {label: name for name, label in self.view.stages.items()}

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages, in order."""
        return tuple(self.view.stages)

    def part(self, table: str, part: str, columns: Sequence[str], stage: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows of one part as tuples of `columns`; by one stage, or by all. Nothing for a stage that is not there."""
        if stage and stage not in self.view.stages:
            return
        stages = [stage] if stage else None
        for batch in self.view.read(table, part=part, stages=stages, columns=list(columns)):
            yield from zip(*(batch[name].to_pylist() for name in columns), strict=True)

    def named(self, table: str, column: str, ids: Collection[str]) -> list[dict[str, Any]]:
        """Rows whose `column` is one of `ids`, by the stages of this recipe, as dicts with `stage` as a name."""
        if not ids:
            return []
        mine = ds.field("stage").isin(list(self.view.stages.values())) & ds.field(column).isin(sorted(ids))
        rows = self.store.rows(table, mine)
        return [{**row, "stage": self.name_of[row["stage"]]} for row in rows]
