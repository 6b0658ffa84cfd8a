"""What the system refuses is said in words: which file, why, and what to do."""

from __future__ import annotations

import errno
import sys

import pytest

from retold import cli


@pytest.mark.parametrize(
    "words",
    [
        ("measure", "none.yaml"),
        ("measure", "folder"),
        ("check", "none.yaml"),
        ("check", "folder"),
        ("verify", "calibrate", "--on", "none.json"),
        ("styles", "./none.md"),
        ("styles", "./folder/"),
        ("trace", "folder"),
        ("forget", "--match", "none.txt"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(words, tmp_path, monkeypatch, capsys):
    """Kills: the number and the path that Python puts before and behind a reason."""
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["retold", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code in (1, 2) and "Errno" not in said and "Traceback" not in said
    assert said.startswith("retold: ") and said.count("\n") >= 2, said


def test_a_folder_that_may_not_be_written_is_a_message(monkeypatch, capsys):
    """Kills: a traceback for a file of somebody else's."""

    def refused(**_):
        raise PermissionError(errno.EACCES, "Permission denied", "out/recipe.path")

    monkeypatch.setattr(cli, "app", refused)
    monkeypatch.setattr(sys, "argv", ["retold", "check", "recipe.yaml"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and "retold: out/recipe.path: Permission denied\n" in said
