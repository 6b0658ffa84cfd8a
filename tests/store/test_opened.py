"""A table that a process has open is read at its newest version, whoever wrote it."""

from __future__ import annotations

import shutil
import subprocess
import sys

from retold.core.document import Origin
from retold.core.schema import batch
from retold.store import Store, Writer
from retold.store.opened import Opened

WRITE = """
import sys
from retold.core.document import Origin
from retold.core.schema import batch
from retold.store import Store, Writer
writer = Writer(Store.create(sys.argv[1]), "s")
writer.add(sys.argv[2], {"origins": batch("origins", [Origin(sys.argv[2], "r", "memory:")])})
writer.flush()
"""


def write(place, name: str) -> None:
    """One row, by another process."""
    subprocess.run([sys.executable, "-c", WRITE, str(place), name], check=True)


def names(store: Store) -> list[str]:
    return sorted(row["document_id"] for row in store.rows("origins"))


def test_what_another_process_wrote_is_seen(tmp_path):
    """Kills: taking an open table for the newest without looking for a next version."""
    store = Store.create(tmp_path / "s")
    for name in "abc":
        write(tmp_path / "s", name)
        assert names(store)[-1] == name
        assert names(store)[-1] == name


def test_a_store_made_again_at_the_same_place_is_another_one(tmp_path):
    """Kills: knowing a version by its number alone, which the new store has too."""
    for name in "ab":
        write(tmp_path / "s", name)
        assert names(Store.open(tmp_path / "s")) == [name]
        shutil.rmtree(tmp_path / "s")


def test_a_table_is_opened_once_while_nothing_is_written(tmp_path, monkeypatch):
    """Kills: opening it, or reading on in its log, for each reading (2 ms)."""
    store = Store.create(tmp_path / "s")
    writer = Writer(store, "s")
    writer.add("p", {"origins": batch("origins", [Origin("d", "r", "memory:")])})
    writer.flush()
    opened = []
    real = Store.delta
    monkeypatch.setattr(Store, "delta", lambda self, table: opened.append(table) or real(self, table))
    monkeypatch.setattr(Opened, "read_on", lambda self: opened.append("read on"))
    assert [names(store) for _ in range(5)] == [["d"]] * 5
    assert opened == ["origins"]
