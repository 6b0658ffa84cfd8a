"""Opening stores: what is there, what is not, and what is too new."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from retold.core.errors import StoreError, StoreVersionError
from retold.store import Store


def test_a_new_store_opens_again_and_is_empty(tmp_path):
    Store.create(tmp_path / "s")
    assert Store.open(tmp_path / "s").rows("documents") == []


def test_where_no_store_is_the_error_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="run a recipe first"):
        Store.open(tmp_path)


def test_a_file_in_the_place_of_the_store_is_said(tmp_path):
    (tmp_path / "s").write_text("x")
    with pytest.raises(StoreError, match="is a file"):
        Store.create(tmp_path / "s")


@pytest.mark.parametrize("marker", ['{"format": 999}', '{"format": "one"}'])
def test_an_unknown_format_is_refused(tmp_path, marker):
    """Kills: opening without comparing the format."""
    (tmp_path / "retold.json").write_text(marker)
    with pytest.raises(StoreVersionError, match="knows format"):
        Store.create(tmp_path)


def test_a_damaged_marker_is_refused(tmp_path):
    (tmp_path / "retold.json").write_text(json.dumps([1]))
    with pytest.raises(StoreError, match="marker"):
        Store.open(tmp_path)


def test_a_process_that_has_read_a_store_ends_in_peace(tmp_path):
    """Kills: reading through delta-rs' own file system, which aborted one process in three at its end."""
    from retold.core.document import Origin
    from retold.core.schema import batch
    from retold.store import Writer

    writer = Writer(Store.create(tmp_path), "s")
    for number in range(4):
        writer.add("p", {"origins": batch("origins", [Origin(f"d{number}", "r", "memory:")])})
        writer.flush()
    script = f"from retold.store import Store; s = Store.open({str(tmp_path)!r}); [s.rows('origins') for _ in range(4)]"
    endings = [subprocess.run([sys.executable, "-c", script]).returncode for _ in range(5)]
    assert endings == [0] * 5
