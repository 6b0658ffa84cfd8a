"""A Markdown table: a header, a line of dashes, then rows with as many cells. An item is a row under the header.

Every cell holds text; "\\|" inside a cell is part of it. A last row that is cut short is not taken away, since a row
without its last cell may already state a falsehood: the table is refused.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote


def parse(text: str) -> Items | Misfit:
    """Rows in order, each as its cells joined by " | "."""
    lines = [line.strip() for line in text.split("\n")]
    while lines and lines[-1] in ("", "|"):
        lines.pop()
    if len(lines) < 2:
        return Misfit(f"expected a header and a line of dashes, found {quote(text)}")
    header = _cells(lines[0])
    if header is None or len(header) < 2 or not all(header):
        return Misfit(f"expected a header of two cells or more, found {quote(lines[0])}")
    rule = _cells(lines[1])
    if rule is None or len(rule) != len(header) or not all(set(cell) <= set("-:") and "-" in cell for cell in rule):
        return Misfit(f"expected a line of dashes, found {quote(lines[1])}")
    rows: list[str] = []
    for line in lines[2:]:
        cells = _cells(line)
        if cells is None or len(cells) != len(header):
            return Misfit(f"expected a row of {len(header)} cells, found {quote(line)}")
        if not all(cells):
            return Misfit(f"a cell is empty in {quote(line)}")
        rows.append(" | ".join(cells))
    return Items(tuple(rows), "\n".join(lines))


def _cells(line: str) -> list[str] | None:
    """The cells of a row, or None where the line is not fenced by bars."""
    if len(line) < 2 or not line.startswith("|") or not line.endswith("|") or line.endswith("\\|"):
        return None
    cells = [""]
    previous = ""
    for character in line[1:-1]:
        if character == "|" and previous != "\\":
            cells.append("")
        else:
            cells[-1] += character
        previous = character
    return [cell.strip() for cell in cells]
