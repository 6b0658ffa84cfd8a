"""From what was read to text: HTML gives its main content and what it says about itself, text passes as it is.

In: a `Raw`, and how its source is to be extracted. Out: `Extracted`. What is refused is in
`clean/page.py`, the choice of extractor in `clean/cascade.py`, the clock on each page in `clean/page_process.py`.

The trade-off, on the 181 pages of the article extraction benchmark and one core of a busy machine
(`make bench NAME=extraction`; F1 over word 4-grams, pages a second of processor time with everything that a run pays):

| | precision | recall | F1 | pages/s |
|---|---|---|---|---|
| resiliparse alone | 0.880 | 0.981 | 0.928 | 1,230 |
| fast | 0.880 | 0.981 | 0.928 | 447 |
| balanced | 0.925 | 0.987 | 0.955 | 118 |
| trafilatura alone, fast | 0.947 | 0.980 | 0.963 | 122 |
| thorough | 0.941 | 0.983 | 0.962 | 94 |
| trafilatura alone | 0.942 | 0.979 | 0.961 | 75 |
"""

from __future__ import annotations

from dataclasses import replace

from retold.clean.cascade import Extracted
from retold.clean.page import Refused
from retold.clean.page_process import PAGE_SECONDS, read_page
from retold.core.document import Record
from retold.read.raw import HTML, Raw
from retold.read.settings import How

__all__ = ["Extracted", "Refused", "described", "extract"]


def extract(raw: Raw, how: How = "balanced", seconds: float = PAGE_SECONDS) -> Extracted:
    """Title, text and metadata of a record. Raises Refused."""
    if isinstance(raw.content, str):
        return Extracted(raw.record.title, raw.content)
    if raw.record.media_type != HTML:
        raise Refused("unreadable_page", raw.record.media_type)
    found = read_page(raw.content, raw.fields.get("charset", ""), how, seconds)
    return replace(found, title=raw.record.title) if raw.record.title else found


def described(raw: Raw, found: Extracted) -> tuple[Record, tuple[str, ...]]:
    """The record with what its page says where the reader knew nothing, and its addresses.

    The address that a page claims becomes its own only where it was read from a file, and is kept beside the file's.
    """
    record = raw.record
    if isinstance(raw.content, str):  # text says nothing about itself
        return record, raw.uris
    claimed = found.says.url if not record.uri.startswith(("https://", "http://")) else ""
    known = replace(
        record,
        uri=claimed or record.uri,
        title=found.title,
        date=record.date or found.says.date,
        licence=record.licence or found.says.licence,
    )
    return known, tuple(dict.fromkeys((*raw.uris, claimed) if claimed else raw.uris))
