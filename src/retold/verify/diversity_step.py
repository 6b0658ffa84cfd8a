"""The step `diversity`: a Fold over all accepted retellings that models made, by style and by block of the plan.

Sketch: for each such retelling its id, its place in the plan, style, model and a row of `diversity.SKETCH`, about 170
bytes. Merge: each style's retellings in planned order are cut into blocks of `block`; the figures of a block decide,
and nothing else: neither parts, nor the order of answers. Where a block passes the limit on beginnings, `reweight`
drops what is beyond the limit, latest in the plan first, as `template`; any other alarm, and every alarm under `stop`,
raises TemplateCollapse, which names the style, the block and the figures. Rule-made retellings are templates by design
and are not looked at. Drift is measured between models that retold in one style, over all blocks.

Memory in the merge, per retelling: about 170 bytes held. The step runs after `verify`, so that what was refused
does not count. It runs after all asking too: what it drops was counted towards a target (`until: {accepted_tokens}`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Output, Part, View
from retold.core.verdict import drop
from retold.verify.diversity import SKETCH, DiversitySettings, Rows, alarms, drift, figures, sketch, surplus

FOLDED: Final = pa.schema(
    [
        ("id", pa.binary(16)),
        ("position", pa.int64()),
        ("style", pa.string()),
        ("engine", pa.string()),
        ("row", pa.binary(SKETCH.itemsize)),
    ]
)
ROWS: Final = 2048
_ROW: Final = np.dtype(
    [("id", "V16"), ("position", "i8"), ("style", "u4"), ("engine", "u4"), ("part", "u4"), ("row", SKETCH)]
)


class TemplateCollapse(RetoldError):
    """A style has become one template, and the recipe says to stop."""


@dataclass
class Diversity:
    """Watch the diversity of each style, block by block of the plan."""

    settings: DiversitySettings
    name: str = field(default="diversity", init=False)
    version: int = field(default=1, init=False)
    writes: tuple[str, ...] = field(default=("verdicts",), init=False)

    def identity(self) -> Mapping[str, Any]:
        """The limits; what was planned and accepted is the input."""
        return self.settings.identity()

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """One row for each accepted retelling by a model. Memory: the part's positions, about 200 bytes each."""
        places = _places(part, view)
        held: list[tuple[bytes, int, str, str, bytes]] = []
        columns = ["document_id", "text", "style", "made_by", "parents"]
        for rows in view.documents(["retelling"], part=part.name, columns=columns):
            for row in rows.to_pylist():
                name = row["document_id"]
                if row["made_by"] != "model" or name not in places:
                    continue
                position, engine = places[name]
                held.append((bytes.fromhex(name), position, row["style"], engine, _packed(row)))
                if len(held) == ROWS:
                    yield _folded(held)
                    held = []
        if held:
            yield _folded(held)

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Verdicts on what is beyond the limit, by part. Raises TemplateCollapse where the recipe says so."""
        parts, names, found = _gathered(sketches)
        dropped: dict[int, list[tuple[str, str]]] = {}
        for style in sorted(names, key=lambda name: names[name]):
            mine = np.sort(found[found["style"] == names[style]], order="position", kind="stable")
            self._check_models(style, mine)
            for first in range(0, len(mine), self.settings.block):
                block = mine[first : first + self.settings.block]
                for part, name, why in self._judge(style, first, block):
                    dropped.setdefault(part, []).append((name, why))
        for part in sorted(dropped):
            verdicts = [drop(name, "retelling", "template", why) for name, why in sorted(dropped[part])]
            yield parts[part], {"verdicts": batch("verdicts", verdicts)}

    def _judge(self, style: str, first: int, block: Rows) -> Iterator[tuple[int, str, str]]:
        said = alarms(figures(block["row"]), self.settings)
        if not said:
            return
        where = f"{style}, retellings {first:,} to {first + len(block) - 1:,} of the plan"
        only_beginnings = len(said) == 1 and "begin with" in said[0]
        if self.settings.on_alarm == "stop" or not only_beginnings:
            raise TemplateCollapse(
                f"template collapse: {where}: {'; '.join(said)}",
                "look at some: retold show; change the prompt, or set the limits under verify: {diversity: ...}",
            )
        for row in block[surplus(block["row"], self.settings)]:
            yield int(row["part"]), bytes(row["id"]).hex(), f"{where}: {said[0]}"

    def _check_models(self, style: str, rows: Rows) -> None:
        groups = [rows[rows["engine"] == engine]["row"] for engine in np.unique(rows["engine"])]
        enough = [group for group in groups if len(group) >= self.settings.least]
        for one, other in pairwise(enough):
            value = drift(one, other)
            if value > self.settings.drift:
                raise TemplateCollapse(
                    f"two models write {style} differently: drift {value:.2f} bits (limit {self.settings.drift:.2f})",
                    "retell with one model, or raise drift under verify: {diversity: ...}",
                )


def _packed(row: Mapping[str, Any]) -> bytes:
    """A row of `SKETCH` as bytes."""
    return np.array([sketch(row["text"], "".join(row["parents"]))], SKETCH).tobytes()


def _places(part: Part, view: View) -> dict[str, tuple[int, str]]:
    """The position and the engine of each retelling that was asked for in a part."""
    found: dict[str, tuple[int, str]] = {}
    for rows in view.read("requests", part=part.name, columns=["retelling_id", "position", "engine", "unit"]):
        for row in rows.to_pylist():
            if row["unit"] == 0:
                found[row["retelling_id"]] = (row["position"], row["engine"])
    return found


def _folded(rows: list[tuple[bytes, int, str, str, bytes]]) -> pa.RecordBatch:
    arrays = [pa.array(list(values), kind) for values, kind in zip(zip(*rows, strict=True), FOLDED.types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=FOLDED)


def _gathered(
    sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]],
) -> tuple[list[str], dict[str, int], Rows]:
    """(names of parts, numbers of styles, all rows)."""
    parts: list[str] = []
    styles: dict[str, int] = {}
    pieces: list[Rows] = []
    for part, batches in sketches:
        parts.append(part.name)
        for rows in batches:
            piece = np.zeros(len(rows), _ROW)
            piece["id"] = np.frombuffer(b"".join(rows.column("id").to_pylist()), "V16")
            piece["position"] = rows.column("position").to_numpy()
            piece["style"] = [styles.setdefault(name, len(styles)) for name in rows.column("style").to_pylist()]
            piece["engine"] = [int(digest("engine", name)[:8], 16) for name in rows.column("engine").to_pylist()]
            piece["part"] = len(parts) - 1
            piece["row"] = np.frombuffer(b"".join(rows.column("row").to_pylist()), SKETCH)
            pieces.append(piece)
    return parts, styles, np.concatenate(pieces) if pieces else np.zeros(0, _ROW)
