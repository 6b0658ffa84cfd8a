"""Why an item that a builder made does not become a document: the closed list of this room.

A builder whose own verifier refuses an item has a fault; it is counted and can be looked at, and is never data.
"""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "prompt_changed": "Its text does not begin with its question.",
    "step_wrong": "A step that should be right is missing, wrong or out of order.",
    "answer_wrong": "Its answer is not the one that the question has.",
    "not_one_correction": "It does not correct exactly one error exactly once.",
    "no_error": "What is marked as wrong is right.",
    "mask_misplaced": "What is marked as wrong is not a whole line of it, or does not stand before its correction.",
    "words_unknown": "A line of it is neither a step nor one that the builder can say.",
    "not_in_registry": "What it says of a member of a list is not what the list says.",
    "claim_unmarked": "The planted claim is not in the retelling, or stands in the source.",
}
