"""Pairs of question and answer: a line "Q: …", then "A: …". An item is a pair.

An answer may run over several lines; a question is one line and ends with a question mark. A last question without an
answer is taken away.
"""

from __future__ import annotations

from retold.styles.parsers.result import Items, Misfit, quote

_QUESTION, _ANSWER = "Q:", "A:"


def parse(text: str) -> Items | Misfit:
    """Pairs in order, each as "question\\nanswer"."""
    lines = text.split("\n")
    pairs: list[tuple[str, str]] = []
    question: str | None = None
    end = 0
    for index, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith(_QUESTION) and question is None:
            question = stripped[len(_QUESTION) :].strip()
            continue
        if stripped.startswith(_ANSWER) and question is not None:
            answer = stripped[len(_ANSWER) :].strip()
            if not question.endswith("?"):
                return Misfit(f"expected a question that ends with a question mark, found {quote(question)}")
            pairs.append((question, answer))
            question = None
        elif pairs and question is None and not stripped.startswith((_QUESTION, _ANSWER)):
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{stripped}".strip())
        else:
            expected = _QUESTION if question is None else _ANSWER
            return Misfit(f"expected “{expected} …”, found {quote(line)}")
        end = index + 1
    if pairs and not pairs[-1][1]:
        return Misfit(f"the question {quote(pairs[-1][0])} has no answer")
    empty = next((question for question, answer in pairs if not answer), None)
    if empty is not None:
        return Misfit(f"the question {quote(empty)} has no answer")
    return Items(tuple(f"{question}\n{answer}" for question, answer in pairs), "\n".join(lines[:end]))
