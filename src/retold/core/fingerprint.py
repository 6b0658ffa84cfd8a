"""Stable digests: the only way that ids and fingerprints are made.

Canonical JSON (sorted keys, no spaces, UTF-8) under BLAKE2b-128, written as 32 hex characters. A value without a
stable form (a callable, a set, a default object) raises instead of being hashed by accident, and NaN is refused, so an
identity can never depend on a memory address or on iteration order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress

import orjson

DIGEST_BYTES = 16


def _plain(value: object, path: str) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise TypeError(f"{path or 'value'} is {value}, which has no canonical form")
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{path or 'value'} has the key {key!r}; only text keys have a canonical form")
        return {key: _plain(inner, f"{path}.{key}") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, f"{path}[{index}]") for index, inner in enumerate(value)]
    raise TypeError(
        f"{path or 'value'} is a {type(value).__name__}, which has no canonical form: name it by text or number"
    )


def canonical(value: object) -> bytes:
    """Canonical JSON of `value` as UTF-8 bytes. Raises TypeError for anything without a stable form."""
    return json.dumps(
        _plain(value, ""), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8", "surrogatepass")


def digest(*values: object) -> str:
    """BLAKE2b-128 of the canonical form of `values`, as 32 hex characters."""
    return digest_bytes(_written(list(values)))


def _written(values: list[object]) -> bytes:
    """`canonical`, by orjson where there are texts alone, whose JSON is the same there."""
    if _of_texts(values):
        with suppress(orjson.JSONEncodeError):  # half a surrogate pair
            return orjson.dumps(values)
    return canonical(values)


def _of_texts(values: list[object]) -> bool:
    return all(type(value) is str or (type(value) is list and _of_texts(value)) for value in values)


def digest_text(head: list[object], text: str) -> str:
    """`digest(*head, text)`, five times as fast for a long text: JSON has one way to write it, orjson's too."""
    try:
        written = orjson.dumps(text)
    except orjson.JSONEncodeError:  # half a surrogate pair
        return digest(*head, text)
    return digest_bytes(_written(head)[:-1], b"," if head else b"", written, b"]")


def digest_bytes(*pieces: bytes) -> str:
    """BLAKE2b-128 of raw bytes, one piece after the other, as 32 hex characters."""
    found = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def uniform(*values: object) -> float:
    """A number in [0, 1) drawn from the digest of `values`: choices that depend on ids and on nothing else."""
    return int(digest(*values)[:13], 16) / float(1 << 52)
