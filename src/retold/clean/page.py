"""One page, in this process: its bytes to characters, then to its main text.

In: the bytes of an HTML page, the encoding that the server declared, and how to extract. Out: `Extracted`, or
`Refused` with a reason. Which encoding the bytes are in: `clean/charset.py`.

What is known to hang the fast extractor is refused before it is parsed, both quadratic: the search for the main
content in how deep `div` and `article` are nested (measured: 1,000 deep 0.03 s, 10,000 deep 3.4 s), and the parser in
the attributes of one element (5,000: 0.13 s, 20,000: 1.8 s). Pages beyond 1,000 and 5,000 are `too_complex`. Twenty
other kinds of hostile page take time in proportion to their size (at most 3 s a megabyte), which `max_bytes` of the
source bounds. The clock for everything else is outside of this process: `clean/page_process.py`.
"""

from __future__ import annotations

from retold.clean.cascade import Extracted, main_text
from retold.clean.charset import decode
from retold.read.settings import How

DEEPEST = 1_000
MOST_ATTRIBUTES = 5_000


class Refused(Exception):
    """The page cannot be extracted. `reason` is a code of `clean/reasons.py`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def page(data: bytes, declared: str, how: How) -> Extracted:
    """Title, text and metadata of a page. Raises Refused."""
    html = decode(data, declared)
    _refuse_bombs(html)
    try:
        return main_text(html, how)
    except (RuntimeError, ValueError, MemoryError) as error:
        raise Refused("unreadable_page", str(error)) from error


def _refuse_bombs(html: str) -> None:
    depth = nesting(html)
    if depth > DEEPEST:
        raise Refused("too_complex", f"elements nested {depth:,} deep")
    count = attributes(html)
    if count > MOST_ATTRIBUTES:
        raise Refused("too_complex", f"an element with {count:,} attributes")


def nesting(html: str) -> int:
    """How deep `div` and `article` elements may be nested; 0 where there are too few of them to matter."""
    if sum(html.count(tag) for tag in ("<div", "<DIV", "<article", "<ARTICLE")) <= DEEPEST:
        return 0
    depth = deepest = 0
    for piece in html.lower().split("<"):
        if piece.startswith(("div", "article")):
            depth += 1
            deepest = max(deepest, depth)
        elif piece.startswith(("/div", "/article")):
            depth = max(depth - 1, 0)
    return deepest


def attributes(html: str) -> int:
    """At least the largest number of attributes of one element; 0 where no tag is long enough to matter."""
    if len(html) <= 2 * MOST_ATTRIBUTES:
        return 0
    # What begins with ! or ? is a comment to the parser, also a CDATA section full of script: it has no attributes.
    pieces = (piece for piece in html.split("<") if len(piece) > 2 * MOST_ATTRIBUTES and piece[0] not in "!?")
    return max((len(piece[: _tag_end(piece)].split()) for piece in pieces), default=0)


def _tag_end(piece: str) -> int:
    """Where a tag that begins `piece` ends: at the first ">" outside of a quoted value."""
    place = 0
    while True:
        end = piece.find(">", place)
        end = len(piece) if end < 0 else end
        quoted = [found for found in (piece.find("=" + quote, place, end) for quote in "\"'") if found >= 0]
        if not quoted:
            return end
        opening = min(quoted) + 1
        closing = piece.find(piece[opening], opening + 1)
        if closing < 0:
            return len(piece)
        place = closing + 1
