"""What a reader yields: a record with its content, or a verdict about what could not become one.

Every reader builds both through this module, so ids are made in one way: the id of a record comes from the name of
its source and its natural key there; the id of something damaged comes from the digest of the file's content and the
place in it. Neither ever depends on a path, so renaming or moving files changes no id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from retold.core.document import Record, record_id
from retold.core.fingerprint import digest_bytes
from retold.core.verdict import Verdict, drop

HTML = "text/html"
PLAIN = "text/plain"
META_LIMIT = 2_000
"""Characters kept of a title, date, licence or address."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A record, its content (bytes of an HTML page, or text) and every address at which exactly this was found.

    `fields` holds what the reader knows about the content and extraction needs: `charset` as the server declared it.
    """

    record: Record
    content: bytes | str
    uris: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A pinned file: where it is, how it is read, the digest of its content, and all addresses with that content."""

    path: str
    read: str
    digest: str
    bytes: int
    uris: tuple[str, ...]

    def plain(self) -> dict[str, object]:
        """As plain values, for `Part.options`."""
        return {
            "path": self.path,
            "read": self.read,
            "digest": self.digest,
            "bytes": self.bytes,
            "uris": list(self.uris),
        }

    @property
    def label(self) -> str:
        """The file's name for people, without its folders."""
        return PurePosixPath(self.uris[0]).name


def unreadable(source: str, file: File, place: str, reason: str, detail: str = "") -> Verdict:
    """A verdict on something in `file` that has no natural key. `place` is unique in the file ("line 12")."""
    subject = record_id(source, f"{file.digest}:{place}")
    words = ", ".join(part for part in (file.label, place) if part)
    return drop(subject, "record", reason, f"{words}: {detail}" if detail else words)


def content_key(content: bytes | str) -> str:
    """The natural key of something without one: the digest of its content."""
    return digest_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def one_line(value: str) -> str:
    """Metadata as one line of limited length, safe to store."""
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").split())[:META_LIMIT]


def text_problem(text: str, max_bytes: int) -> tuple[str, str] | None:
    """The reason and detail why `text` cannot be a record's content, or None."""
    if not text or text.isspace():
        return "empty", ""
    if "\0" in text:
        return "nul_characters", f"first at character {text.index(chr(0))}"
    try:
        size = encoded_size(text)
    except UnicodeEncodeError as error:
        return "lone_surrogate", f"first at character {error.start}"
    return ("too_big", f"{size:,} bytes") if size > max_bytes else None


def encoded_size(text: str) -> int:
    """Bytes of a text in UTF-8. Raises UnicodeEncodeError for half a surrogate pair."""
    return len(text) if text.isascii() else len(text.encode("utf-8"))
