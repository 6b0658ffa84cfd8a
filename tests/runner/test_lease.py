"""One run per store in object storage: who waits, who refuses, who may go on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from retold.core.errors import StoreError
from retold.runner import lease as room
from retold.runner.lease import FOLDER, Holder, lease
from retold.store import Place


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(room, "PAUSE_SECONDS", 0.05)


def leases(place: Place) -> list[str]:
    from pyarrow.fs import FileSelector

    found = (place / FOLDER).files.get_file_info(FileSelector("", allow_not_found=True))
    return sorted(info.base_name for info in found)


def leave(place: Place, **changes: object) -> str:
    """A lease as a run elsewhere left it."""
    values = {**vars(Holder("far", "another machine", 12, "1")), **changes}
    (place / FOLDER).write("other.json", json.dumps(values))
    return "other.json"


def test_a_second_run_refuses_and_names_the_first(prefix):
    """Kills: not looking; looking before one's own lease is written."""
    place = Place.of(prefix)
    with lease(place):
        with pytest.raises(StoreError, match=rf"(?s)process {os.getpid()} on .*take-over"), lease(place):
            pass
        assert len(leases(place)) == 1, "who refuses takes its own lease back"
    assert leases(place) == []
    with lease(place):
        pass


def test_a_run_that_was_killed_here_is_continued_at_once(prefix):
    """Kills: waiting until the lease of a process that has ended is stale."""
    place = Place.of(prefix)
    script = (
        "import os, sys; from retold.runner.lease import lease; from retold.store import Place\n"
        "with lease(Place.of(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, prefix]).returncode == -9
    assert len(leases(place)) == 1
    with lease(place):
        assert len(leases(place)) == 1


def test_a_lease_of_another_machine_counts_until_it_is_stale(prefix, monkeypatch):
    """Its age is the server's clock alone. Kills: any comparison of other machines' processes with one's own."""
    place = Place.of(prefix)
    leave(place)
    with pytest.raises(StoreError, match="process 12 on far"), lease(place):
        pass
    monkeypatch.setattr(room, "STALE_SECONDS", 1.0)
    time.sleep(2.1)
    with lease(place):
        assert "other.json" not in leases(place)


def test_taking_over_removes_the_lease_of_the_other_which_does_not_come_back(prefix, monkeypatch):
    """Kills: a heartbeat that writes a lease again after it was taken over."""
    monkeypatch.setattr(room, "BEAT_SECONDS", 0.1)
    place = Place.of(prefix)
    with lease(place):
        first = leases(place)
        with lease(place, take_over=True):
            time.sleep(0.5)
            assert len(leases(place)) == 1 and leases(place) != first
            with pytest.raises(StoreError), lease(place):
                pass


def test_a_lease_is_renewed_while_it_is_held(prefix, monkeypatch):
    """Kills: no heartbeat (a long run would be taken for a dead one)."""
    monkeypatch.setattr(room, "BEAT_SECONDS", 0.2)
    place = Place.of(prefix)
    with lease(place):
        files, (name,) = (place / FOLDER).files, leases(place)
        before = files.get_file_info(name).mtime_ns
        end = time.monotonic() + 20
        while files.get_file_info(name).mtime_ns == before:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_of_many_that_begin_at_once_at_most_one_holds_it(prefix):
    """Kills: listing before writing."""
    place, holding, most, refused = Place.of(prefix), [], [], []

    def begin() -> None:
        try:
            with lease(place):
                holding.append(1)
                most.append(len(holding))
                time.sleep(0.5)
                holding.pop()
        except StoreError:
            refused.append(1)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most, default=1) == 1 and len(most) + len(refused) == 4


def test_what_is_no_lease_is_cleared_away(prefix):
    place = Place.of(prefix)
    (place / FOLDER).write("other.json", "[1")
    with lease(place):
        assert len(leases(place)) == 1
