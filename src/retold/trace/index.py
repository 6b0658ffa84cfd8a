"""The index of what a recipe made: a segment for each packed shard, made when it is missing or out of date.

    index.json       which segments there are, and of which files
    SEGMENT/         see `segment.py`

It lies in the folder `trace` beside the store. Each segment is named by the digest of its shard's bytes and of the
tokenizer, so new shards are indexed alone, shards that did not change are not, and one that is gone loses its segment.
Where a recipe packs nothing, the documents that it kept are indexed, a segment for each part and 32 MB.

Building takes a process for each worker and the memory of one segment each (about 500 MB at the most). Searching is
spread over threads, which wait for pages of the files while others do.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retold.core.fingerprint import digest
from retold.core.step import View
from retold.pack.files import write_whole
from retold.trace.alphabet import Alphabet, Encoded, Tokens, Utf8
from retold.trace.segment import Segment, write
from retold.trace.sources import Source, documents_of, rows_of, shards_of
from retold.workers import Done, Workers

FOLDER = "trace"
INDEX = "index.json"
LOCK = "lock"
FORMAT = 1
THREADS = 16
Told = Callable[[str], None]


@dataclass(frozen=True)
class Listed:
    """A segment in `index.json`: its name, the shard it was made from, and its tokens."""

    name: str
    source: str
    tokens: int


class Index:
    """Open segments and what their tokens are. Use with `with`, or `close` it."""

    def __init__(self, alphabet: Alphabet, segments: Sequence[Segment]) -> None:
        self.alphabet = alphabet
        self.segments = tuple(segments)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="trace")

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    @cached_property
    def tokens(self) -> int:
        """All tokens, borders left out."""
        return int(self.counts.sum())

    @property
    def bytes(self) -> int:
        """On disk."""
        return sum(segment.bytes for segment in self.segments)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How often each id stands in the corpus; the border, which is the last, does not count."""
        found = np.zeros(self.alphabet.size + 1, np.int64)
        for segment in self.segments:
            found += np.diff(segment.begins)
        found[-1] = 0
        return found

    def longest(self, encoded: Encoded, reach: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """For each token of a text, how many from it on stand somewhere in the corpus; at most `reach` of them."""
        count = len(encoded)
        most = np.arange(count, 0, -1) if reach is None else reach
        width = max(32, -(-count * max(1, len(self.segments)) // THREADS))
        tasks = [
            (segment, start, min(start + width, count)) for segment in self.segments for start in range(0, count, width)
        ]

        def run(task: tuple[Segment, int, int]) -> tuple[int, NDArray[np.int64]]:
            segment, first, last = task
            lengths = np.zeros(count, np.int64)
            segment.longest(encoded.ids, most, (first, last), lengths)
            return first, lengths[first:last]

        lengths = np.zeros(count, np.int64)
        for first, part in self._threads.map(run, tasks):
            np.maximum(lengths[first : first + len(part)], part, out=lengths[first : first + len(part)])
        return lengths

    def ranges(self, ids: NDArray[np.int64]) -> list[tuple[int, int, int]]:
        """The numbers of the segments that hold these tokens side by side, each with the range of its order."""
        if not len(ids):
            return []
        found = ((number, *segment.found(ids, 0, len(ids))) for number, segment in enumerate(self.segments))
        return [(number, low, high) for number, low, high in found if high > low]

    def found(self, ids: NDArray[np.int64]) -> list[tuple[Segment, int, int]]:
        """The same with the segments themselves."""
        return [(self.segments[number], low, high) for number, low, high in self.ranges(ids)]

    def count(self, ids: NDArray[np.int64]) -> int:
        """How often these tokens stand side by side."""
        return sum(high - low for _, low, high in self.found(ids))


def alphabet_of(folder: Path, end_of_text: str | None) -> Alphabet:
    """The tokenizer of what was packed there, or bytes where nothing is packed (`end_of_text` is None)."""
    return Utf8() if end_of_text is None else Tokens.of(folder, end_of_text)


def listed(folder: Path) -> dict[str, Listed]:
    """The segments of the index in `folder / "trace"`, by name. Empty where there is none or of another format."""
    try:
        content = json.loads((folder / FOLDER / INDEX).read_text("utf-8"))
        if content["format"] != FORMAT:
            return {}
        return {row["name"]: Listed(**row) for row in content["segments"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


@contextmanager
def alone(folder: Path, told: Told) -> Iterator[None]:
    """Only one process makes the index of a folder; another one waits, and finds it made."""
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    with (place / LOCK).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told("index     another process is making it: waiting")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def update(folder: Path, sources: Sequence[Source], alphabet: Alphabet, workers: Workers, told: Told) -> list[Listed]:
    """Bring the index to these sources: make what is missing, drop what belongs to none. Returns what is there.

    The caller is `alone`.
    """
    place = folder / FOLDER
    known = listed(folder)
    wanted = [Listed(name_of(source, alphabet), source.label, source.tokens) for source in sources]
    missing = [
        (place, source, alphabet)
        for one, source in zip(wanted, sources, strict=True)
        if one.name not in known or not (place / one.name).is_dir()
    ]
    if missing:
        tokens = sum(source.tokens for _, source, _ in missing)
        told(f"index     {len(missing):,} of {len(wanted):,} segments to make, {tokens:,} tokens")
    for _, result in workers.stream(_make, missing):
        if not isinstance(result, Done):
            told(f"index     {result}")
    if missing or list(known.values()) != wanted:
        content = {"format": FORMAT, "segments": [asdict(one) for one in wanted]}
        write_whole(place / INDEX, (json.dumps(content, indent=1) + "\n").encode())
    drop(folder, keep={one.name for one in wanted})
    return wanted


def drop(folder: Path, keep: set[str]) -> None:
    """Remove every segment, finished or not, that is not to be kept."""
    for path in (folder / FOLDER).iterdir() if (folder / FOLDER).is_dir() else ():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path)


def open_index(folder: Path, found: Sequence[Listed], alphabet: Alphabet) -> Index:
    """The segments, memory-mapped. Raises RetoldError for one that cannot be read."""
    return Index(alphabet, [Segment(folder / FOLDER / one.name) for one in found])


def name_of(source: Source, alphabet: Alphabet) -> str:
    """The name of the segment of a source."""
    return digest("trace segment", FORMAT, alphabet.name, source.identity)


def sources_of(view: View, *, packed: bool) -> list[Source]:
    """What is to be indexed: packed shards, or the documents that were kept where nothing is packed."""
    return shards_of(view.folder) if packed else documents_of(view)


def _make(task: tuple[Path, Source, Alphabet]) -> Iterator[str]:
    folder, source, alphabet = task
    write(folder, name_of(source, alphabet), rows_of(source, alphabet), alphabet.size, source.tokens)
    yield f"{source.label}: {source.tokens:,} tokens"
