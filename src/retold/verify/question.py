"""The judge of one question that was made of a sentence, which is to be its answer.

`question_judge(sentence, question)` returns None to accept, or a reason. In this order: no talk about the task; no new
number; no new name; nine in ten of its content words from the sentence, and one at least; and the sentence says
something that the question does not, else it is no answer but the question again.

Trade-off: lexical. That the sentence answers it cannot be seen from words: of 18 accepted lists of questions that were
read 9 were wholly true. To take "What is X?" only where the sentence begins with X was tried and refused as many sound
questions as unsound ones.
"""

from __future__ import annotations

from typing import Final

from retold.styles.frames import questions, rows
from retold.text.words import content_words, fold, words
from retold.verify.endings import root
from retold.verify.form import form
from retold.verify.names import names
from retold.verify.numbers import numbers
from retold.verify.source import SourceText

SUPPORT: Final = 0.9
FRAMES: Final = frozenset(map(root, ("purpose", "happen", "happens")))
"""Words that ask, of whatever subject."""
LEANING: Final = frozenset(["this", "these", "those", "such", "it", "its", "they", "their", "he", "his", "she"])
"""Words that point at what a question, read alone, does not show."""
POINTING: Final = frozenset(["he", "him", "his", "she", "her", "this", "these", "those", "such"])
"""Words that point outside even of a question whose subject is asked for."""
NEW: Final = 2
"""Content words of the sentence that the question leaves for it to say."""


def question_judge(sentence: str, question: str) -> str | None:
    """None where `question` is an acceptable question for `sentence`, else the main reason (a key of REASONS)."""
    source = SourceText(sentence)
    if form(source, question)[0]["meta_talk"]:
        return "meta_talk"
    if numbers(source, question)[0]["unsupported_numbers"]:
        return "number_not_in_source"
    if names(source, question)[0]["unsupported_names"]:
        return "name_not_in_source"
    asked = {root(word) for word in content_words(question)}
    told = {root(word) for word in content_words(sentence)}
    if _leans(question):
        return "words_not_in_source"
    own = asked - FRAMES
    if not own & told or len(own & told) < SUPPORT * len(own):
        return "words_not_in_source"
    return "copied" if len(told - asked) < NEW else None


def strict_question_judge(sentence: str, question: str) -> str | None:
    """None where the question is one of those that the sentence is known to answer (`styles/frames.py`).

    Nothing but the order of the sentence's own words is asked of it, and that it points at nobody outside ("him").
    """
    asked = words(question)
    if form(SourceText(sentence), question)[0]["meta_talk"]:
        return "meta_talk"
    if any(fold(word) in POINTING for word in asked):
        return "words_not_in_source"
    return None if any(words(one) == asked for one in questions(sentence)) else "not_of_one_sentence"


def row_judge(sentence: str, row: str) -> str | None:
    """None where a row of a table, its cells parted by a bar, says what the sentence says (`styles/frames.py`).

    Its border stands before the verb, and nothing but articles and "is" is left out.
    """
    cells = [words(cell) for cell in row.split("|")]
    known = ([words(cell) for cell in one.split("|")] for one in rows(sentence))
    return None if any(cells == one for one in known) else "not_of_one_sentence"


def _leans(question: str) -> bool:
    return any(fold(word) in LEANING for word in words(question))
