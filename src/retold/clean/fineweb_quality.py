"""FineWeb's own quality rules (Penedo et al. 2024, 2406.17557), as datatrove counts them.

Lines are those between "\\n" that are not blank. Signals: `fineweb.punctuated_lines` (share whose last character ends a
sentence in some script), `fineweb.short_lines` (share of at most 30 characters), `fineweb.duplicate_line_characters`
(characters of lines that stood before, of all but newlines) and `fineweb.newlines_per_word` (newlines a token).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retold.clean.entry import Numbers
from retold.text.characters import TERMINAL, classes
from retold.text.compiled import compiled
from retold.text.pieces import Pieces, lines, stripped
from retold.text.scan import Bytes, Classes, Texts, decode

if TYPE_CHECKING:
    from retold.clean.filters import FineWebQuality

NAMES = (
    "fineweb.punctuated_lines",
    "fineweb.short_lines",
    "fineweb.duplicate_line_characters",
    "fineweb.newlines_per_word",
)


def measure(texts: Texts, entry: FineWebQuality) -> dict[str, Numbers]:
    """The signals of some texts."""
    found = lines(texts)
    out = np.zeros((len(NAMES), len(texts)))
    _lines(texts.data, found, classes(), entry.short_line, out)
    newlines = np.diff(found.bounds) - 1
    out[2] /= np.maximum(texts.characters - newlines, 1)
    out[3] = newlines / np.maximum(texts.token_counts, 1)
    return dict(zip(NAMES, out, strict=True))


@compiled
def _lines(data: Bytes, found: Pieces, table: Classes, short: int, out: Numbers) -> None:
    bounds, starts, ends, characters, same = found.bounds, found.start, found.end, found.characters, found.same
    for text in range(len(bounds) - 1):
        first = bounds[text]
        count = 0
        for row in range(first, bounds[text + 1]):
            start, end = starts[row], ends[row]
            place, stop = stripped(data, start, end, table)
            if place == stop:
                continue
            count += 1
            last = end - 1
            while data[last] & 0xC0 == 0x80:
                last -= 1
            code, _ = decode(data, last, end)
            out[0, text] += int(table[code] & TERMINAL != 0)
            out[1, text] += int(characters[row] <= short)
            if same[row] != row - first:
                out[2, text] += characters[row]
        if count:
            out[0, text] /= count
            out[1, text] /= count
