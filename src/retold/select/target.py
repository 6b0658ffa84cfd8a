"""The target of a selection: files of any kind that sources may have, as texts.

In: the recipe's `towards`. Out: parts pinned by content (their names are in the identity), and the texts. Targets are
small; they are streamed, one document in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from retold.clean.extract import Refused, extract
from retold.core.errors import SourceError
from retold.core.step import Part
from retold.core.verdict import Verdict
from retold.read import Source, pin, read


def pinned(towards: Source, base: Path) -> tuple[Part, ...]:
    """The target's files by content. Raises SourceError for a path that means nothing."""
    return tuple(pin("towards", towards, base))


def texts(towards: Source, parts: Sequence[Part]) -> Iterator[str]:
    """The texts of the target. Raises SourceError, at the end, where there was none at all."""
    some = False
    for part in parts:
        for item in read(part, towards):
            if isinstance(item, Verdict):
                continue
            try:
                text = extract(item, towards.extract, towards.page_seconds).text
            except Refused:
                continue
            some = some or bool(text.strip())
            yield text
    if not some:
        raise SourceError("the target of select holds no text", "Name files with texts of the wanted kind.")
