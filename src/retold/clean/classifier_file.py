"""A trained quality classifier as one file: what it was made of, what it is worth, and its weights.

    line 1   retold classifier 2
    line 2   JSON: settings, seed, counts of examples, figures on the held-out part, digest of the weights
    rest     the weights, little-endian float32, one for each bucket

Nothing in it is code. Equal examples, settings and seed give equal bytes on one machine, so the file's digest
(BLAKE2b-128 of all of it), which is the classifier's identity in a recipe, changes only with what it does.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retold.core.errors import SourceError
from retold.core.fingerprint import canonical, digest_bytes
from retold.text.folding import UNICODE
from retold.text.logistic import Logistic

MAGIC = b"retold classifier "
VERSION = 2
HEADER = 1 << 16
AGAIN = "Train it again: retold classifier train."


@dataclass(frozen=True)
class Saved:
    """A classifier read from its file."""

    logistic: Logistic
    about: dict[str, Any]


def write(path: Path, logistic: Logistic, about: dict[str, Any]) -> str:
    """Write the file; its digest. An older file of that name is replaced as a whole."""
    weights = logistic.weights.astype("<f4").tobytes()
    head = {
        **about,
        "bias": logistic.bias,
        "buckets": len(logistic.weights),
        "unicode": UNICODE,
        "weights": digest_bytes(weights),
    }
    data = MAGIC + str(VERSION).encode() + b"\n" + canonical(head) + b"\n" + weights
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data)
    fresh.replace(path)
    return digest_bytes(data)


def parse(data: bytes, name: str) -> Saved:
    """The classifier in a file's bytes. Raises SourceError for anything but a whole file of this version."""
    first, _, rest = data.partition(b"\n")
    if not first.startswith(MAGIC):
        raise SourceError(f"{name} is not a classifier of retold", AGAIN)
    if first != MAGIC + str(VERSION).encode():
        raise SourceError(f"{name} has a format that this version of retold does not know", AGAIN)
    line, _, weights = rest.partition(b"\n")
    try:
        about = json.loads(line) if len(line) <= HEADER else None
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or about.get("weights") != digest_bytes(weights):
        raise SourceError(f"{name} is damaged: its weights are not those that were written", AGAIN)
    buckets, bias = about.get("buckets"), about.get("bias")
    if not isinstance(buckets, int) or buckets < 1 or len(weights) != 4 * buckets or not isinstance(bias, int | float):
        raise SourceError(f"{name} is damaged: it does not say how its weights are laid out", AGAIN)
    if about.get("unicode") != UNICODE:
        raise SourceError(f"{name} was trained with other tables of Unicode than this Python has", AGAIN)
    values = np.frombuffer(weights, "<f4").astype(np.float32)
    if not np.isfinite(values).all() or not math.isfinite(bias):
        raise SourceError(f"{name} is damaged: some weight is no number", AGAIN)
    return Saved(Logistic(values, float(bias)), about)
