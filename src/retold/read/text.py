"""Plain text, Markdown and reStructuredText: one file, one record, known by the digest of its text.

A file that is not UTF-8, holds NUL characters (it is no text then) or is larger than `max_bytes` is a verdict. A
byte order mark is taken off. Markdown is kept as it is; its first heading becomes the title.
"""

from __future__ import annotations

from collections.abc import Iterator

from retold.core.document import Record, record_id
from retold.core.verdict import Verdict
from retold.read.raw import PLAIN, File, Raw, content_key, one_line, text_problem, unreadable
from retold.read.settings import Column, Source
from retold.read.whole import load

_MEDIA = {".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst"}


def read(file: File, name: str, source: Source) -> Iterator[Raw | Verdict]:
    """The one record of a text file. Raises SourceError when the file itself cannot be read."""
    data = load(file, name, source)
    if isinstance(data, Verdict):
        yield data
        return
    if b"\0" in data:
        yield unreadable(name, file, "", "nul_characters", f"first at byte {data.index(0)}")
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield unreadable(name, file, "", "not_utf8", f"first at byte {error.start}")
        return
    problem = text_problem(text, source.max_bytes)
    yield unreadable(name, file, "", *problem) if problem else _raw(text, len(data), name, source, file)


def _raw(text: str, size: int, name: str, source: Source, file: File) -> Raw:
    key = content_key(text)
    media = media_type(file.label)
    record = Record(
        record_id=record_id(name, key),
        source=name,
        key=key,
        uri=file.uris[0],
        media_type=media,
        bytes=size,
        title=_heading(text) if media == "text/markdown" else "",
        licence="" if isinstance(source.licence, Column) else source.licence or "",
    )
    return Raw(record, text, file.uris)


def media_type(label: str) -> str:
    """The media type of a text file by the end of its name, compression aside."""
    lowered = label.lower().removesuffix(".gz").removesuffix(".zst").removesuffix(".lz4")
    return next((media for suffix, media in _MEDIA.items() if lowered.endswith(suffix)), PLAIN)


def _heading(text: str) -> str:
    for line in text[:4_000].splitlines():
        if line.startswith("# "):
            return one_line(line[2:])
    return ""
