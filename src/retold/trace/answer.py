"""What `trace` says of a text: its spans that stand in the corpus, what is near the rest, the documents behind both.

All of it is plain data (`as_dict` is the JSON that `retold trace --json` prints). Offsets count characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Behind:
    """A document that something was made from."""

    document_id: str
    source: str
    title: str
    uris: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A place in the corpus: before + match + after is the document's text around characters start to end.

    `row` and `offset` are the packed row and the token in it, -1 where documents are indexed and nothing is packed.
    `behind` are the sources of a retelling.
    """

    document_id: str
    start: int
    end: int
    row: int
    offset: int
    before: str
    match: str
    after: str
    kind: str = ""
    source: str = ""
    title: str = ""
    style: str = ""
    made_by: str = ""
    uris: tuple[str, ...] = ()
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True)
class Exact:
    """Characters start to end of the text stand in the corpus `count` times; `hits` are at most ten documents."""

    start: int
    end: int
    text: str
    tokens: int
    count: int
    likelihood: float
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Lexical:
    """A sentence without an exact span, and what shares its words: BM25 scores, and the words."""

    start: int
    end: int
    text: str
    hits: tuple[tuple[float, tuple[str, ...], Hit], ...]


@dataclass(frozen=True)
class Trace:
    """The whole answer. `maximal` counts the spans of which `exact` are the rarest; `seconds` is without building."""

    text: str
    corpus_tokens: int
    segments: int
    maximal: int
    seconds: float
    exact: tuple[Exact, ...] = ()
    near: tuple[Lexical, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)
