"""One JSON value, for styles whose answer is bound to a schema. An item is an entry of the outermost list.

The outermost list is the value itself, or the only list among the values of an object; without one the value is a
single item. An item's contents are the texts and numbers in it, each on a line.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from retold.styles.parsers.result import Items, Misfit, quote


def parse(text: str) -> Items | Misfit:
    """Entries in order, each as its texts and numbers on lines of their own."""
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        return Misfit(f"expected one JSON value, found {quote(text)}")
    inner = list(value.values()) if isinstance(value, dict) else []
    lists = [value] if isinstance(value, list) else [entry for entry in inner if isinstance(entry, list)]
    items = lists[0] if len(lists) == 1 else [value]
    contents = tuple("\n".join(_leaves(item)) for item in items)
    if not all(content.strip() for content in contents):
        return Misfit(f"an entry holds no text: {quote(text)}")
    return Items(contents, text)


def _leaves(value: object) -> Iterator[str]:
    """Texts and numbers in order. Not by recursion: a value may be nested deeper than calls may be."""
    left = [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            left += reversed(value)
        elif value is not None and str(value).strip():
            yield str(value)
