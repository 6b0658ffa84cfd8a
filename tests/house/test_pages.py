"""Pages that are made from the code are the code's."""

from __future__ import annotations

import os
from pathlib import Path

from retold.report.keys import markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "recipe.md"


def test_the_page_is_as_the_settings_are():
    """Kills: a key that is added, renamed or given another default without its page (RETOLD_GOLDEN=write writes it)."""
    if os.environ.get("RETOLD_GOLDEN") == "write":
        PAGE.write_text(markdown(), "utf-8")
    assert markdown() == PAGE.read_text("utf-8")
