"""Which extractor a page gets: the fast one for every page, the better one where a cheap test says that it pays.

In: the characters of a page. Out: title, text and metadata. `fast` and `thorough` use one extractor; `balanced` asks
`pays`. The fast text is taken after all, in both settings that use the other, where that found less than 40 % of
it (repeated paragraphs, embedded objects), or where more than 3 % of its lines begin with closing punctuation: it has
cut sentences at the code in them, as in DocBook whose paragraphs are `div`.

The test looks at the fast text and at the number of links, 0.3 ms a page. Its numbers were set on the 130 test pages
of mozilla/readability with their expected text, looking also at 990 pages that trafilatura is evaluated on by phrases;
none of them is in the article extraction benchmark. F1 on the former (`benchmarks/extraction.py` with their folder; a
figure of tuning): fast 0.953, balanced 0.973 (42 % of the pages get the better one), thorough 0.961, trafilatura
alone 0.937.

Documentation keeps the fast text, which has every heading and every line of code: pages of which a twentieth is
preformatted, or three tenths stand in cells of tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from resiliparse.parse.html import HTMLTree

from retold.clean.fast import CELLS, fast_text
from retold.clean.metadata import NOTHING, Metadata, metadata
from retold.clean.thorough import thorough_text
from retold.read.raw import one_line
from retold.read.settings import How

FEW_LINKS = 20
"""A page with fewer links has little around its text."""
SHORT_TEXT = 1_500
SHORT_LINE = 80
MUCH_IN_SHORT_LINES = 0.03
LOST = 0.4
IN_PIECES = 0.03
MUCH_CODE, MUCH_IN_ROWS = 0.05, 0.3
_CLOSING = ",.;:)”’!?"
_ENDS = ".!?…:;\"'”’)。！？"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a record and its title, and what else its page says; "" for what there is not."""

    title: str
    text: str
    says: Metadata = NOTHING


def main_text(html: str, how: How) -> Extracted:
    """Title, text and metadata of a page. Raises what the parser raises (RuntimeError, ValueError, MemoryError)."""
    tree = HTMLTree.parse(html)
    title, says = one_line(tree.title or ""), metadata(tree, html)
    text = fast_text(tree)
    if how == "thorough" or (how == "balanced" and pays(html, text)):
        better = thorough_text(html)
        if len(better) >= LOST * len(text) and not _in_pieces(better):
            text = better
    return Extracted(title, _storable(text), says)


def _storable(text: str) -> str:
    """Half of a surrogate pair, which a page can write as a number, is no character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if not text.isascii() else text


def pays(html: str, text: str) -> bool:
    """Whether the better extractor is likely to find a better text than `text`, which the fast one found."""
    if not text.strip():
        return True
    if html.count("<a ") < FEW_LINKS or _structured(html, text):
        return False
    return len(text) < SHORT_TEXT or _in_short_lines(text) > MUCH_IN_SHORT_LINES


def _in_pieces(text: str) -> bool:
    """Whether sentences were cut: lines that begin with what ends a clause."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    return sum(line[0] in _CLOSING for line in lines) > IN_PIECES * len(lines)


def _in_short_lines(text: str) -> float:
    """The share of characters in short lines that do not end like a sentence: menus, teasers, bylines, buttons."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    short = sum(len(line) for line in lines if len(line) < SHORT_LINE and line[-1] not in _ENDS)
    return short / sum(map(len, lines))


def _structured(html: str, text: str) -> bool:
    """Whether much of the text is preformatted or stands in the cells of tables."""
    rows = sum(len(line) for line in text.split("\n") if CELLS in line)
    code = sum(
        len(rest.partition(">")[2])
        for block in html.split("<pre")[1:]
        for rest in block.partition("</pre")[0].split("<")
    )
    return code > MUCH_CODE * len(text) or rows > MUCH_IN_ROWS * len(text)
