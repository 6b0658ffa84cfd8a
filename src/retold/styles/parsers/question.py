"""One question: a single line that ends with a question mark. An item is the question; there is one.

For styles that ask about a sentence, which is then the answer (`assemble: pairs`).
"""

from __future__ import annotations

from retold.styles.parsers.qa import QUESTION_MARKS
from retold.styles.parsers.result import Items, Misfit, quote


def parse(text: str) -> Items | Misfit:
    """The question without the white space around it."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) != 1 or not lines[0].endswith(QUESTION_MARKS):
        return Misfit(f"expected one question that ends with a question mark, found {quote(text)}")
    if lines[0].rstrip('?？؟"”)').count("?"):
        return Misfit(f"expected one question, found several: {quote(text)}")
    return Items((lines[0],), lines[0])
