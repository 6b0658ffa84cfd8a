"""What a parser finds: the items of an answer, or the first place where the answer is not in its form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Items:
    """`contents`: each item without its marker. `text`: the answer up to the end of its last whole item."""

    contents: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """The answer leaves its form; `detail` says what was expected and quotes what stands there."""

    detail: str


def quote(text: str, limit: int = 60) -> str:
    """The beginning of `text` on one line, for a person."""
    flat = " ".join(text.split())
    return f"“{flat}”" if len(flat) <= limit else f"“{flat[: limit - 1]}…”"
