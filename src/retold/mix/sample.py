"""The fold "mix": the table `selection`, which is all that training reads, in order.

    sketch   of each document of a part: digest, id, tokens, and the part of the mixture it belongs to in each phase
    merge    budgets (`budget.py`), then for each phase its documents shuffled together, numbered over all phases

Everything follows from the seed and the ids of documents: the order of parts, files and workers changes nothing, and a
text that two parts of the input hold is one document. It belongs then to what the first of the two says of it, in the
order of their names, which matters only where one text comes from two sources that are mixed apart.

Resident: about 150 bytes per document at the peak, everything drawn once (a test holds it below 200), and 20 for each
time more that one is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from retold.core.errors import RetoldError
from retold.core.schema import TABLES
from retold.core.step import Output, Part, View
from retold.mix.budget import Integers, draw, targets
from retold.mix.ledger import again, keys_of
from retold.mix.settings import MixSettings

NAME = "mix"
PART = "all"
BATCH = 8_192
NOWHERE = 255
COLUMNS = ("document_id", "kind", "source", "style", "text")
Counter = Callable[[list[str]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Portion:
    """What a part of the mixture draws from; None: any."""

    name: str
    kind: str | None = None
    source: str | None = None
    style: str | None = None
    signal: str | None = None
    at_least: float | None = None
    below: float | None = None

    def holds(self, kind: str, source: str, style: str, signals: Mapping[str, float]) -> bool:
        """Whether a document fits. One that lacks the signal does not."""
        if self.kind not in (None, kind) or self.source not in (None, source) or self.style not in (None, style):
            return False
        if self.signal is None:
            return True
        value = signals.get(self.signal)
        above = value is not None and (self.at_least is None or value >= self.at_least)
        return above and (self.below is None or (value is not None and value < self.below))


@dataclass(frozen=True)
class _Catalogue:
    """All documents in the order of their digests. `codes[d, p]`: the portion of document d in phase p."""

    ids: NDArray[np.bytes_]
    tickets: NDArray[np.uint64]
    sizes: Integers
    codes: NDArray[np.uint8]


class Mix:
    """Fold: rows of the table `selection`."""

    name = NAME
    version = 1
    writes: tuple[str, ...] = ("selection",)

    def __init__(
        self,
        settings: MixSettings,
        portions: Mapping[str, Sequence[Portion]],
        kinds: Sequence[str],
        seed: int,
        counter: Callable[[Path], Counter],
    ) -> None:
        """`portions` by phase, in the order of its parts; `counter(folder)` counts tokens by the output's tokenizer."""
        self.settings = settings
        self.portions = {phase: tuple(found) for phase, found in portions.items()}
        self.kinds = tuple(kinds)
        self.seed = seed
        self._counter = counter

    def identity(self) -> Mapping[str, Any]:
        """The mixture, what its parts stand for, and the seed."""
        portions = {phase: [asdict(portion) for portion in found] for phase, found in self.portions.items()}
        order = list(self.portions)
        mixture = self.settings.identity()
        return {"mix": mixture, "order": order, "portions": portions, "kinds": list(self.kinds), "seed": self.seed}

    def sketch(self, part: Part, view: View) -> Iterator[pa.RecordBatch]:
        """Digest, id, tokens with the end, and portions of each document that is not empty."""
        count = self._counter(view.folder)
        signals = self._signals(part, view)
        for found in view.documents(self.kinds, part=part.name, columns=COLUMNS):
            rows = found.filter(pc.greater(pc.utf8_length(found["text"]), 0))
            if not rows.num_rows:
                continue
            names = rows["document_id"].to_pylist()
            kinds, sources, styles = (rows[column].to_pylist() for column in ("kind", "source", "style"))
            codes = b"".join(
                self._code(kind, source, style, signals.get(name, {}))
                for name, kind, source, style in zip(names, kinds, sources, styles, strict=True)
            )
            sizes = [tokens + 1 for tokens in count(rows["text"].to_pylist())]
            yield _sketched(keys_of(self._salt, names), names, sizes, codes, len(self.portions))

    @property
    def _salt(self) -> str:
        return f"mix {self.seed}"

    def _code(self, kind: str, source: str, style: str, signals: Mapping[str, float]) -> bytes:
        return bytes(
            next((place for place, item in enumerate(found) if item.holds(kind, source, style, signals)), NOWHERE)
            for found in self.portions.values()
        )

    def _signals(self, part: Part, view: View) -> dict[str, dict[str, float]]:
        """The signals that parts ask for, by document; nothing is read where none asks."""
        wanted = {portion.signal for found in self.portions.values() for portion in found if portion.signal}
        found: dict[str, dict[str, float]] = {}
        for rows in view.read("signals", part=part.name, columns=["document_id", "values"]) if wanted else ():
            for name, values in zip(rows["document_id"].to_pylist(), rows["values"].to_pylist(), strict=True):
                chosen = {key: value for key, value in values or () if key in wanted}
                if chosen:
                    found.setdefault(name, {}).update(chosen)
        return found

    def merge(
        self, sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], view: View
    ) -> Iterator[tuple[str, Output]]:
        """Rows of `selection` in order of positions. Raises RetoldError where a share has nothing to draw from."""
        del view
        catalogue = _gathered(sketches, len(self.portions))
        used = np.zeros(len(catalogue.sizes), dtype=np.int32)
        position = 0
        for number, (phase, portions) in enumerate(self.portions.items()):
            documents, epochs, codes = self._phase(catalogue, used, number)
            tickets = again(catalogue.tickets[documents], epochs.astype(np.int64))
            order = np.lexsort((epochs, documents, tickets))
            names = np.array([portion.name for portion in portions], dtype=object)
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                yield (
                    PART,
                    {
                        "selection": _rows(
                            catalogue, position, documents[chosen], epochs[chosen], phase, names[codes[chosen]]
                        )
                    },
                )
                position += len(chosen)

    def _phase(
        self, catalogue: _Catalogue, used: NDArray[np.int32], number: int
    ) -> tuple[Integers, NDArray[np.int32], NDArray[np.uint8]]:
        """(documents, epochs, portions) drawn for one phase, part after part."""
        phase, settings = list(self.settings.stages().items())[number]
        portions, most = self.portions[phase], self.settings.max_epochs
        members = [np.flatnonzero(catalogue.codes[:, number] == code) for code in range(len(portions))]
        once = {
            item.name: int(catalogue.sizes[mine][used[mine] == 0].sum())
            for item, mine in zip(portions, members, strict=True)
        }
        whole = {
            item.name: int((catalogue.sizes[mine] * (most - used[mine])).sum())
            for item, mine in zip(portions, members, strict=True)
        }
        missing = [name for name, tokens in whole.items() if not tokens]
        if missing and settings.shares() and len(catalogue.sizes):
            raise RetoldError(
                f"the part {missing[0]} of the mixture ({phase}) has nothing to draw from, so no share can be met",
                "leave the part out, raise max_epochs, or see what was dropped: retold show",
            )
        wanted = targets(settings, once, whole)
        if settings.shares() and settings.tokens is None and not any(wanted.values()) and len(catalogue.sizes):
            raise RetoldError(
                f"the phase {phase} of the mixture has no size and nothing new to draw: "
                f"the phases before it have taken all of {min(once, key=lambda name: once[name])}",
                "say how large it is (tokens: 500M) and documents are drawn again, or leave some for it",
            )
        drawn = [
            draw(mine, catalogue.sizes, used, wanted[item.name], most)
            for item, mine in zip(portions, members, strict=True)
        ]
        codes = [np.full(len(documents), code, dtype=np.uint8) for code, (documents, _) in enumerate(drawn)]
        return (
            np.concatenate([documents for documents, _ in drawn]),
            np.concatenate([epochs for _, epochs in drawn]),
            np.concatenate(codes),
        )


