"""Which stage wrote the files beside the store."""

from __future__ import annotations

from pathlib import Path

from retold.runner.made import forget, made_by, remember


def test_before_a_stage_writes_none_of_its_files_counts(tmp_path: Path) -> None:
    """Kills: forgetting the first of its files alone, so that another stage takes a half-written one for whole."""
    for name in ("one", "two", "three"):
        (tmp_path / name).write_text("x")
    remember(tmp_path, ("one", "two"), "a")
    remember(tmp_path, ("three",), "b")
    assert made_by(tmp_path, ("one", "two"), "a") and not made_by(tmp_path, ("one", "three"), "a")
    forget(tmp_path, ("one", "two"))
    assert [made_by(tmp_path, (name,), "a") for name in ("one", "two")] == [False, False]
    assert made_by(tmp_path, ("three",), "b")
    forget(tmp_path, ())
    assert made_by(tmp_path, ("three",), "b")
    (tmp_path / "three").unlink()
    assert not made_by(tmp_path, ("three",), "b")
