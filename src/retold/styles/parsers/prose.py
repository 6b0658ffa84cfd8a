"""Plain paragraphs. An item is a paragraph; a list, a heading, a table row or a code fence is not prose.

Trade-off: a paragraph that rightly begins with a dash or "1." is refused too. In documentation this is rare, while a
small model that was asked for a paragraph answers with a list often.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

_MARKERS = ("- ", "* ", "• ", "#", "|", "```")


def parse(text: str) -> Items | Misfit:
    """Paragraphs parted by blank lines."""
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if not line.strip():
            paragraphs.append([])
            continue
        if line.lstrip().startswith(_MARKERS) or _numbered(line.lstrip()):
            return Misfit(f"expected a plain paragraph, found {quote(line)}")
        paragraphs[-1].append(line)
    return Items(tuple("\n".join(lines) for lines in paragraphs if lines), text)


def _numbered(line: str) -> bool:
    digits = line[: len(line) - len(line.lstrip("0123456789"))]
    return bool(digits) and line[len(digits) :].startswith((". ", ") "))
