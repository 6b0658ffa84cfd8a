"""Why a document is dropped as contaminated: the closed list of this room."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "contaminated": "It holds an item of an evaluation set: a model that reads it would be tested on what it has read.",
    "contaminated_often": "It shares too much with evaluation sets to be cut: more than ten pieces, or 1,000 spans.",
}
