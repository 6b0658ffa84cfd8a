"""Experiment files for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support.experiments import TINY


@pytest.fixture
def written(tmp_path: Path):
    """`written(**changes)` writes the tiny experiment with these keys changed, in a folder of its own."""

    def write(folder: str = "a", **changes: Any) -> Path:
        path = tmp_path / folder / "experiment.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({**TINY, **changes}, sort_keys=False), "utf-8")
        return path

    return write
