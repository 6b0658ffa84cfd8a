"""A disk that fills up stops a run with one message; given space, the same command ends as if nothing had happened."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from retold import cli
from support.compare import all_rows, shard_bytes


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 200 kB that can grow. Needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_cleanly_and_resumes(recipe, retold, inside, small_disk, tmp_path):
    """Kills: a traceback, a torn row or a half shard where a write fails."""
    out = small_disk / "out"
    stops = 0
    for size in (200, 350, 500, 60_000):
        subprocess.run(["mount", "-o", f"remount,size={size}k", str(small_disk)], check=True)
        if size < 60_000:
            printed = retold("run", recipe, "--out", out, "--quiet", code=1)
            assert "no space left" in printed and "free some space" in printed
            stops += 1
    inside("run", recipe, "--out", out, "--quiet")
    inside("run", recipe, "--out", tmp_path / "quiet", "--quiet")
    assert stops == 3
    assert all_rows(out / "store") == all_rows(tmp_path / "quiet" / "store")
    assert shard_bytes(out) == shard_bytes(tmp_path / "quiet")


def test_a_file_beside_the_store_that_finds_no_space_is_a_message_too(monkeypatch, capsys):
    """Kills: leaving it to Python, which prints a traceback."""

    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device", "out/made.json.new")

    monkeypatch.setattr(cli, "app", full)
    monkeypatch.setattr(sys, "argv", ["retold", "check", "recipe.yaml"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and "no space left to write out/made.json.new" in said and "free some space" in said
