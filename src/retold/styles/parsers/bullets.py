"""A bullet list: every item begins with the same mark, "-", "*" or "•". An indented line goes on with its item.

Nested bullets are not in form: a fact that hangs from another cannot be read alone.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

_MARKS = ("-", "*", "•")


def parse(text: str) -> Items | Misfit:
    """Items in order; a last mark without content is taken away."""
    mark = text[:1]
    if mark not in _MARKS:
        return Misfit(f"expected a bullet, found {quote(text)}")
    lines = text.split("\n")
    contents: list[str] = []
    end = 0
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        stripped = line.strip()
        rest = stripped[1:]
        if stripped[0] in _MARKS and (not rest or rest[0].isspace()):
            if stripped[0] != mark or line[0].isspace():
                return Misfit(f"expected “{mark} …” at the line's start, found {quote(line)}")
            if not rest.strip():
                if any(later.strip() for later in lines[index + 1 :]):
                    return Misfit(f"item {len(contents) + 1} is empty")
                break
            contents.append(rest.strip())
        elif contents and line[0].isspace():
            contents[-1] += "\n" + stripped
        else:
            return Misfit(f"expected “{mark} …”, found {quote(line)}")
        end = index + 1
    return Items(tuple(contents), "\n".join(lines[:end]))
