"""From the paths of a recipe to the files they mean.

In: files, folders (searched all the way down), patterns with `*`, `?`, `[...]` and `**`, and addresses that fsspec
knows. Relative paths are relative to the recipe's folder. Hidden files are skipped; from folders only files whose
names tell how to read them are taken. Out: `Found` with the path to open, the address to record (relative to the
recipe's folder where the file lies inside it, so that the same project elsewhere records the same), and how to read
it.

A path that means nothing is SourceError, naming it, where it was looked for, and what is near.
"""

from __future__ import annotations

import difflib
import glob
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from retold.core.errors import SourceError, plainly
from retold.read.files import is_remote
from retold.read.settings import Source

_SUFFIXES = {
    "jsonl": (".jsonl", ".ndjson", ".json"),  # C4 and Dolma call their JSON lines .json.gz
    "parquet": (".parquet",),
    "text": (".txt", ".md", ".markdown", ".rst", ".text"),
    "html": (".html", ".htm", ".xhtml"),
    "warc": (".warc", ".wet", ".wat"),
}
_PACKED = (".gz", ".zst", ".lz4")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A file: where to open it, its address for the records, and how it is read."""

    path: str
    uri: str
    read: str


def kind_of(name: str) -> str:
    """How a file is read, by the end of its name; "" when the name does not tell."""
    lowered = name.lower()
    for packed in _PACKED:
        lowered = lowered.removesuffix(packed)
    return next((kind for kind, suffixes in _SUFFIXES.items() if lowered.endswith(suffixes)), "")


def locate(name: str, source: Source, base: Path) -> list[Found]:
    """Every file that the source called `name` means, each once, in order of address. Raises SourceError."""
    found: dict[str, Found] = {}
    for pattern in source.paths:
        entries = _remote(name, pattern) if is_remote(pattern) else _local(name, pattern, base)
        matched = False
        for path, uri, named in entries:
            kind = kind_of(path) if source.read == "auto" or not named else source.read
            if not named and (not kind or source.read not in ("auto", kind)):
                continue
            if not kind:
                raise SourceError(
                    f"source {name!r}: the name of {uri} does not tell how to read it",
                    "Say it: read: text (or jsonl, parquet, html, warc).",
                )
            matched = True
            found.setdefault(path, Found(path, uri, kind))
        if not matched:
            raise _nothing(name, pattern, base, source)
    return sorted(found.values(), key=lambda item: item.uri)


def passed_over(pattern: str, base: Path) -> Counter[str]:
    """Files of a local folder that are not read, since their names do not tell how: how many by the end of the name."""
    whole = base / Path(pattern).expanduser()
    if is_remote(pattern) or not whole.is_dir():
        return Counter()
    names = [path.name for path in _walk(whole)]
    return Counter(Path(name).suffix or "without an ending" for name in names if not kind_of(name))


def _local(name: str, pattern: str, base: Path) -> Iterator[tuple[str, str, bool]]:
    """(path, address, whether it was named rather than met in a folder)."""
    whole = base / Path(pattern).expanduser()
    entries = sorted(glob.glob(str(whole), recursive=True)) if glob.has_magic(pattern) else [str(whole)]  # noqa: PTH207
    try:
        for entry in entries:
            path = Path(entry)
            if path.is_dir():
                yield from ((str(inner), _address(inner, base), False) for inner in _walk(path))
            elif path.is_file():
                yield str(path), _address(path, base), True
    except OSError as error:
        raise SourceError(f"source {name!r}: {pattern!r} cannot be looked through: {plainly(error)}") from error


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        for inner in sorted(names):
            path = Path(where) / inner
            if not inner.startswith(".") and path.is_file():
                yield path


def _address(path: Path, base: Path) -> str:
    """The path for people and records: relative to the recipe's folder where it lies inside, always with "/"."""
    absolute = Path(os.path.normpath(path.absolute()))
    home = Path(os.path.normpath(base.absolute()))
    shown = absolute.relative_to(home) if absolute.is_relative_to(home) else absolute
    return os.fsencode(shown.as_posix()).decode("utf-8", "replace")


def _remote(name: str, pattern: str) -> Iterator[tuple[str, str, bool]]:
    try:
        system, path = fsspec.core.url_to_fs(pattern)
        for entry, named in _remote_entries(system, path):
            url = str(system.unstrip_protocol(entry))
            yield url, _without_password(url), named
    except SourceError:
        raise
    except Exception as error:  # each file system behind fsspec has errors of its own kind
        raise SourceError(
            f"source {name!r}: {pattern!r} cannot be reached: {type(error).__name__}: {error}",
            "Check the address, the network, and that the package for this protocol is installed (s3fs, gcsfs).",
        ) from error


def _remote_entries(system: Any, path: str) -> Iterator[tuple[str, bool]]:
    for entry in sorted(system.glob(path)) if glob.has_magic(path) else [path]:
        if system.isfile(entry):
            yield entry, True
        elif system.isdir(entry):
            yield from ((inner, False) for inner in sorted(system.find(entry)))


def _without_password(url: str) -> str:
    protocol, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return protocol + mark + host.rpartition("@")[2] + slash + path


def _nothing(name: str, pattern: str, base: Path, source: Source) -> SourceError:
    if is_remote(pattern):
        return SourceError(f"source {name!r}: nothing is at {pattern!r}", "Check the address.")
    whole = base / Path(pattern).expanduser()
    if whole.is_dir():
        kinds = ", ".join(sorted(_SUFFIXES[source.read])) if source.read in _SUFFIXES else "a name that tells its kind"
        return SourceError(
            f"source {name!r}: no file in the folder {pattern!r} (looked from {base}) has {kinds}",
            "Name the files by a pattern (FOLDER/*), and say how to read them (read: text).",
        )
    return SourceError(f"source {name!r}: nothing matches {pattern!r} (looked from {base})", _near(whole))


def _near(whole: Path) -> str:
    """What stands where the path leaves what exists: close names first, then the first few."""
    existing = whole
    missing = whole.name
    while not existing.is_dir():
        missing = existing.name
        existing = existing.parent
    try:
        names = sorted(entry.name for entry in existing.iterdir() if not entry.name.startswith("."))
    except OSError:
        names = []
    if not names:
        return f"The folder {existing} is empty."
    close = difflib.get_close_matches(missing, names, _SHOWN, 0.5)
    if close:
        return f"Did you mean {' or '.join(close)}, in {existing}?"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{existing} holds {', '.join(names[:_SHOWN])}{more}."
