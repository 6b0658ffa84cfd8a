"""The body of an HTTP answer, unpacked: chunks first, then each content encoding, never beyond a limit.

Crawlers often keep the headers of a body that they have unpacked themselves, so a body that cannot be unpacked but
looks like markup as it stands is taken as it stands.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import zstandard
from fastwarc.stream_io import BrotliReader, ChunkedReader

from retold.read import limits


class BadBody(Exception):
    """The body cannot be unpacked as its headers say."""


class TooBig(Exception):
    """The body unpacks to more than the limit."""


def unpacked(data: bytes, transfer: str | None, content: str | None, limit: int) -> bytes:
    """`data` without transfer and content encodings. Raises BadBody, TooBig (more than `limit` bytes)."""
    codings = [item.strip().lower() for item in f"{content or ''},{transfer or ''}".split(",")]
    codings = [item for item in codings if item not in ("", "identity", "utf-8", "none")]
    if len(codings) > limits.ENCODINGS:
        raise BadBody(f"{len(codings):,} encodings around each other")
    for coding in reversed(codings):
        if coding not in _CODINGS:
            if _is_markup(data):
                continue
            raise BadBody(f"unknown encoding {coding[:40]!r}")
        try:
            data = _CODINGS[coding](data, limit + 1)
        except (OSError, ValueError, zlib.error, zstandard.ZstdError) as error:
            if not _is_markup(data):
                raise BadBody(f"{coding}: {error}") from error
        if len(data) > limit:
            raise TooBig(f"more than {limit:,} bytes when unpacked")
    if len(data) > limit:
        raise TooBig(f"{len(data):,} bytes")
    return data


def _is_markup(data: bytes) -> bool:
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _zlib(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(47).decompress(data, limit)
    except zlib.error:
        return zlib.decompressobj(-15).decompress(data, limit)  # deflate without its wrapper, as some servers send it


def _brotli(data: bytes, limit: int) -> bytes:
    return _drained(BrotliReader(io.BytesIO(data)).read, limit)


def _chunked(data: bytes, limit: int) -> bytes:
    return _drained(ChunkedReader(io.BytesIO(data)).read, limit)


def _zstd(data: bytes, limit: int) -> bytes:
    return _drained(zstandard.ZstdDecompressor().stream_reader(data).read, limit)


def _drained(read: Callable[[int], bytes], limit: int) -> bytes:
    pieces, left = [], limit
    while left > 0 and (piece := read(min(left, 1 << 16))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


_CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "chunked": _chunked,
    "gzip": _zlib,
    "x-gzip": _zlib,
    "deflate": _zlib,
    "br": _brotli,
    "zstd": _zstd,
}
