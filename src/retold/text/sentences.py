"""Sentences and paragraphs as character spans.

Spans are in order, do not overlap, and cover every character that is not white space: what is no sentence (a heading,
a code block, a table, a signature) is a span of its own. Sentence ends are found by rules: a mark of the end, then
space, then something that can begin a sentence; abbreviations, initials, ellipses, decimals, versions and calls do
not end one. A line break ends a sentence only where the line was ended on purpose (the next word would have fitted).

Trade-off: rules for English and for scripts with their own full stops (。।؟); no model. About 3 million characters of
documentation a second, 7 of prose.
"""

# ruff: noqa: SIM905  (lists of words read better as text)

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from retold.text.blocks import Block, blocks
from retold.text.words import STOP_WORDS

_CLOSERS = r"[\"'”’»)\]}*_`›」』）]*+"
_END = re.compile(rf"(?<![.!?…])[.!?…]++{_CLOSERS}(?:[ \t]{{0,2}}\[\d{{1,3}}\])*+(?=\s|\Z)|[。！？।॥؟۔]++[」』）”’]*+")
_PARAGRAPH = re.compile(r"\S[^\n]*+(?:\n(?![^\S\n]*+(?:\n|\Z))[^\n]*+)*+")
_WORD = re.compile(r"\w++")
_SPACE = re.compile(r"\s++")
_LAST_TOKEN = re.compile(r"[^\s\"“‘(\[]*\Z")
_HYPHEN_WRAP = re.compile(r"(?<=\w)-[ \t]*+\n[ \t]*+(?=\w)")

# Never followed by the end of a sentence.
_ALWAYS = frozenset(
    "e.g i.e eg ie cf vs viz approx resp mr mrs ms dr prof gen capt lt sgt rev hon messrs mme mlle figs eqs vol vols "
    "pp eds incl excl a.k.a aka".split()
)
# Followed by the end of a sentence only where a function word comes that begins one.
_OFTEN = frozenset("inc ltd co corp jr sr st al u.s u.k u.n e.u a.m p.m b.c a.d ph.d m.d bros dept univ".split())
# No end where a number comes: "No. 5", "Fig. 3", "Jan. 1".
_NUMBERED = frozenset(
    "no nos fig sec ch chap eq min max ed p op ref art par jan feb mar apr jun jul aug sep sept oct nov dec ca".split()
)
_WRAP_WIDTH, _UNWRAPPED = 60, 120
_WHOLE = frozenset({"heading", "rule", "code", "table", "signature", "label"})


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Runs of lines between blank lines: character spans without outer white space, in order."""
    spans = []
    for match in _PARAGRAPH.finditer(text):
        start, end = match.span()
        spans.append((start, start + len(text[start:end].rstrip())))
    return spans


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of `text`: character spans without outer white space, in order, covering all that is not space."""
    spans: list[tuple[int, int]] = []
    for block in blocks(text):
        if block.kind in _WHOLE:
            spans.append((block.start, block.end))
        else:
            spans.extend(split(text, block))
    return spans


def flat(text: str) -> str:
    """`text` on one line: white space becomes single spaces; a word wrapped at its hyphen is joined again."""
    joined = _HYPHEN_WRAP.sub("-", text) if "-" in text and "\n" in text else text
    return " ".join(joined.split())


def split(text: str, block: Block) -> list[tuple[int, int]]:
    """The sentences of one block of prose; the first includes the block's bullet."""
    spans = []
    start = block.start
    for cut in _cuts(text, block):
        spans.append((start, cut))
        start = _skip_space(text, cut, block.end)
        if start >= block.end:
            return spans
    spans.append((start, block.end))
    return spans


def _skip_space(text: str, position: int, end: int) -> int:
    match = _SPACE.match(text, position, end)
    return match.end() if match else position


def _cuts(text: str, block: Block) -> Iterator[int]:
    """Positions just after the sentences of a block, in order, without its end."""
    ends = [match.end() for match in _END.finditer(text, block.body, block.end) if _ends(text, match, block)]
    for cut in sorted({*ends, *_line_cuts(text, block)}):
        if block.body < cut < block.end:
            yield cut


def _line_cuts(text: str, block: Block) -> Iterator[int]:
    """Ends of lines that were broken on purpose, inside a block."""
    if "\n" not in text[block.start : block.end]:
        return
    position = text.rfind("\n", 0, block.start) + 1
    lines: list[tuple[int, str]] = []
    for raw in text[position : block.end].split("\n"):
        lines.append((position, raw.rstrip()))
        position += len(raw) + 1
    longest = max(len(line) for _, line in lines)
    width = max(longest, _WRAP_WIDTH)
    for (start, above), (_, below) in pairwise(lines):
        first = below.split(None, 1)[0] if below else ""
        if not first or not above or first[0].islower():
            continue
        if longest > _UNWRAPPED or len(above) + 1 + len(first) <= width - 1:
            yield start + len(above)


def _ends(text: str, match: re.Match[str], block: Block) -> bool:
    """Whether this mark ends a sentence, judged by the token before it and by what comes after."""
    mark = match.group()
    if mark[0] in "。！？।॥؟۔":
        return True
    after = _skip_space(text, match.end(), block.end)
    if after >= block.end:
        return False
    if mark[0] in ".…" and _protected(text, match, block, after):
        return False
    return _can_begin(text, match.end(), after, block.end)


def _protected(text: str, match: re.Match[str], block: Block, after: int) -> bool:
    """An abbreviation, an initial or an ellipsis: its full stop is not an end."""
    mark, start = match.group(), match.start()
    if mark.startswith(("...", "…", "..")):
        spaced = start > block.body and text[start - 1].isspace()
        return spaced or not _begins_upper(text, after)
    found = _LAST_TOKEN.search(text, max(block.body, start - 24), start)
    token = found.group() if found else ""
    bare = token.lower().strip("*_'`")
    if bare in _ALWAYS:
        return True
    if bare in _NUMBERED:
        return text[after].isdigit()
    if bare == "etc":
        return not _begins_upper(text, after)
    if bare in _OFTEN:
        return not _starter(text, after)
    initial = len(token) == 1 and token.isupper()
    dotted = 3 <= len(token) <= 7 and all(len(part) == 1 and part.isalpha() for part in token.split("."))
    return (initial or dotted) and not _starter(text, after)


def _starter(text: str, after: int) -> bool:
    """Whether a capitalised function word comes next: "The", "It", "However"."""
    word = _WORD.match(text, after, after + 24)
    return word is not None and word.group()[0].isupper() and word.group().lower() in STOP_WORDS


def _begins_upper(text: str, after: int) -> bool:
    letter = text[after : after + 4].lstrip("\"'“‘([*_`«")[:1]
    return letter.isupper() or letter.isdigit()


def _can_begin(text: str, end: int, after: int, limit: int) -> bool:
    """Whether what comes after an end mark can be the beginning of a sentence."""
    first = text[after]
    if first.isupper() or first.isdigit() or not first.isalpha():
        return first not in ",;:)]}.!?…–—-=+/%&|<>" or (first in "–—-" and text[after + 1 : after + 2].isupper())
    if not first.islower():
        return True
    wide = text[end:after].count(" ") >= 2 and "\n" not in text[end:after]
    if wide:
        return True
    token = text[after : min(after + 60, limit)].split(None, 1)[0]
    return "(" in token or "_" in token or "." in token[:-1]
