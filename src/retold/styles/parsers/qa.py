"""Pairs of question and answer: a line "Q: …", then "A: …". An item is a pair.

An answer may run over several lines; a question is one line and ends with a question mark, of whatever script. A last
question without an answer is taken away.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

_QUESTION, _ANSWER = "Q:", "A:"
QUESTION_MARKS = ("?", "？", "؟", '?"', "?”", "?)")


def parse(text: str) -> Items | Misfit:
    """Pairs in order, each as "question\\nanswer"."""
    lines = text.split("\n")
    pairs: list[tuple[str, str]] = []
    ends: list[int] = []
    question: str | None = None
    for index, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith(_QUESTION) and question is None:
            question = stripped[len(_QUESTION) :].strip()
        elif stripped.startswith(_ANSWER) and question is not None:
            if not question.endswith(QUESTION_MARKS):
                return Misfit(f"expected a question that ends with a question mark, found {quote(question)}")
            pairs.append((question, stripped[len(_ANSWER) :].strip()))
            ends.append(index + 1)
            question = None
        elif pairs and question is None and not stripped.startswith(_ANSWER):
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{stripped}".strip())
            ends[-1] = index + 1
        else:
            expected = _QUESTION if question is None else _ANSWER
            return Misfit(f"expected “{expected} …”, found {quote(line)}")
    if pairs and not pairs[-1][1] and question is None:
        pairs.pop()
        ends.pop()
    empty = next((asked for asked, answer in pairs if not answer), None)
    if empty is not None:
        return Misfit(f"the question {quote(empty)} has no answer")
    return Items(tuple(f"{asked}\n{answer}" for asked, answer in pairs), "\n".join(lines[: ends[-1] if ends else 0]))
