"""The whole path with its store in object storage: the same rows as on a disk, files in a folder here."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from support.compare import all_rows, shard_bytes


def test_a_recipe_whose_store_is_in_object_storage_makes_the_same_rows_and_files(recipe, inside, prefix, tmp_path):
    """Kills: a table that is read or written locally; files taken for those of another store; a path lost by `Path`."""
    recipe.write_text(recipe.read_text("utf-8").replace("limit: 12", "limit: 5").replace(": 60", ": 15"), "utf-8")
    remote = recipe.with_name("remote.yaml")
    remote.write_text(recipe.read_text("utf-8").replace("name: little", f"name: remote\nout: {prefix}"), "utf-8")
    inside("run", recipe, "--out", tmp_path / "here", "--quiet")
    printed = inside("run", remote, "--quiet")
    files = tmp_path / "out" / "remote"
    assert all_rows(f"{prefix}/store") == all_rows(tmp_path / "here" / "store")
    assert shard_bytes(files) == shard_bytes(tmp_path / "here")
    assert not (files / "store").exists() and str(files / "report.html") in printed
    assert "nothing to do" in inside("run", remote)
    shown = [inside("show", "--store", where) for where in (files, prefix, tmp_path / "here")]
    assert shown[0] == shown[1] and "key_facts" in shown[0] and shown[0].split()[:9] == shown[2].split()[:9]
    assert "never-to-be-printed" not in printed

    other = f"{prefix}-b"
    printed = inside("run", remote, "--out", other, "--quiet")
    assert "nothing to do" not in printed, "the files of the other store are not this one's"
    assert all_rows(f"{other}/store") == all_rows(f"{prefix}/store")
    (files / "tokenizer.json").unlink()
    inside("run", remote, "--out", other, "--quiet")
    assert shard_bytes(files) == shard_bytes(tmp_path / "here"), "another machine makes the files from the rows"


@pytest.mark.parametrize("where", ["disk", "object storage"])
def test_of_two_runs_of_one_recipe_at_once_the_second_refuses_or_takes_over(recipe, retold, prefix, tmp_path, where):
    """Kills: two runs that ask the same, a take-over that waits for the first, a fence that lets both write."""
    recipe.write_text(recipe.read_text("utf-8").replace("limit: 12", "limit: 5").replace(": 60", ": 15"), "utf-8")
    slow = recipe.with_name("slow.yaml")
    slow.write_text(recipe.read_text("utf-8").replace("latency: 0.01", "latency: 1.0, capacity: 1"), "utf-8")
    out = str(tmp_path / "out") if where == "disk" else prefix
    command = [sys.executable, "-m", "retold", "run", str(slow), "--out", out, "--quiet"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _until_it_asks(f"{out}/store")
        printed = retold("run", recipe, "--out", out, "--quiet", code=1)
        assert f"process {first.pid}" in printed and "--take-over" in printed
        assert first.poll() is None
        retold("run", recipe, "--out", out, "--quiet", "--take-over")
        _, errors = first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == 1 and b"taken over" in errors, errors.decode()
    retold("run", recipe, "--out", tmp_path / "quiet", "--quiet")
    assert all_rows(f"{out}/store") == all_rows(tmp_path / "quiet" / "store")


def _until_it_asks(store: str) -> None:
    from retold.core.errors import StoreError
    from retold.store import Store

    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if Store.open(store).dataset("completions").count_rows():
                return
        except StoreError:
            pass
        time.sleep(0.2)
    raise AssertionError("the first run does not ask")
