"""Fixtures of this room: styles of a user's own, and an engine that answers from a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from retold.engines import EngineSettings
from retold.styles.style import Style, load
from support.corpus_of_rephrase import FACTS, PROSE, SENTENCES


@pytest.fixture
def own_styles(tmp_path: Path) -> dict[str, Style]:
    """Three styles of a user, by the paths under which a recipe names them."""
    for name, text in (("facts.md", FACTS), ("prose.md", PROSE), ("sentences.md", SENTENCES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: load(name, tmp_path) for name in ("facts.md", "prose.md", "sentences.md")}


@pytest.fixture
def scripted() -> EngineSettings:
    """An engine that answers from a script."""
    return EngineSettings.model_validate({"scripted": {"seed": 3}})
