"""Take something down: first what would go, then, when told, all of it, everywhere, for good.

    forget(store, Asked(documents=("7f3a…",)))                       a dry run: `Forgetting` says what would go
    forget(store, Asked(...), yes=True, why="their wish")            does it

What goes is decided once and committed as one row of `forgettings` (ids, digests, when, by whom, why; no content). From
then on no run takes it in again, and a killed erasure is finished by the next call, whatever that asks for (it may ask
for nothing), before it does anything else; until then `retold run` refuses the store. Then: rows of every table
(`store/erase.py`), packed rows, shards, texts, exports and pages (`files.py`), the index, old files and the log. At
last a second row, "done", with what was found, sealed by a digest of all its fields. The files that were read from are
the user's own and stay; they are not read again.
"""

from __future__ import annotations

import datetime
import getpass
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retold.core.errors import RecipeError, RetoldError
from retold.core.fingerprint import digest
from retold.core.schema import TABLES, batch
from retold.pack.settings import END_OF_TEXT
from retold.pack.tokenizer import FILE, load
from retold.runner.lock import only_run
from retold.runner.session import Session
from retold.runner.stages import ALL
from retold.store import Place, Store, Writer
from retold.store.erase import Forgotten, erase, erase_rows, purge, unfinished
from retold.trace import files
from retold.trace.blank import blanked
from retold.trace.doomed import Asked, Doomed, doomed, forgotten
from retold.trace.index import FOLDER
from retold.trace.trace import open_for

STAGE = "forget"
BEGUN, DONE = "begun", "done"


@dataclass(frozen=True)
class Forgetting:
    """What would go, or went: counts by kind, titles by document, twins that stay; `erased` rows by table or file.

    `missing` are the addresses, domains and lines among what was named that nothing in the store is named by.

    `padding` of all `places` in packed rows hold nothing after it.
    """

    identity: str
    done: bool
    counts: Mapping[str, int]
    titles: Mapping[str, str]
    kinds: Mapping[str, str]
    twins: tuple[str, ...]
    missing: tuple[str, ...]
    erased: Mapping[str, int]
    padding: int
    places: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def forget(
    store: Place | Path | str | None, asked: Asked, *, yes: bool = False, why: str = "", by: str = ""
) -> Forgetting:
    """Say what goes with what is named; with `yes`, erase it. Raises RetoldError where nothing is named so."""
    session = Session.open(store)
    if not yes:
        return _told(doomed(session.store, asked), "", {})
    strange = files.unknown(session.store.beside)
    if strange:
        raise RetoldError(
            f"{session.store.beside} holds what no eraser is for: {', '.join(strange)}",
            "move it elsewhere (and look whether it holds what is to be forgotten), then run again",
        )
    with only_run(session.store.place):
        finished = finish(session)
        if not asked and not finished:
            raise RetoldError(
                "nothing is named, and no erasure is unfinished",
                "name what to forget: --doc, --url, --domain or --match",
            )
        try:
            found = doomed(session.store, asked)
        except RetoldError:
            if not finished:
                raise
            return _told(Doomed(), *finished[-1])
        row = _row(found, asked, why, by)
        _commit(session.store, row)
        return _told(found, row["forgetting_id"], _do(session, row))


def finish(session: Session) -> list[tuple[str, dict[str, int]]]:
    """Finish what was begun and not finished: (id, what was erased) of each. The caller holds the store's lock."""
    if session.store.delta("forgettings") is None:
        return []
    rows = unfinished(session.store.rows("forgettings"))
    return [(str(row["forgetting_id"]), _do(session, row)) for row in rows]


def records(store: Store) -> list[dict[str, Any]]:
    """The records of what was forgotten, each sealed."""
    return store.rows("forgettings") if store.delta("forgettings") is not None else []


def sealed(row: Mapping[str, Any]) -> str:
    """The digest of all fields of a record but its seal."""
    return digest({name: value for name, value in row.items() if name not in ("seal", "stage", "part")})


def _do(session: Session, row: Mapping[str, Any]) -> dict[str, int]:
    """Erase everything that a record names; may be repeated."""
    store = session.store
    gone = Forgotten(*(frozenset(row[name]) for name in ("ids", "addresses", "hosts")))
    end = _filling(session)
    left = files.leftovers(store.beside)
    erased: dict[str, int] = {table: erase_rows(store, table, gone) for table in TABLES}
    erased["packed"] = _packed(store, gone, end)
    task = files.Erasing(store.beside, gone, end)
    for name, eraser in files.ERASERS.items():
        erased[name] = eraser(task)
    erased["leftovers"] = left
    _index(session)
    for table in TABLES:
        purge(store, table)
    counts = {name: count for name, count in erased.items() if count}
    done = {**row, "state": DONE, "at": _now(), "counts": json.dumps({**json.loads(row["counts"]), "erased": counts})}
    _commit(store, {**done, "seal": sealed(done)})
    return counts


def _filling(session: Session) -> int:
    """The id that fills rows up. Shards may be there whose recipe packs no more, or whose tokenizer is gone: then 0."""
    pack = session.recipe.settings.pack
    try:
        return load(session.store.beside / FILE, pack.end_of_text if pack else END_OF_TEXT).end
    except RecipeError:
        return 0


def _index(session: Session) -> None:
    """Bring the index up to date; where nothing is left to be indexed, or cannot be any more, it goes."""
    folder = session.store.beside / FOLDER
    if folder.is_dir():
        try:
            open_for(session).close()
        except RetoldError:
            shutil.rmtree(folder)


def _packed(store: Store, gone: Forgotten, end: int) -> int:
    """Tokens of what goes become padding in the table of packed rows. Returns the rows changed."""
    changed = 0

    def change(rows: Any) -> Any:
        nonlocal changed
        made = blanked(rows, gone.ids, end)
        if made is not rows and "input_ids" in rows.column_names:
            changed += sum(
                a != b for a, b in zip(rows["documents"].to_pylist(), made["documents"].to_pylist(), strict=True)
            )
        return made

    erase(store, "packed", ["documents"], change)
    return changed


def _row(found: Doomed, asked: Asked, why: str, by: str) -> dict[str, Any]:
    gone = forgotten(found, asked)
    kinds = [name for name in ("documents", "urls", "domains", "needles") if getattr(asked, name)]
    row: dict[str, Any] = {
        "state": BEGUN,
        "at": _now(),
        "by": by or getpass.getuser(),
        "why": why,
        "asked": ", ".join([*kinds, *(["twins"] if asked.twins else [])]),
        "ids": sorted(gone.ids),
        "addresses": sorted(gone.addresses),
        "hosts": sorted(gone.hosts),
        "contents": sorted(found.contents),
        "counts": json.dumps({**found.counts(), "packed_tokens": found.padding}),
    }
    row["forgetting_id"] = digest("forgetting", row)
    return {**row, "seal": sealed(row)}


def _commit(store: Store, row: Mapping[str, Any]) -> None:
    columns = TABLES["forgettings"].columns.names
    writer = Writer(store, STAGE)
    writer.add(ALL, {"forgettings": batch("forgettings", [{name: row[name] for name in columns}])})
    writer.flush()


def _told(found: Doomed, identity: str, erased: Mapping[str, int]) -> Forgetting:
    return Forgetting(
        identity=identity,
        done=bool(identity),
        counts=found.counts(),
        titles=found.titles,
        kinds=found.documents,
        twins=tuple(sorted(found.twins)),
        missing=tuple(found.missing),
        erased=erased,
        padding=found.padding,
        places=found.places,
    )


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
