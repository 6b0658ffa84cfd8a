"""The layout of a plain text: headings, list items, code, tables, signatures, footnotes, prose.

`blocks(text)` gives character spans in order that cover every non-space character once. It reads what people write in
plain text: titles underlined with === or ***, Markdown `#`, bullets, `1.`, `[1]` notes, fenced and indented code,
`>>>` prompts, grammars (`::=`), ruled tables, call signatures over an indented description, one-line labels
("Note:").

Trade-off: line rules without a grammar, so an indented quotation full of symbols may be taken for code (it is then
one block, and nothing is lost); about 6 million characters a second. Works on any text: the unsure case is `prose`.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from retold.text.words import STOP_WORDS

BlockKind = Literal["heading", "rule", "item", "note", "code", "table", "signature", "label", "prose"]

_UNDERLINE = re.compile(r"([=\-*~^#\"'+_.`])\1{2,}+\Z")
_HASHES = re.compile(r"#{1,6}[ \t]+\S")
_RUBRIC = re.compile(r"-\[ .{1,80} \]-\Z")
_ITEM = re.compile(r"(?:[*\-•‣◦⁃+–—·][ \t]+|(\d{1,3}[.)]|[a-zA-Z]\)|\(\d{1,3}\)|\([a-z]\))[ \t]+)(?=\S)")
_NOTE = re.compile(r"\[\d{1,3}\][ \t]+(?=\S)")
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?:[ \t]|\Z)")
_SIGNATURE = re.compile(
    r"(?:(?:class|exception|function|method|def|async def|final class)[ \t]+)?[A-Za-z_][\w.]{0,80}"
    r"\([^\n]{0,200}\)(?:[ \t]*->[ \t]*[^\n]{1,60})?\Z"
)
_CODE_LINE = re.compile(
    r"(?:(?:def|class|import|from|return|if|elif|else|for|while|try|except|finally|with|raise|assert|print|async|await"
    r"|yield|del|pass|break|continue|global|nonlocal)\b.{0,200}[:)\]\w'\"]\Z|@\w|[#$>%] |[<>{}\[\]()]"
    r"|[\w.\[\]'\"]{1,60}[ \t]*(?:[-+*/|&]?=|->|==)[ \t]*\S|.{0,200}[{};]\Z|.{0,200}[\w\]]\([^()]{0,100}\)\Z)"
)
_LABEL_LENGTH, _TITLE_LENGTH = 60, 80
_KEYWORDS = frozenset("if for in is not and or with as from while else except try".split())
_ENDS = ".!?:;,。！？…"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of layout. `start` and `end` are characters of the text.

    `body` is where its words begin, after a bullet or hashes; `body_end` is where they end, before an underline.
    `indent` counts columns; `marker` is the bullet.
    """

    kind: BlockKind
    start: int
    end: int
    body: int
    body_end: int
    indent: int
    marker: str = ""


class _Line(NamedTuple):
    start: int
    end: int
    indent: int
    text: str


def blocks(text: str) -> list[Block]:
    """The blocks of `text`, in order; together they cover every character that is not white space."""
    found: list[Block] = []
    chunks = list(_chunks(text))
    for number, chunk in enumerate(chunks):
        following = chunks[number + 1][0].indent if number + 1 < len(chunks) else 0
        found.extend(_parse(chunk, following))
    return found


def _lines(text: str) -> Iterator[_Line | None]:
    position = 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            offset = raw.index(stripped[0])
            indent = len(raw[:offset].expandtabs(4))
            yield _Line(position + offset, position + offset + len(stripped), indent, stripped)
        else:
            yield None
        position += len(raw) + 1


def _chunks(text: str) -> Iterator[list[_Line]]:
    """Runs of lines without a blank one; a fenced code block is one run whatever is in it."""
    chunk: list[_Line] = []
    fence = ""
    for line in _lines(text):
        if line is None:
            if chunk and not fence:
                yield chunk
                chunk = []
            continue
        if fence:
            chunk.append(line)
            if line.text.startswith(fence):
                yield chunk
                chunk, fence = [], ""
        elif line.text.startswith(("```", "~~~")) and not _UNDERLINE.match(line.text[3:] or "x"):
            if chunk:
                yield chunk
            chunk, fence = [line], line.text[:3]
        else:
            chunk.append(line)
    if chunk:
        yield chunk


def _block(kind: BlockKind, lines: list[_Line], marker: str = "", skip: int = 0, body_end: int = -1) -> Block:
    first, last = lines[0], lines[-1]
    end = last.end if body_end < 0 else body_end
    return Block(kind, first.start, last.end, min(first.start + skip, end), end, first.indent, marker)


def _parse(chunk: list[_Line], following: int) -> Iterator[Block]:
    if chunk[0].text.startswith(("```", "~~~")) or is_code(chunk):
        yield _block("code", chunk)
        return
    at = 0
    while at < len(chunk):
        taken, block = _special(chunk, at, following)
        if block is None:
            taken, block = _flowing(chunk, at)
        yield block
        at += taken


