"""How long a document is, in characters and in words (as `text/words.py` cuts them).

Measured on every document, whether bounds are set or not: reports need it, and new bounds then judge without the
text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retold.clean.entry import Numbers
from retold.text.words import words


def measure(texts: Sequence[str]) -> dict[str, Numbers]:
    """`characters` and `words`."""
    return {
        "characters": np.array([len(text) for text in texts], np.float64),
        "words": np.array([len(words(text)) for text in texts], np.float64),
    }
