"""The fast extractor: resiliparse (Lexbor), with the lists that it would leave out.

In: a parsed page. Out: its main text, with line ends, bullets, the rows of tables and preformatted text as in the page.
Links, forms, comments and pictures' alternative texts are left out.

resiliparse takes every `ul` that is not deep in the page for navigation: of `<body><p>..</p><ul>..</ul>` the list is
lost, and so are those of plain documentation. Such a list is put deeper, except in what
surrounds a page by name (`nav`, `aside`); lists of links are still left out, by resiliparse's own test.
Source: Bevendorff et al. 2018, "Elastic ChatNoir".
"""

from __future__ import annotations

from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

CELLS = "\t\t"
"""Between the cells of a row, as resiliparse writes them."""
SHALLOW = 3
"""Lists less deep than this below the body are what resiliparse leaves out."""
_SURROUNDINGS = frozenset(("nav", "header", "footer", "aside", "form", "script", "style", "template"))


def fast_text(tree: HTMLTree) -> str:
    """The main text of a page. Changes the tree."""
    if tree.body is not None:
        _keep_lists(tree, tree.body, 1)
    return str(
        extract_plain_text(
            tree, main_content=True, preserve_formatting=True, alt_texts=False, links=False, comments=False
        )
    )


def _keep_lists(tree: HTMLTree, parent: Any, depth: int) -> None:
    """Put lists as deep as they need to be."""
    for child in children(parent):
        if child.tag == "ul":
            wrapper: Any = tree.create_element("div")
            inner = wrapper
            for _ in range(SHALLOW - 1):
                inner = inner.append_child(tree.create_element("div"))
            parent.insert_before(wrapper, child)
            inner.append_child(child)
        elif depth < SHALLOW - 1 and child.tag not in _SURROUNDINGS:
            _keep_lists(tree, child, depth + 1)


def children(element: Any) -> list[Any]:
    """The elements right below. The parser's collections are live: going through one takes the square of its length."""
    found, child = [], element.first_element_child
    while child is not None:
        found.append(child)
        child = child.next_element_sibling
    return found
