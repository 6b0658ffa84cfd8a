"""How much is traced at once, apart from `trace.py` so that the command line knows it without the rooms that trace."""

from __future__ import annotations

from retold.core.errors import RetoldError

DOCUMENTS = 10
"""For each span, unless said otherwise."""
MOST_CHARACTERS = 1_000_000
"""Of one text, a book. In a hundred million tokens 400,000 took 26 to 64 s."""


def too_long(what: str) -> RetoldError:
    """What to do with a text that is longer than can be traced in one go."""
    return RetoldError(
        f"{what}: too long to trace in one go",
        f"cut it into pieces of at most {MOST_CHARACTERS:,} characters: "
        "split -C 1000000 FILE piece-, then retold trace piece-aa",
    )
