"""The whole story of a document or of one packed token, up to the records it comes from and down to all made from it.

    why(session, "3f2a…")        a document, by the first characters of its id
    why(session, "812:40")       the token at position 40 of packed row 812

`chain` begins with the document itself and goes up through what it was edited or retold from; `made` goes down: edits,
retellings, reflections, and what was made of those, each with where it lies in packed rows. Nothing is guessed: every
line is a row of the store, and a token's characters are tokenised again and compared (`pack/locate.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds

from retold.core.edit import EDITED
from retold.core.errors import RetoldError
from retold.pack.locate import Locator, Position
from retold.pack.settings import PackSettings
from retold.pack.tokenizer import FILE, load
from retold.report.account import Account, Accounts, Packed, kept, shard_of
from retold.report.find import children_of, find, retellings_of
from retold.report.mixture import shares_of
from retold.report.rows import Rows
from retold.report.samples import group
from retold.runner.session import Session

CONTEXT = 60
LONGEST_CHAIN = 100


@dataclass(frozen=True, slots=True)
class Token:
    """One position of a packed row. `text` are the characters of `position`, between `before` and `after`."""

    row: int
    offset: int
    phase: str
    shard: str
    line: int
    position: Position
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Made:
    """Something made from a document: `how` is "edited", "retold" or "reflected", `parent` what it was made from."""

    document_id: str
    parent: str
    how: str
    kind: str
    style: str
    made_by: str
    kept: bool
    reason: str
    characters: int
    packed: tuple[Packed, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The answer. `token` where a position was asked for; `chain[0]` is the document that was asked about."""

    asked: str
    token: Token | None
    chain: tuple[Account, ...]
    made: tuple[Made, ...]

    def as_dict(self) -> dict[str, Any]:
        """Dicts, lists, texts and numbers."""
        return asdict(self)


