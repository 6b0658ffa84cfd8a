"""A numbered list: "1. …", "2. …", counted from one without gaps. An indented line goes on with its item.

"1)" is taken for "1.". A list that begins again at 1, skips a number, or has text before, between or after its items is
not in form.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote


def parse(text: str) -> Items | Misfit:
    """Items in order; a last number without content is taken away."""
    lines = text.split("\n")
    contents: list[str] = []
    end = 0
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        content = _content(line, len(contents) + 1)
        if content is None and contents and line[0].isspace():
            contents[-1] += "\n" + line.strip()
        elif content is None:
            return Misfit(f"expected “{len(contents) + 1}. …”, found {quote(line)}")
        elif not content and any(rest.strip() for rest in lines[index + 1 :]):
            return Misfit(f"item {len(contents) + 1} is empty")
        elif content:
            contents.append(content)
        else:
            break
        end = index + 1
    return Items(tuple(contents), "\n".join(lines[:end]))


def _content(line: str, number: int) -> str | None:
    """What follows the marker of item `number`, or None where the line does not begin with it."""
    stripped = line.strip()
    for marker in (f"{number}.", f"{number})"):
        rest = stripped[len(marker) :]
        if stripped.startswith(marker) and (not rest or rest[0].isspace()):
            return rest.strip()
    return None
