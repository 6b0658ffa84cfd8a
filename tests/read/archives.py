"""Building archives and files for the tests of reading."""

from __future__ import annotations

import gzip
from pathlib import Path

from retold.read import Raw, Source, pin, read

PAGE = "<html><head><title>Page {0}</title></head><body><main><p>{1}</p></main></body></html>"


def page(index: int, words: str = "Plain words of a page that says something of its own, again and again.") -> bytes:
    return PAGE.format(index, f"{words} Number {index}.").encode()


def warc_record(index: int, body: bytes | None = None, **options) -> bytes:
    """One response record. Options: status, headers (extra HTTP lines), kind, length (a false one), media."""
    body = page(index) if body is None else body
    extra = "".join(f"{line}\r\n" for line in options.get("headers", ()))
    status, media = options.get("status", "200 OK"), options.get("media", "text/html")
    http = f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\n{extra}\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: {options.get('kind', 'response')}\r\nWARC-Record-ID: <urn:uuid:{index:08d}>\r\n"
        f"WARC-Target-URI: http://example.org/{index}\r\nWARC-Date: 2024-05-18T01:58:10Z\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {options.get('length', len(http))}\r\n\r\n"
    ).encode()
    return head + http + b"\r\n\r\n"


def wet_record(index: int, text: bytes | None = None, media: str = "text/plain", kind: str = "conversion") -> bytes:
    """One record of an archive of texts, or of metadata."""
    text = f"Page {index}\nPlain words of a page, again and again.\n".encode() if text is None else text
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://example.org/{index}\r\n"
        f"WARC-Date: 2024-05-18T01:58:10Z\r\nWARC-Record-ID: <urn:uuid:{index:08d}>\r\n"
        f"WARC-Refers-To: <urn:uuid:{index + 50_000:08d}>\r\nContent-Type: {media}\r\n"
        f"Content-Length: {len(text)}\r\n\r\n"
    ).encode()
    return head + text + b"\r\n\r\n"


def members(*records: bytes) -> bytes:
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def read_all(folder: Path, settings: object, name: str = "web") -> tuple[list[Raw], list[str]]:
    """All records, and the reasons of all verdicts in order."""
    source = Source.model_validate(settings)
    items = [item for part in pin(name, source, folder) for item in read(part, source)]
    return [item for item in items if isinstance(item, Raw)], [
        item.reason for item in items if not isinstance(item, Raw)
    ]
