"""Every reason a room can give is declared, explained once, and never in two ways."""

from __future__ import annotations

import importlib
from pathlib import Path

from retold.core.verdict import merge_reasons

SOURCE = Path(__file__).resolve().parents[2] / "src" / "retold"


def test_reasons_are_a_closed_list_that_explains_itself():
    """Kills: one code with two explanations, or a code that a person cannot read."""
    rooms = [path.parent.name for path in SOURCE.glob("*/reasons.py")]
    assert {"read", "clean", "dedup", "styles", "rephrase", "verify"} <= set(rooms)
    merged = merge_reasons(*(importlib.import_module(f"retold.{room}.reasons").REASONS for room in rooms))
    for code, sentence in merged.items():
        assert code.replace("_", "").isalnum() and code.islower()
        assert sentence[0].isupper() and sentence.endswith(".") and len(sentence.split()) >= 4, (code, sentence)