def _special(chunk: list[_Line], at: int, following: int) -> tuple[int, Block | None]:
    """A block that its first line (or the line below it) gives away."""
    line, rest = chunk[at], chunk[at + 1 :]
    if _UNDERLINE.match(line.text):
        return 1, _block("rule", [line])
    if rest and len(line.text) <= 200 and rest[0].indent == line.indent and _underlines(rest[0].text, line.text):
        return 2, _block("heading", [line, rest[0]], rest[0].text[0], body_end=line.end)
    if _HASHES.match(line.text):
        hashes = len(line.text) - len(line.text.lstrip("#"))
        gap = len(line.text) - len(line.text[hashes:].lstrip())
        return 1, _block("heading", [line], line.text[:hashes], skip=gap)
    if _RUBRIC.match(line.text):
        return 1, _block("heading", [line], "-", skip=3, body_end=line.end - 3)
    if line.text.startswith(("+-", "+=", "|")):
        size = 1 + next((n for n, other in enumerate(rest) if not other.text.startswith(("+", "|"))), len(rest))
        return size, _block("table", chunk[at : at + size])
    deeper = (rest[0].indent if rest else following) > line.indent
    if _SIGNATURE.match(line.text) and (deeper or all(_SIGNATURE.match(other.text) for other in chunk)):
        return 1, _block("signature", [line])
    if _SIGNATURE.match(line.text) and rest and _SIGNATURE.match(rest[0].text):
        return 1, _block("signature", [line])
    if len(chunk) == 1 and not _ITEM.match(line.text) and not _NOTE.match(line.text):
        return 1, _lone(line, following > line.indent)
    return 0, None


def _underlines(rule: str, title: str) -> bool:
    return bool(_UNDERLINE.match(rule)) and len(rule) * 2 >= len(title) and not _UNDERLINE.match(title)


def _lone(line: _Line, over: bool) -> Block | None:
    """A line on its own: a label, a title (not over deeper text, which makes it a term), or nothing special."""
    text = line.text
    if text.endswith(":") and len(text) <= _LABEL_LENGTH and len(text.split()) <= 4:
        return _block("label", [line])
    shaped = len(text) <= _TITLE_LENGTH and text[-1] not in _ENDS and (text[0].isupper() or text[0].isdigit())
    if shaped and not over and line.indent == 0 and len(text.split()) <= 10 and not _CODE_LINE.match(text):
        return _block("heading", [line])
    return None


def _flowing(chunk: list[_Line], at: int) -> tuple[int, Block]:
    """A list item, a note or a run of prose, with the lines that continue it."""
    line = chunk[at]
    match, kind = _ITEM.match(line.text), "item"
    if match is None:
        match, kind = _NOTE.match(line.text), "note"
    size = 1
    while at + size < len(chunk) and not _begins(chunk, at + size, listed=match is not None):
        size += 1
    taken = chunk[at : at + size]
    if match is None:
        return size, _block("prose", taken)
    block_kind: BlockKind = "item" if kind == "item" else "note"
    return size, _block(block_kind, taken, match.group().strip(), skip=match.end())


def _begins(chunk: list[_Line], at: int, listed: bool) -> bool:
    """Whether the line at `at` starts a block of its own rather than continuing the one above."""
    line, above = chunk[at], chunk[at - 1]
    match = _ITEM.match(line.text)
    if match and (match.group(1) is None or listed or above.text[-1] in _ENDS):
        return True
    if _NOTE.match(line.text) and (listed or above.text[-1] in _ENDS):
        return True
    if line.text.startswith(("+-", "+=", "|")) or _UNDERLINE.match(line.text) or _HASHES.match(line.text):
        return True
    if _PROMPT.match(line.text):
        return True
    if at + 1 < len(chunk) and len(line.text) <= 200 and _underlines(chunk[at + 1].text, line.text):
        return True
    return not listed and line.indent >= above.indent + 2 and has_room(above, line)


def has_room(above: _Line, below: _Line, width: int = 60) -> bool:
    """Whether the first word below would have fitted above: then the line was ended on purpose, not by wrapping."""
    first = below.text.split(None, 1)[0]
    return above.indent + len(above.text) + 1 + len(first) <= width


def is_code(chunk: list[_Line]) -> bool:
    """Whether a run of lines is code, a session or a grammar, judged by its symbols and the want of function words."""
    if _PROMPT.match(chunk[0].text) or any("::=" in line.text[:200] for line in chunk[:2]):
        return True
    if chunk[0].indent < 2 or _ITEM.match(chunk[0].text) or _NOTE.match(chunk[0].text):
        return False
    if len(chunk) == 1 and chunk[0].text.endswith(":") and " " not in chunk[0].text:
        return False
    sample = chunk[:20]
    tokens = [token for line in sample for token in line.text[:200].split()]
    functional = sum(token.lower() in STOP_WORDS and token not in _KEYWORDS for token in tokens)
    if functional * 5 > len(tokens):
        return False
    symbols = sum(_CODE_LINE.match(line.text) is not None for line in sample)
    return symbols * 2 >= len(sample) or (functional * 12 <= len(tokens) and not any(_ended(line) for line in sample))


def _ended(line: _Line) -> bool:
    return line.text[-1] in ".!?:,;" or (line.text[0].isupper() and " " in line.text)
