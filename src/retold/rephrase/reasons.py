"""Why a retelling was not made: the closed list of this room.

What an engine did not finish is never data; what it wrote all the same is kept beside the verdict, for people to look
at. The shape of an answer is judged by the reasons of the room `styles`, its truth by those of `verify`.
"""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "nothing_to_say": "The rule found nothing in the passage that it could retell.",
    "failed": "The engine gave no answer, however often it was asked.",
    "cut_off": "The answer reached its token limit before it ended.",
    "unlikely": "The model itself held for improbable what it wrote.",
    "filtered": "The provider of the model withheld the answer or a part of it.",
    # Shared with `verify`, which says so of what was made all the same.
    "not_english": "Its source is not in English, which is all that the checks for a small model read.",
    "no_plain_clause": "By rule nothing can be asked or told of its sentences, and a small model may say nothing else.",
    "no_sentence_retold": "Of no sentence of the passage was an answer accepted; each verdict counts why.",
}