def _sketched(
    keys: NDArray[np.bytes_], names: Sequence[str], sizes: Sequence[int], codes: bytes, phases: int
) -> pa.RecordBatch:
    ids = b"".join(bytes.fromhex(name) for name in names)
    columns = [(16, keys.tobytes()), (16, ids), (phases, codes)]
    arrays = [
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(names), [None, pa.py_buffer(content)])
        for width, content in columns
    ]
    return pa.RecordBatch.from_arrays([*arrays, pa.array(sizes, pa.int64())], names=["key", "id", "codes", "size"])


def _gathered(sketches: Iterable[tuple[Part, Iterable[pa.RecordBatch]]], phases: int) -> _Catalogue:
    """All documents once, whatever the order of parts: of two entries of one, that of the first part by name."""
    found: list[tuple[str, pa.RecordBatch]] = [(part.name, rows) for part, batches in sketches for rows in batches]
    found.sort(key=lambda item: item[0])
    contents = {
        name: b"".join(b"".join(rows[name].to_pylist()) for _, rows in found) for name in ("key", "id", "codes")
    }
    keys, ids = (np.frombuffer(contents[name], dtype="S16") for name in ("key", "id"))
    codes = np.frombuffer(contents["codes"], dtype=np.uint8).reshape(-1, phases)
    sizes = np.concatenate([np.empty(0, dtype=np.int64), *(rows["size"].to_numpy() for _, rows in found)])
    unique, first = np.unique(keys, return_index=True)
    tickets = np.frombuffer(unique.tobytes(), dtype="<u8").reshape(-1, 2)[:, 1]
    return _Catalogue(ids[first], tickets, sizes[first], codes[first])


def _rows(
    catalogue: _Catalogue,
    position: int,
    documents: Integers,
    epochs: NDArray[np.int32],
    phase: str,
    portions: NDArray[Any],
) -> pa.RecordBatch:
    content = catalogue.ids[documents].tobytes().hex()
    count = len(documents)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(position, position + count), pa.int64()),
            pa.array([content[32 * place : 32 * place + 32] for place in range(count)], pa.string()),
            pa.array(epochs, pa.int32()),
            pa.array([phase] * count, pa.string()),
            pa.array(portions.tolist(), pa.string()),
            pa.array(catalogue.sizes[documents], pa.int64()),
        ],
        schema=TABLES["selection"].columns,
    )
