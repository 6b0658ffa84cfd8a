"""Why a document is not selected: the closed list of this room."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "not_selected": "Within the budget of tokens other documents are more like the target.",
}
