"""The language reference that ships inside every CPython: about 80 topics of real prose, under the PSF licence.

Needs no file, no network and no download, so it is the source of every first run. The key of a record is the name of
its topic; the text differs between versions of Python, and the name of the part (a digest of all topics) says so.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from retold.core.document import Record, record_id
from retold.core.errors import SourceError
from retold.core.fingerprint import digest
from retold.core.verdict import Verdict
from retold.read.raw import PLAIN, File, Raw, one_line, text_problem, unreadable
from retold.read.settings import Source

LICENCE = "PSF-2.0"
_MODULE = "pydoc_data.topics"


def topics() -> dict[str, str]:
    """Name to text of every topic. Raises SourceError where this Python was installed without them."""
    try:
        module = importlib.import_module(_MODULE)
    except ImportError as error:
        raise SourceError(
            f"this Python has no {_MODULE}, which holds its documentation",
            "Use a complete Python installation, or name files of your own as the source.",
        ) from error
    return dict(module.topics)


def pinned() -> File:
    """The topics as one pinned file, named by the digest of their content."""
    texts = topics()
    size = sum(len(text.encode("utf-8", "replace")) for text in texts.values())
    return File("", "python_docs", digest("python_docs", texts), size, (_MODULE,))


def read(file: File, name: str, source: Source) -> Iterator[Raw | Verdict]:
    """One record a topic, in order of their names."""
    licence = source.licence if isinstance(source.licence, str) else LICENCE
    for topic, text in sorted(topics().items()):
        problem = text_problem(text, source.max_bytes)
        if problem:
            yield unreadable(name, file, f"topic {topic}", *problem)
            continue
        record = Record(
            record_id=record_id(name, topic),
            source=name,
            key=topic,
            uri=f"{_MODULE}#{topic}",
            media_type=PLAIN,
            bytes=len(text.encode("utf-8")),
            title=one_line(text.lstrip().partition("\n")[0]),
            licence=licence,
        )
        yield Raw(record, text, (record.uri,))
