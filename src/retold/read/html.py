"""HTML files: one file, one record, known by the digest of its bytes.

The bytes are handed on as they are; which encoding they are in and what of them is text is decided in
`clean/extract.py`, as for pages from archives.
"""

from __future__ import annotations

from collections.abc import Iterator

from retold.core.document import Record, record_id
from retold.core.verdict import Verdict
from retold.read.raw import HTML, File, Raw, content_key, unreadable
from retold.read.settings import Column, Source
from retold.read.whole import load


def read(file: File, name: str, source: Source) -> Iterator[Raw | Verdict]:
    """The one record of an HTML file. Raises SourceError when the file itself cannot be read."""
    data = load(file, name, source)
    if isinstance(data, Verdict):
        yield data
        return
    if not data:
        yield unreadable(name, file, "", "empty")
        return
    key = content_key(data)
    record = Record(
        record_id=record_id(name, key),
        source=name,
        key=key,
        uri=file.uris[0],
        media_type=HTML,
        bytes=len(data),
        licence="" if isinstance(source.licence, Column) else source.licence or "",
    )
    yield Raw(record, data, file.uris)
