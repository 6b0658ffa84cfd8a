"""Everything that a store knows of one document: where it was read, what was decided, what was made, where it went.

`Accounts(rows, sources, shard_rows).of(id)` gives an `Account`; all of it is plain data for the terminal, JSON and
Python. Lists that may be long (members of a cluster, places of a document that a mixture draws often) are bounded by
MOST, with their true count beside them.

Cost: each look at a table filters one column, files whose statistics exclude the id unread; `packed` is the exception,
whose ids lie in lists: all its ranges are streamed, the token ids are not (0.1 s for a million documents' worth).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retold.core.edit import EDITED
from retold.core.errors import StoreError
from retold.report.explain import explain
from retold.report.rows import Rows
from retold.styles.style import Style

MOST = 50


@dataclass(frozen=True, slots=True)
class Read:
    """A record that the text was read from, and how: the settings of its source that are not left at their default."""

    record_id: str
    source: str
    key: str
    uri: str
    media_type: str
    bytes: int
    date: str
    licence: str
    how: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """A verdict of a stage, with what it means. `part`: the share of the input in which it was decided.

    One text in two parts is one document: where the stage "exact" drops it in one of them, it is kept in the other.
    """

    stage: str
    part: str
    keep: bool
    reason: str
    explanation: str
    detail: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stage measured: numbers by name, and the ranges of the text that it points at."""

    stage: str
    values: Mapping[str, float]
    marks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Twin:
    """Another document of a cluster; `similarity` to the one that was kept."""

    document_id: str
    similarity: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """The documents that one stage found to be the same or nearly the same."""

    stage: str
    cluster: str
    size: int
    kept: str
    similarity: float
    twins: tuple[Twin, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a model and what came back; `prompt` is the digest of the style's prompt, as the recipe has it."""

    request_id: str
    style: str
    style_version: str
    prompt: str
    engine: str
    attempt: int
    unit: int
    units: int
    document_id: str
    start: int
    end: int
    finish: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cost: float
    error: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place in the mixture; `share` is what the part of the mix was to have of its phase."""

    position: int
    epoch: int
    phase: str
    portion: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Packed:
    """A range of a packed row: its tokens, their characters, and the line of the exported shard."""

    row: int
    token_start: int
    token_end: int
    char_start: int
    char_end: int
    phase: str
    shard: str
    line: int


@dataclass(frozen=True, slots=True)
class Account:
    """One document. `parents` are (id, how): "edited" or "retold"; `spans` the characters of the parents retold."""

    document_id: str
    kind: str
    title: str
    text: str
    source: str
    licence: str
    style: str
    made_by: str
    kept: bool
    parents: tuple[tuple[str, str], ...]
    spans: tuple[tuple[str, int, int], ...]
    no_loss: tuple[tuple[int, int], ...] = ()
    records: tuple[Read, ...] = ()
    verdicts: tuple[Decided, ...] = ()
    signals: tuple[Measured, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    contaminations: tuple[Mapping[str, Any], ...] = ()
    requests: tuple[Asked, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    drawn_times: int = 0
    packed: tuple[Packed, ...] = ()
    packed_ranges: int = 0


@dataclass(frozen=True)
class Accounts:
    """Gathers accounts. `how` says by source name how it is read, `shares` the shares of a mix by (phase, part)."""

    rows: Rows
    how: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    styles: Mapping[str, Style] = field(default_factory=dict)
    shares: Mapping[tuple[str, str], float] = field(default_factory=dict)
    rows_per_shard: int = 8192

    def of(self, name: str) -> Account:
        """The account of a document. Raises StoreError for an id that no document of this recipe has."""
        found = self.rows.named("documents", "document_id", [name])
        if not found:
            raise StoreError(f"no document of this recipe has the id {name}", "an answer without a document is no text")
        row = found[0]
        verdicts = self.verdicts(name)
        edited = {one["parent_id"] for one in self.rows.named("span_maps", "document_id", [name])}
        made = [(parent, "retold") for parent in row["parents"] or () if parent not in edited]
        drawn, times = self._drawn(name)
        packed, ranges = self._packed(name)
        return Account(
            document_id=name,
            kind=row["kind"],
            title=row["title"],
            text=row["text"],
            source=row["source"],
            licence=row["licence"],
            style=row["style"],
            made_by=row["made_by"],
            kept=kept({one["part"] for one in found}, verdicts),
            parents=tuple([(parent, EDITED) for parent in sorted(edited)] + made),
            spans=tuple((span["document_id"], span["start"], span["end"]) for span in row["spans"] or ()),
            no_loss=tuple((item["start"], item["end"]) for item in row["no_loss"] or ()),
            records=self._records(name),
            verdicts=verdicts,
            signals=self._signals(name),
            clusters=self._clusters(name),
            contaminations=tuple(self._contaminations(name)),
            requests=self._requests(name),
            drawn=drawn,
            drawn_times=times,
            packed=packed,
            packed_ranges=ranges,
        )

    def verdicts(self, name: str) -> tuple[Decided, ...]:
        """What stages decided about a subject, in their order; a stage that says one thing twice says it once."""
        order = {stage: place for place, stage in enumerate(self.rows.stages)}
        found = {
            (order[row["stage"]], row["part"], row["stage"], row["keep"], row["reason"], row["detail"])
            for row in self.rows.named("verdicts", "subject", [name])
        }
        return tuple(
            Decided(stage, part, keep, why, explain(why, stage), detail)
            for _, part, stage, keep, why, detail in sorted(found)
        )

    def _records(self, name: str) -> tuple[Read, ...]:
        origins = self.rows.named("origins", "document_id", [name])
        named = {row["record_id"] for row in origins}
        records = {row["record_id"]: row for row in self.rows.named("records", "record_id", named)}
        pairs = sorted({(row["uri"], row["record_id"]) for row in origins})[:MOST]
        return tuple(_read(records.get(record, {}), record, uri, self.how) for uri, record in pairs)

    def _signals(self, name: str) -> tuple[Measured, ...]:
        found: dict[str, Measured] = {}
        for row in self.rows.named("signals", "document_id", [name]):
            values = dict(sorted(row["values"] or []))
            found[row["stage"]] = Measured(row["stage"], values, tuple(row["marks"] or ()))
        return tuple(found[stage] for stage in self.rows.stages if stage in found)

    def _clusters(self, name: str) -> tuple[Cluster, ...]:
        found = {}
        for row in self.rows.named("clusters", "document_id", [name]):
            members = [
                Twin(one["document_id"], float(one["similarity"]), one["document_id"] == one["kept"])
                for one in self.rows.named("clusters", "cluster", [row["cluster"]])
                if one["stage"] == row["stage"] and one["document_id"] != name
            ]
            distinct = sorted({twin.document_id: twin for twin in members}.values(), key=lambda one: one.document_id)
            similarity = float(row["similarity"])
            key = row["stage"], row["cluster"]
            found[key] = Cluster(*key, row["size"], row["kept"], similarity, tuple(distinct[:MOST]))
        return tuple(found[key] for key in sorted(found))

    def _contaminations(self, name: str) -> list[dict[str, Any]]:
        found = self.rows.named("contaminations", "document_id", [name])[:MOST]
        return [{key: value for key, value in row.items() if key != "part"} for row in found]

    def _requests(self, name: str) -> tuple[Asked, ...]:
        asked = {row["request_id"]: row for row in self.rows.named("requests", "retelling_id", [name])}
        answers = {row["request_id"]: row for row in self.rows.named("completions", "request_id", asked)}
        letters = {row["request_id"]: row for row in self.rows.named("dead_letters", "request_id", asked)}
        ordered = sorted(asked.values(), key=lambda row: (row["unit"], row["attempt"]))
        by_name = {style.name: style for style in self.styles.values()}
        return tuple(
            _asked(row, answers.get(row["request_id"], {}), letters.get(row["request_id"], {}), by_name)
            for row in ordered
        )

    def _drawn(self, name: str) -> tuple[tuple[Drawn, ...], int]:
        found = sorted(self.rows.named("selection", "document_id", [name]), key=lambda row: row["position"])
        chosen = [
            Drawn(row["position"], row["epoch"], row["phase"], row["portion"],
                  self.shares.get((row["phase"], row["portion"])))
            for row in found[:MOST]
        ]  # fmt: skip
        return tuple(chosen), len(found)

    def _packed(self, name: str) -> tuple[tuple[Packed, ...], int]:
        found = [packed for _, packed in self.ranges([name])]
        return tuple(found[:MOST]), len(found)

    def ranges(self, names: list[str]) -> list[tuple[str, Packed]]:
        """Where these documents lie in packed rows: (id, range) in the order of rows."""
        if "pack" not in self.rows.stages:
            return []
        wanted, found = pa.array(names, pa.string()), []
        for batch in self.rows.view.read("packed", stages=["pack"], columns=["row", "phase", "documents"]):
            lists = batch["documents"]
            inner = pc.list_flatten(lists)
            mine = pc.is_in(inner.field("document_id"), wanted)
            owners = pc.list_parent_indices(lists).filter(mine).to_pylist()
            for owner, item in zip(owners, inner.filter(mine).to_pylist(), strict=True):
                row = int(batch["row"][owner].as_py())
                places = {key: item[key] for key in ("token_start", "token_end", "char_start", "char_end")}
                shard, line = shard_of(row, self.rows_per_shard)
                packed = Packed(row, **places, phase=batch["phase"][owner].as_py(), shard=shard, line=line)
                found.append((item["document_id"], packed))
        return sorted(found, key=lambda one: (one[1].row, one[1].token_start))


def kept(parts: Collection[str], verdicts: Iterable[Decided]) -> bool:
    """Whether a document is kept in one of the parts that hold it."""
    return bool(set(parts) - {verdict.part for verdict in verdicts if not verdict.keep})


def shard_of(row: int, rows_per_shard: int) -> tuple[str, int]:
    """(file, line in it) of a row in the exported shards."""
    return f"shards/{row // rows_per_shard:05d}.parquet", row % rows_per_shard


def _read(record: Mapping[str, Any], name: str, uri: str, how: Mapping[str, Mapping[str, Any]]) -> Read:
    texts = {key: record.get(key, "") for key in ("source", "key", "media_type", "date", "licence")}
    return Read(record_id=name, uri=uri, bytes=record.get("bytes", 0), how=how.get(texts["source"], {}), **texts)


def _asked(
    row: Mapping[str, Any], answer: Mapping[str, Any], letter: Mapping[str, Any], styles: Mapping[str, Style]
) -> Asked:
    style = styles.get(row["style"])
    return Asked(
        **{
            key: row[key]
            for key in ("request_id", "style", "style_version", "engine", "attempt", "unit", "units", "document_id",
                        "start", "end")
        },
        prompt=style.prompt_digest if style else "",
        finish=answer.get("finish", "error" if letter else ""),
        prompt_tokens=answer.get("prompt_tokens", 0),
        completion_tokens=answer.get("completion_tokens", 0),
        seconds=round(float(answer.get("seconds", 0.0)), 3),
        cost=float(answer.get("cost", 0.0)),
        error=letter.get("error", ""),
    )  # fmt: skip