class Teller:
    """Tells why, for one session; a tokenizer and the way to rows are opened once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rows = Rows(session.view(), session.store)
        settings = session.recipe.settings
        self.pack = settings.pack or PackSettings()
        how = {
            name: {key: value for key, value in source.model_dump(exclude_defaults=True).items() if key != "paths"}
            for name, source in settings.sources.items()
        }
        self.accounts = Accounts(
            self.rows, how, session.recipe.styles, shares_of(settings.mix), self.pack.rows_per_shard
        )
        self._locator: Locator | None = None
        self._last: dict[str, Any] = {}
        self._last_text = "", ""

    def why(self, asked: str) -> Why:
        """The story of what `asked` names. Raises RetoldError where it names nothing, or several things."""
        if ":" in asked:
            token = self.token(*_position(asked))
            name = token.position.document_id
            return Why(asked, token, tuple(self.chain(name)) if name else (), tuple(self.made(name)) if name else ())
        name = self._document(asked)
        return Why(asked, None, tuple(self.chain(name)), tuple(self.made(name)))

    def token(self, number: int, offset: int) -> Token:
        """One position of a packed row. Raises RetoldError where there is no such row or position."""
        row = self._row(number)
        position = self.locator.locate(row, offset)
        around = self._text(position.document_id) if position.document_id else ""
        start, end = position.char_start, position.char_end
        where = shard_of(number, self.pack.rows_per_shard)
        return Token(
            number,
            offset,
            row["phase"],
            *where,
            position,
            around[start:end],
            around[max(0, start - CONTEXT) : start],
            around[end : end + CONTEXT],
        )

    @property
    def locator(self) -> Locator:
        """Finds characters, by the tokenizer of this output."""
        if self._locator is None:
            encoder = load(self.rows.view.folder / FILE, self.pack.end_of_text)
            self._locator = Locator(encoder, self._text)
        return self._locator

    def chain(self, name: str) -> Iterator[Account]:
        """A document, then all that it was made from, nearest first."""
        waiting, seen = deque([name]), {name}
        while waiting and len(seen) <= LONGEST_CHAIN:
            account = self.accounts.of(waiting.popleft())
            yield account
            for parent, _ in account.parents:
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)

    def made(self, name: str) -> Iterator[Made]:
        """All that was made from a document, directly or over others, nearest first."""
        waiting, seen = deque([name]), {name}
        while waiting:
            parent = waiting.popleft()
            children = [(child, EDITED) for child in self._edits(parent)]
            children += [(child, "retold") for child in retellings_of(self.rows, parent)]
            children += [(child, "reflected") for child in sorted(children_of(self.rows, parent, ("reflection",)))]
            fresh = [(child, how) for child, how in dict(reversed(children)).items() if child not in seen]
            yield from self._rows_of(parent, dict(sorted(fresh)))
            seen.update(child for child, _ in fresh)
            waiting.extend(sorted(child for child, _ in fresh))

    def _rows_of(self, parent: str, children: dict[str, str]) -> Iterator[Made]:
        documents = group(self.rows.named("documents", "document_id", children), "document_id")
        requests = group(self.rows.named("requests", "retelling_id", set(children) - set(documents)), "retelling_id")
        places: dict[str, list[Packed]] = {}
        for name, packed in self.accounts.ranges(sorted(children)) if children else ():
            places.setdefault(name, []).append(packed)
        for child, how in children.items():
            verdicts = self.accounts.verdicts(child)
            reason = next((verdict.reason for verdict in verdicts if not verdict.keep), "")
            rows = documents.get(child)
            if rows is None:  # asked for, and no answer that became a text
                style = requests[child][0]["style"] if child in requests else ""
                yield Made(child, parent, how, "retelling", style, "model", False, reason or "waiting", 0, ())
                continue
            row, stays = rows[0], kept({one["part"] for one in rows}, verdicts)
            facts = row["kind"], row["style"], row["made_by"], stays, "" if stays else reason, len(row["text"])
            yield Made(child, parent, how, *facts, tuple(places.get(child, ())))

    def _edits(self, parent: str) -> list[str]:
        return sorted({row["document_id"] for row in self.rows.named("span_maps", "parent_id", [parent])} - {parent})

    def _text(self, name: str) -> str:
        """The text of a document; the last one is remembered, for neighbouring tokens."""
        if self._last_text[0] == name:
            return self._last_text[1]
        found = self.rows.named("documents", "document_id", [name])
        if not found:
            raise RetoldError(f"the document {name} is not in this store any more", "run the recipe again")
        self._last_text = name, str(found[0]["text"])
        return self._last_text[1]

    def _row(self, number: int) -> dict[str, Any]:
        """A packed row; the last one is remembered, for its neighbours."""
        if self._last.get("row") == number:
            return self._last
        if "pack" not in self.rows.stages:
            raise RetoldError("this recipe packs no rows", "add `pack: {tokenizer: train}` to it and run it")
        label = self.rows.view.stages["pack"]
        found = self.session.store.rows("packed", (ds.field("stage") == label) & (ds.field("row") == number))
        if not found:
            batches = self.rows.view.read("packed", stages=["pack"], columns=["row"])
            last = max((pc.max(batch["row"]).as_py() for batch in batches if batch.num_rows), default=-1)
            there = f"rows are 0 to {last:,}" if last >= 0 else "there are none: run the recipe"
            raise RetoldError(f"there is no packed row {number:,}", there)
        self._last = dict(found[0])
        return self._last

    def _document(self, prefix: str) -> str:
        thing = find(self.rows, prefix)
        if thing.kind == "record":
            made = sorted({row["document_id"] for row in self.rows.named("origins", "record_id", [thing.identity])})
            if not made:
                raise RetoldError(
                    f"the record {thing.identity} became no document", f"see why: retold show {thing.identity}"
                )
            return str(made[0])
        if thing.kind == "passage":
            return str(self.rows.named("passages", "passage_id", [thing.identity])[0]["document_id"])
        for request in self.rows.named("requests", "request_id", [thing.identity]):
            return str(request["retelling_id"])
        return thing.identity


def _position(asked: str) -> tuple[int, int]:
    row, _, offset = asked.partition(":")
    if not (row.isdecimal() and offset.isdecimal()):
        raise RetoldError(
            f"{asked!r} is no position: a packed row and a position in it are written ROW:OFFSET", "such as 812:40"
        )
    return int(row), int(offset)


def why(asked: str, store: str | None = None) -> Why:
    """The story of a document (`asked` begins its id) or of a packed token ("ROW:OFFSET")."""
    return Teller(Session.open(store)).why(asked)
