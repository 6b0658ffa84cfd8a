"""A small supervised fastText model, written from the layout of its file (version 12): no trainer is needed.

Header of twelve 32-bit numbers and a double, the dictionary (words, then labels, each ended by a zero byte with count
and type), then the input and the output matrix, each a flag, two 64-bit sizes and 32-bit floats in rows.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

SOFTMAX, SUPERVISED = 3, 3


def write_model(path: Path, words: Mapping[str, Sequence[float]], labels: Mapping[str, Sequence[float]]) -> None:
    """Vectors of words and of labels. A text's vector is the mean of its words', its probabilities the softmax."""
    size = len(next(iter(words.values())))
    arguments = (size, 5, 5, 1, 5, 1, SOFTMAX, SUPERVISED, 0, 0, 0, 100)
    data = struct.pack("<ii12id", 793712314, 12, *arguments, 1e-4)
    data += struct.pack("<iiiqq", len(words) + len(labels), len(words), len(labels), len(words), -1)
    for kind, names in enumerate((words, labels)):
        for name in names:
            data += name.encode() + b"\0" + struct.pack("<qb", 1, kind)
    for vectors in (words, labels):
        data += struct.pack("<?qq", False, len(vectors), size)
        data += b"".join(struct.pack(f"<{size}f", *vector) for vector in vectors.values())
    path.write_bytes(data)
