"""From a row of an evaluation set to its question, answer, choices and passage.

In: a row as JSON gives it, and the fields that the recipe names. Out: an `Item`, or None for a row without any text.
What is not named is looked for under the names that published sets use (GSM8K, ARC, MMLU, HellaSwag, PIQA, BoolQ,
OpenBookQA, TriviaQA, LAMBADA, Winograd, HumanEval, SQuAD, in their own, the Hugging Face and the llm-foundry forms).

What a set adds and a leaked copy may lack is taken off: the labels "Question:", "Passage:", "Context:", "Answer:",
GSM8K's calculator notes `<<...>>`, and its "####".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retold.decontaminate.settings import Fields

QUESTION = (
    "question query context_options prompt problem goal input ctx premise sentence instruction context text".split()  # noqa: SIM905
)
ANSWER = "answer canonical_solution solution chain_of_thought continuation output target completion response".split()  # noqa: SIM905
CHOICES = ("choices", "options", "endings", "mc1_targets")
PAGES = ("passage", "context", "support", "article", "story")
GOLD = ("gold", "answerKey", "label", "answer", "correct")
KEYS = ("id", "task_id", "question_id", "uid", "qid", "ind", "key")
LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an evaluation set; `key` is its natural key there, or "line 12"."""

    set: str
    key: str
    question: str
    answer: str = ""
    choices: tuple[str, ...] = ()
    passage: str = ""


def item(row: Mapping[str, Any], fields: Fields, name: str, place: str) -> Item | None:
    """The item that `row` holds. `name` is the set's, `place` its key if the row has none."""
    question, asked = _first(row, (fields.question,) if fields.question else QUESTION)
    choices = _choices(row, fields)
    answer = _answer(row, fields, choices, asked)
    passage = ""
    found, where = _first(row, (fields.passage,) if fields.passage else PAGES)
    if where != asked:
        passage = found
    if not passage and not fields.passage:
        passage, question = _apart(question)
    found_item = Item(
        name,
        _first(row, (fields.id,) if fields.id else KEYS)[0] or place,
        _without_label(question, ("Question:", "Q:")),
        _without_notes(answer),
        choices,
        _without_label(passage, ("Passage:", "Context:")),
    )
    return found_item if any((found_item.question, found_item.answer, *choices, found_item.passage)) else None


def _first(row: Mapping[str, Any], names: tuple[str, ...] | list[str]) -> tuple[str, str]:
    """The text of the first of these fields that has one, and that field's name."""
    for name in names:
        text = _text(row.get(name))
        if text:
            return text, name
    return "", ""


def _text(value: object) -> str:
    """A text, a number, or the first text of a list (options of one sentence, several right answers)."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return next((text for text in map(_text, value) if text), "")
    if isinstance(value, dict):
        return _text(value.get("text") or value.get("value") or "")
    return ""


def _choices(row: Mapping[str, Any], fields: Fields) -> tuple[str, ...]:
    for name in (fields.choices,) if fields.choices else CHOICES:
        value = row.get(name)
        if isinstance(value, dict):
            value = value.get("text") or value.get("choices")
        if isinstance(value, list):
            return tuple(text for text in map(_text, value) if text)
    pairs = [_text(row.get(name)) for name in ("sol1", "sol2", "option1", "option2")]
    return tuple(text for text in pairs if text)


def _answer(row: Mapping[str, Any], fields: Fields, choices: tuple[str, ...], asked: str) -> str:
    """The answer's text: the right choice where there are choices, otherwise the field itself."""
    if choices:
        for name in (fields.gold,) if fields.gold else GOLD:
            at = _place(row.get(name), row, choices)
            if at is not None and at < len(choices):
                return choices[at]
    names = (fields.answer,) if fields.answer else tuple(name for name in ANSWER if name != asked)
    found, where = _first(row, names)
    if (
        where == "answer" and not fields.answer and len(found.split()) <= 2
    ):  # the reasoning stands in a field of its own
        reasoning = _text(row.get("chain_of_thought"))
        found = f"{reasoning}\n{found}" if reasoning else found
    return found


def _place(value: object, row: Mapping[str, Any], choices: tuple[str, ...]) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    if not isinstance(value, str) or not value:
        return None
    labels = row["choices"].get("label") if isinstance(row.get("choices"), dict) else None
    if isinstance(labels, list) and value in labels:
        return labels.index(value)
    if value in choices:
        return choices.index(value)
    if value.strip().upper() in LETTERS and len(value.strip()) == 1:
        return LETTERS.index(value.strip().upper())
    return int(value) if value.isdecimal() and len(value) < 3 else None


def _apart(query: str) -> tuple[str, str]:
    """("passage", "question") of a query that holds both, as in BoolQ; ("", query) otherwise."""
    head, mark, tail = query.rpartition("Question:")
    if mark and head.strip():
        return head.strip(), tail.strip()
    return "", query


def _without_label(text: str, labels: tuple[str, ...]) -> str:
    for label in labels:
        if text.startswith(label):
            text = text[len(label) :]
    return text.strip().removesuffix("Answer:").strip()


def _without_notes(answer: str) -> str:
    """GSM8K's answers without calculator notes and the mark before the result."""
    if "<<" not in answer and "####" not in answer:
        return answer
    pieces = []
    for piece in answer.split("<<"):
        note, mark, rest = piece.partition(">>")
        pieces.append(rest if mark else note)
    return "".join(pieces).replace("####", "").strip()
