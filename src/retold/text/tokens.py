"""An estimate of the tokens of a text, without a tokenizer.

Words are counted by length, digits in threes, other signs one by one, letters beyond ASCII by their bytes; spaces are
free (byte-pair encodings glue them to the word), line breaks cost one, however many follow each other.

Trade-off, measured against byte-level encodings trained on one half of a corpus and applied to windows of 1,200
characters of the other: English prose, 16,000 entries: 5 % too many in the mean, 90 % of windows between -3 % and +15
%. An encoding trained on prose splits code and reference documentation more finely: 23 % too few there. About 8
million characters a second. Where a recipe's budget is counted, its own tokenizer counts; this is for cutting and
planning.
"""

from __future__ import annotations

import re

# A word has a token for every seven letters begun, so that in ASCII every match is one token.
_ASCII = re.compile(r"[A-Za-z]{1,7}|\d{1,3}|\n\s*|[^\sA-Za-z0-9]")
_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|\n\s*|[^\sA-Za-z0-9]")


def count(text: str) -> int:
    """About how many byte-pair tokens `text` has; 0 for text without a printed character."""
    if text.isascii():
        return len(_ASCII.findall(text))
    total = 0
    for piece in _PIECE.findall(text):
        if piece.isascii():
            total += 1 + (len(piece) - 1) // 7 if piece.isalpha() else 1
        else:
            total += (len(piece.encode("utf-8", "surrogatepass")) + 1) // 2
    return total
