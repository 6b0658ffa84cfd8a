"""A tiny experiment: seconds on one core."""

from __future__ import annotations

from typing import Any

TINY: dict[str, Any] = {
    "name": "tiny",
    "question": "Does the machinery hold together?",
    "builder": "knowledge",
    "world": {"entities": 12},
    "arms": {"one": {"forms": 1}, "eight": {"forms": 8}},
    "control": "one",
    "primary": {"arm": "eight", "score": "held_out", "size": "small", "aim": "none"},
    "sizes": {"small": {"layers": 1, "width": 16}},
    "seeds": 2,
    "budget": 4096,
    "every": 1024,
    "training": {"batch": 4, "length": 32, "rate": 0.003, "warmup": 4},
}
