"""Pinning: from what a recipe names to the parts of a run, known by their content.

In: a source's settings and the recipe's folder. Out: parts in order of their names. The name of a part is a digest
of the source's name and of the content of its files, so neither the names, the places nor the order of files changes
anything:

    local, up to 256 MB     the digest of all bytes
    local, larger           size, first and last 64 kB, and time of change (reading a terabyte to plan is no option)
    remote                  what the file system calls its unique key (usually address, size and an entity tag)

Files below 4 MB are gathered into at most 16 parts by the first digit of their digest, so a folder of 100,000 small
files is 16 parts. Files of equal content are read once and keep all their addresses. A source's `limit` is dealt out
here, by reading that many records once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fsspec

from retold.core.errors import SourceError, plainly
from retold.core.fingerprint import DIGEST_BYTES, digest
from retold.core.step import Part
from retold.read import python_docs
from retold.read.files import CHUNK, is_remote
from retold.read.locate import Found, locate
from retold.read.raw import File
from retold.read.reader import documents
from retold.read.settings import Source

WHOLE = 256_000_000
SMALL = 4_000_000


def pin(name: str, source: Source, base: Path) -> list[Part]:
    """The parts of the source called `name`. Raises SourceError for a path that means nothing or cannot be read."""
    if source.read == "python_docs":
        parts = [_part(name, [python_docs.pinned()])]
    else:
        parts = _gather(name, _merge(_pinned(found) for found in locate(name, source, base)))
    return parts if source.limit is None else _limited(parts, source, source.limit)


def _pinned(found: Found) -> File:
    try:
        size, content = _remote_digest(found.path) if is_remote(found.path) else _local_digest(Path(found.path))
    except Exception as error:  # the disk, or any file system behind fsspec
        raise SourceError(
            f"{found.uri} cannot be read: {plainly(error)}", "Check that it is still there and readable."
        ) from error
    return File(found.path, found.read, digest(found.read, content), size, (found.uri,))


def _local_digest(path: Path) -> tuple[int, str]:
    status = path.stat()
    hasher = hashlib.blake2b(digest_size=DIGEST_BYTES)
    with path.open("rb") as file:
        if status.st_size <= WHOLE:
            while chunk := file.read(1 << 20):
                hasher.update(chunk)
            return status.st_size, hasher.hexdigest()
        hasher.update(file.read(CHUNK))
        file.seek(-CHUNK, 2)
        hasher.update(file.read(CHUNK))
    return status.st_size, digest("ends", status.st_size, hasher.hexdigest(), status.st_mtime_ns)


def _remote_digest(url: str) -> tuple[int, str]:
    system: Any
    system, path = fsspec.core.url_to_fs(url)
    size = int(system.size(path) or 0)
    return size, digest("remote", size, str(system.ukey(path)))


def _merge(files: Iterable[File]) -> list[File]:
    """One file for each content, with all its addresses."""
    merged: dict[str, File] = {}
    for file in files:
        known = merged.get(file.digest)
        uris = tuple(sorted({*file.uris, *(known.uris if known else ())}))
        merged[file.digest] = File((known or file).path, file.read, file.digest, file.bytes, uris)
    return [merged[key] for key in sorted(merged)]


def _gather(name: str, files: list[File]) -> list[Part]:
    buckets: dict[str, list[File]] = {}
    for file in files:
        buckets.setdefault(file.digest if file.bytes >= SMALL else file.digest[0], []).append(file)
    return sorted((_part(name, members) for members in buckets.values()), key=lambda part: part.name)


def _part(name: str, members: list[File]) -> Part:
    """Members come in order of their digests."""
    return Part(
        name=digest("part", name, [file.digest for file in members]),
        source=name,
        uris=tuple(uri for file in members for uri in file.uris),
        bytes=sum(file.bytes for file in members),
        options={"files": [file.plain() for file in members]},
    )


def _limited(parts: list[Part], source: Source, limit: int) -> list[Part]:
    """The first parts that together give `limit` records, the last of them cut."""
    chosen = []
    for part in parts:
        if limit <= 0:
            break
        count = documents(part, source, limit)
        chosen.append(Part(part.name, part.source, part.uris, part.bytes, {**part.options, "limit": limit}))
        limit -= count
    return chosen
