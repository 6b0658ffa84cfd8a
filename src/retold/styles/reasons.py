"""Why an answer is not the form its style promised: the closed list of the contract parsers.

Codes here say that an answer has the wrong *shape*, or that its own sums are wrong. Its length against the source, and
whether what it says is true of its source, are asked later by the room `verify`, and only of answers that passed here.
"""

from __future__ import annotations

from typing import Final

REASONS: Final[dict[str, str]] = {
    "empty_answer": "The model answered nothing beyond the first characters it was given.",
    "control_token": "The answer contains a chat marker that is not in its source.",
    "declined": "The model declined the task, or spoke of itself, instead of answering.",
    "preamble": "The answer opens with words to the reader, such as “Sure, here is”, instead of the retelling.",
    "not_in_form": "The answer is not in the form of its style: list, pairs, table or plain paragraphs.",
    "placeholder": "The answer copies a word of the form, such as “question” or “…”, where content belongs.",
    "echo": "The answer repeats words of its instruction, or of an example, that are not in its source.",
    "unfinished": "The answer stops in the middle of a sentence.",
    "repeated_item": "The answer gives the same item twice.",
    "too_few_items": "The answer has fewer items than its style asks for.",
    "wrong_arithmetic": "A step of its solution does not compute.",
    "number_not_given": "It computes with a number that is neither in its source nor a result.",
    "answer_not_computed": "Its answer is not the result of its last step.",
    "too_many_items": "The answer has more items than its style allows.",
}
