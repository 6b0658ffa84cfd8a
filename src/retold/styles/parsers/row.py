"""One row of a table: a single line of two cells with a bar between them. An item is the row; there is one.

For styles that ask about a sentence and put the rows together (`assemble: rows`).
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

BAR = "|"


def parse(text: str) -> Items | Misfit:
    """The row without the white space around it."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    cells = [cell.strip() for cell in lines[0].split(BAR)] if len(lines) == 1 else []
    if len(cells) != 2 or not all(any(map(str.isalnum, cell)) for cell in cells):
        return Misfit(f"expected one row of two cells, found {quote(text)}")
    row = f"{cells[0]} {BAR} {cells[1]}"
    return Items((row,), row)
