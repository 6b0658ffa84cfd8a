"""A table of the fields of a passage: names on the left, what the passage says of each on the right.

In: a passage. Out: one Markdown table of at least two rows, or nothing. Rows come from ruled tables ("+---+"), from
call signatures with the first sentence below them, from items and lines "name: text" and "name - text", and from
terms over an indented description. Cells are word for word; only "|" is escaped.

Trade-off: names must be short (at most six words), which leaves out sentences that happen to have a colon.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from retold.core.document import Passage
from retold.styles.rules.material import balanced, framed, has_note, layout, statements, terms, vary, without_note
from retold.text.blocks import Block
from retold.text.sentences import flat

FEWEST, MOST, LONGEST_NAME, LONGEST_CELL = 2, 24, 6, 400
_FRAMES = ("Fields", "Reference table", "At a glance", "Summary table", "Quick reference")
_HEADS = (("Name", "Description"), ("Item", "Meaning"), ("Entry", "Details"), ("Term", "Explanation"))
_DASHES = (" - ", " – ", " — ")

Row = tuple[str, ...]


def program(passage: Passage, seed: int) -> list[str]:
    """The ruled tables of the passage, or one table of its named things, or nothing."""
    blocks = layout(passage.text)
    head = framed(_FRAMES, seed, passage, "fields")
    tables = [rows for block in blocks if block.kind == "table" and (rows := _ruled(passage.text, block))]
    if tables:
        return ["\n\n".join([head, *("\n".join(_table(rows)) for rows in tables)])]
    named = dict(_rows(passage.text, blocks))
    if len(named) < FEWEST:
        return []
    columns = _HEADS[int(vary(("0", "1", "2", "3"), seed, passage, "columns"))]
    return ["\n".join([head, "", *_table([columns, *list(named.items())[:MOST]])])]


def _rows(text: str, blocks: tuple[Block, ...]) -> Iterator[tuple[str, str]]:
    """(name, text) pairs of the passage, in order."""
    first: dict[int, str] = {}
    for statement in statements(text):
        first.setdefault(statement.block, statement.text)
    for number, name in terms(text).items():
        sentence = first.get(number + 1, "")
        if blocks[number + 1 : number + 2] and blocks[number + 1].indent > blocks[number].indent and _whole(sentence):
            whole = flat(text[blocks[number].body : blocks[number].body_end])
            yield (whole if len(whole) <= 60 else name), sentence
    for block in blocks:
        if block.kind == "item":
            yield from _pair(flat(text[block.body : block.body_end]))
        elif block.kind == "prose":
            yield from _lines(text[block.start : block.end])


def _whole(sentence: str) -> bool:
    """Whether a description is a whole sentence that fits into a cell."""
    return sentence.endswith(".") and balanced(sentence) and len(sentence) <= LONGEST_CELL and not has_note(sentence)


def _lines(prose: str) -> list[tuple[str, str]]:
    """The pairs of a run of lines, if every one has the form "name: text"."""
    lines = prose.split("\n")
    pairs = [pair for line in lines for pair in _pair(flat(line), dashes=False)]
    return pairs if len(lines) > 1 and len(pairs) == len(lines) else []


def _pair(line: str, dashes: bool = True) -> Iterator[tuple[str, str]]:
    """The name and the text of a line, if it has that form."""
    for mark in (": ", *(_DASHES if dashes else ())):
        name, found, text = line.partition(mark)
        if found and _is_name(name) and len(text) <= LONGEST_CELL and balanced(text) and text[-1:] not in (":", ","):
            yield name, without_note(text)
            return


def _is_name(name: str) -> bool:
    """Whether a few words can be the name of a field."""
    return 0 < len(name.split()) <= LONGEST_NAME and len(name) <= 60 and balanced(name) and name[-1] not in ".,;:!?"


def _ruled(text: str, block: Block) -> list[Row]:
    """The rows of a table drawn with + - |, cells joined over their lines; empty if its columns do not line up."""
    lines = [line.strip() for line in text[block.start : block.end].split("\n")]
    borders = [index for index, sign in enumerate(lines[0]) if sign == "+"]
    if not lines[0].startswith("+") or len(borders) < 3:
        return []
    rows: list[Row] = []
    cells: list[list[str]] = [[] for _ in borders[1:]]
    for line in lines[1:]:
        if line.startswith(("+-", "+=", "|=", "|-")):
            if any(map(any, cells)):
                rows.append(tuple(flat("\n".join(cell)) for cell in cells))
            cells = [[] for _ in borders[1:]]
            continue
        if len(line) != len(lines[0]) or any(line[index] != "|" for index in borders):
            return []
        for number, (left, right) in enumerate(pairwise(borders)):
            cells[number].append(line[left + 1 : right].strip())
    return rows if len(rows) > FEWEST else []


def _table(rows: list[Row]) -> list[str]:
    """A Markdown table; the first row is its head."""
    written = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [written[0], "|" + " --- |" * len(rows[0]), *written[1:]]
