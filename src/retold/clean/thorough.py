"""The better and slower extractor: trafilatura, with its tree written as text by us.

In: the characters of a page. Out: its main text, "" where trafilatura finds none. Headings and paragraphs stand between
blank lines; items keep their bullets, numbers and depth; code keeps its lines and indents; a row of a table is one line
with two tabs between its cells. That is how `clean/fast.py` writes them too, so the choice of extractor leaves no
trace in the form. trafilatura's own text has no blank lines and empties the lines of code.

Used without its comparison with readability and justext (`fast=True`), which on the pages of the article extraction
benchmark costs a third of the speed and gains nothing (`benchmarks/extraction.py` prints both). Source: Barbaresi 2021,
"Trafilatura: A Web Scraping Library and Command-Line Tool for Text Discovery and Extraction". It is imported with the
first page, 0.1 s and 30 MB.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from retold.clean.fast import CELLS

INDENT = "  "
_BLOCKS = frozenset(("p", "head", "list", "item", "table", "quote", "ab", "div", "code"))


def thorough_text(html: str) -> str:
    """The main text of a page. Raises nothing that a page can cause: where trafilatura fails there is no text."""
    extraction, load, options = _trafilatura()
    try:
        found = extraction(_with_code(load(html)) if "<pre" in html else html, options=options)
        return "" if found is None or found.body is None else written(found.body)
    except Exception:  # a page that breaks it (recursion, bad entities) is one where it finds nothing
        return ""


@lru_cache(maxsize=1)
def _trafilatura() -> tuple[Any, Any, Any]:
    from trafilatura.core import bare_extraction
    from trafilatura.settings import Extractor
    from trafilatura.utils import load_html

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    # "xml" only means that it does not write text itself.
    return (
        bare_extraction,
        load_html,
        Extractor(output_format="xml", fast=True, comments=False, tables=True, formatting=False),
    )


def _with_code(tree: Any) -> Any:
    """Preformatted text as code: trafilatura would take some of it for quotations, and their lines for one."""
    for element in tree.iter("pre"):
        text = "".join(element.itertext())
        del element[:]
        element.tag, element.text = "code", text
    return tree


def written(body: Any) -> str:
    """A tree of trafilatura as text."""
    return "\n\n".join(block for block in _blocks(body) if block.strip())


def _blocks(element: Any) -> Iterator[str]:
    """The blocks of an element that holds blocks, in order, loose text between them too."""
    loose = [_plain(element.text)]
    for child in element:
        if _is_block(child):
            yield _tidy("".join(loose))
            loose = []
            yield from _block(child)
        else:
            loose.append(_inline(child))
        loose.append(_plain(child.tail))
    yield _tidy("".join(loose))


def _block(element: Any) -> Iterator[str]:
    if element.tag == "code":
        yield "".join(element.itertext()).strip("\n")
    elif element.tag == "table":
        yield "\n".join(line for line in _rows(element) if line.strip())
    elif element.tag == "list":
        yield "\n".join(_items(element, 1))
    else:
        yield from _blocks(element)


def _is_block(element: Any) -> bool:
    """Code within a line is no block."""
    if element.tag == "code":
        return "\n" in "".join(element.itertext()).strip() or element.getparent().tag == "body"
    return element.tag in _BLOCKS


def _rows(table: Any) -> Iterator[str]:
    for row in table.iter("row"):
        yield CELLS.join(" ".join(_inline(cell).split()) for cell in row.iterchildren("cell")).rstrip()


def _items(element: Any, depth: int) -> Iterator[str]:
    ordered, count = element.get("rend") == "ol", 0
    for item in element:
        if item.tag == "list":
            yield from _items(item, depth + 1)
            continue
        count += 1
        mark = "" if element.get("rend") == "dl" else f"{INDENT * depth}{count}. " if ordered else f"{INDENT * depth}• "
        lines, inner = [_plain(item.text)], []
        for child in item:
            if child.tag == "list":
                inner += list(_items(child, depth + 1))
            elif child.tag == "table":
                inner += list(_rows(child))
            elif child.tag == "code" and _is_block(child):
                inner += "".join(child.itertext()).strip("\n").split("\n")
            else:
                lines.append((" " if child.tag in _BLOCKS and child.tag != "code" else "") + _inline(child))
            lines.append(_plain(child.tail))
        text = " ".join("".join(lines).split())
        if text:
            yield mark + text
        yield from inner


def _inline(element: Any) -> str:
    """The text of an element within a line, its breaks as line ends."""
    if element.tag == "lb":
        return "\n"
    if element.tag == "graphic":
        return ""
    pieces = [element.text or "" if element.tag == "code" else _plain(element.text)]
    for child in element:
        apart = " " if child.tag in _BLOCKS and child.tag != "code" else ""
        pieces.append(f"{apart}{_inline(child)}{apart}{_plain(child.tail)}")
    return "".join(pieces)


def _plain(text: str | None) -> str:
    """Line ends of the source are spaces."""
    return text.replace("\n", " ") if text else ""


def _tidy(text: str) -> str:
    """Lines without doubled or outer spaces."""
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip("\n")
