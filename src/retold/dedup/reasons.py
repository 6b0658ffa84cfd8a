"""Why a document or a record is dropped as a duplicate: the closed list of this room."""

from __future__ import annotations

from retold.core.edit import EDITED, EDITED_MEANS

REASONS: dict[str, str] = {
    "exact_duplicate": "The same text is kept elsewhere.",
    "normalised_duplicate": "The same text, but for case, punctuation or white space, is kept elsewhere.",
    "near_duplicate": "A text that shares most of its word sequences is kept elsewhere.",
    "repeated_span": "Long runs of its words stand in other documents too, too many to cut them out.",
    EDITED: EDITED_MEANS,
}
