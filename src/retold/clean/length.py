"""How long a document is, in characters and in words (as `text/words.py` cuts them).

Measured on every document, whether bounds are set or not: reports need it, and new bounds then judge without the
text.
"""

from __future__ import annotations

import numpy as np

from retold.clean.entry import Numbers
from retold.text.scan import Texts


def measure(texts: Texts) -> dict[str, Numbers]:
    """`characters` and `words`."""
    return {"characters": texts.characters.astype(np.float64), "words": texts.words.astype(np.float64)}
