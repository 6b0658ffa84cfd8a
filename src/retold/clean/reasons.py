"""Why a document is dropped while it is cleaned: the closed list of this room."""

from __future__ import annotations

from retold.core.edit import EDITED, EDITED_MEANS
from retold.read.reasons import REASONS as READ

REASONS: dict[str, str] = {
    EDITED: EDITED_MEANS,
    "empty": READ["empty"],
    "too_complex": "Its elements are nested so deeply, or have so many attributes, that parsing would take minutes.",
    "unreadable_page": "The page cannot be parsed.",
    "wrong_language": "Another language than those asked for is more probable.",
    "language_unsure": "The language is one of those asked for, but with too little certainty.",
    "too_short": "It is shorter than the limit.",
    "too_long": "It is longer than the limit.",
    "holds_personal_data": "It holds personal data or secrets of a kind, or in a number, that was not allowed.",
}
