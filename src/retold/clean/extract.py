"""From what was read to text: HTML gives its main content and title, text passes as it is.

In: a `Raw`. Out: `Extracted(title, text)`. Which encoding the bytes of a page are in: `clean/charset.py`.

The main content is resiliparse's (Lexbor): about 360 pages a second on one core where trafilatura does 24; on the
181 pages of the article extraction benchmark F1 0.928 (precision 0.880, recall 0.981) where trafilatura has 0.958:
it keeps nearly everything and some of what surrounds it. Links, forms, comments and pictures' alternative texts are
left out.

Time is bounded by what is known to be slow, both quadratic: the search for the main content in how deep `div` and
`article` are nested (measured: 1,000 deep 0.03 s, 10,000 deep 3.4 s), and the parser in the attributes of one
element (5,000: 0.13 s, 20,000: 1.8 s). Pages beyond 1,000 and 5,000 are refused before they are parsed. Twenty other
kinds of hostile page take time in proportion to their size (at most 3 s a megabyte), which `max_bytes` of the source
bounds. Left for later: a clock outside the process for what else may hang.
"""

from __future__ import annotations

from dataclasses import dataclass

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from retold.clean.charset import decode
from retold.read.raw import HTML, Raw, one_line

DEEPEST = 1_000
MOST_ATTRIBUTES = 5_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a record and its title, "" for none."""

    title: str
    text: str


class Refused(Exception):
    """The page cannot be extracted. `reason` is a code of `clean/reasons.py`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def extract(raw: Raw) -> Extracted:
    """Title and text of a record. Raises Refused."""
    if isinstance(raw.content, str):
        return Extracted(raw.record.title, raw.content)
    if raw.record.media_type != HTML:
        raise Refused("unreadable_page", raw.record.media_type)
    html = decode(raw.content, raw.fields.get("charset", ""))
    _refuse_bombs(html)
    try:
        tree = HTMLTree.parse(html)
        text = extract_plain_text(
            tree, main_content=True, preserve_formatting=True, alt_texts=False, links=False, comments=False
        )
        return Extracted(raw.record.title or one_line(tree.title or ""), text)
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
    pieces = (piece for piece in html.split("<") if len(piece) > 2 * MOST_ATTRIBUTES)
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
