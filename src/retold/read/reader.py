"""From a pinned part to its records: the one way in which every later step reads.

In: a `Part` made by `read/pin.py` and the settings of its source. Out: `Raw` or `Verdict`, streaming, each with an
id that occurs once in the part: what comes later under an id that was met before is a verdict (`repeated_record`),
so that an id always names one thing. Data whose ids are not unique should say `id: ''`, which takes the digest of
the content instead.

Memory: one document, and about 90 bytes for each record of the part (its digest in a set), however many parts there
are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from retold.core.document import record_id
from retold.core.step import Part
from retold.core.verdict import Verdict, drop
from retold.read import html, jsonl, parquet, python_docs, text, warc
from retold.read.raw import File, Raw
from retold.read.settings import Source

Reader = Callable[[File, str, Source], Iterator[Raw | Verdict]]

READERS: dict[str, Reader] = {
    "jsonl": jsonl.read,
    "parquet": parquet.read,
    "text": text.read,
    "html": html.read,
    "warc": warc.read,
    "python_docs": python_docs.read,
}
"""How each kind of file is read: a new format is a file in this room and a line here."""


def files(part: Part) -> list[File]:
    """The files of a part, in the order in which they are read (by content, never by name)."""
    return [File(**{**plain, "uris": tuple(plain["uris"])}) for plain in part.options["files"]]


def read(part: Part, source: Source) -> Iterator[Raw | Verdict]:
    """The records of a part, and verdicts on what could not become one. Raises SourceError when the disk fails."""
    items = _once(_all(part, source), part.source)
    limit = part.options.get("limit")
    if limit is None:
        yield from items
        return
    count = 0
    while count < limit and (item := next(items, None)) is not None:
        count += isinstance(item, Raw)
        yield item


def licence_of(parts: Iterable[Part], source: Source) -> str | None:
    """The licence that all records of a source have, as can be told before it is read; None where each may state its
    own. Empty: its files are of a kind that cannot state any, and the recipe states none."""
    if isinstance(source.licence, str):
        return source.licence
    if source.read == "python_docs":
        return python_docs.LICENCE
    return "" if all(file.read == "text" for part in parts for file in files(part)) else None


def _all(part: Part, source: Source) -> Iterator[Raw | Verdict]:
    for file in files(part):
        yield from READERS[file.read](file, part.source, source)


def _once(items: Iterator[Raw | Verdict], source: str) -> Iterator[Raw | Verdict]:
    seen: set[bytes] = set()
    again: Counter[str] = Counter()
    for item in items:
        subject = item.record.record_id if isinstance(item, Raw) else item.subject
        token = bytes.fromhex(subject)
        if token not in seen:
            seen.add(token)
            yield item
            continue
        again[subject] += 1
        other = record_id(source, f"{subject}#{again[subject]}")
        if isinstance(item, Raw):
            yield drop(other, "record", "repeated_record", item.record.key)
        else:
            yield drop(other, "record", item.reason, item.detail)


def documents(part: Part, source: Source, most: int) -> int:
    """How many records a part gives, counting no further than `most`."""
    return sum(1 for _ in islice((item for item in read(part, source) if isinstance(item, Raw)), most))
