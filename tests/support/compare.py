"""All rows of a store in a fixed order, without the columns that time decides."""

from __future__ import annotations

from pathlib import Path

from retold.core.schema import TABLES
from retold.store import Store

TIMED = {"completions": {"seconds", "cached_tokens"}}
LEFT_OUT = {"runs"}


def all_rows(folder: Path | str) -> dict[str, list[str]]:
    """Table name to sorted rows (as text)."""
    store = Store.open(folder)
    rows = {}
    for name in TABLES.keys() - LEFT_OUT:
        skipped = TIMED.get(name, set())
        rows[name] = sorted(
            repr({key: value for key, value in row.items() if key not in skipped}) for row in store.rows(name)
        )
    return rows


def shard_bytes(folder: Path) -> dict[str, bytes]:
    """Every exported file, byte for byte."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for kind in ("shards", "texts")
        for path in sorted((folder / kind).glob("*.parquet"))
    }
