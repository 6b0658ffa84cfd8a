"""Statements: each sentence, row and pair of a retelling says what one sentence of its source says.

In: a source and a retelling. Out: `statements`, `unsupported_statements`, and a mark on each of these. A statement is a
sentence of prose, an item of a list, an answer, a row of a table (its cells read as one); it is supported where it is
a sentence of the source, or where `restated.departs` finds nothing added, lost or turned against one of the three
source sentences, or two neighbouring ones, that share most with it. A question is supported where the source sentence
of its answer is known to answer it (`styles/frames.py`). Headers of tables say nothing.

Trade-off: it refuses whatever a good model says in words of its own, so it is a limit for small models only
(`judge.py`), and for English sources; the others' retellings carry the signal. About 60 µs for a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from retold.core.document import Mark
from retold.styles.frames import questions
from retold.text.sentences import flat, sentences
from retold.text.words import STOP_WORDS, words
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.restated import departs
from retold.verify.source import Measured, SourceText, between, cut

NEAREST: Final = 3
REASON: Final = "not_of_one_sentence"
_QUESTION, _ANSWER = ("Q:", "Question:"), ("A:", "Answer:")
_LABELS: Final = (*_QUESTION, *_ANSWER, "Teacher:", "Learner:")

Span = tuple[int, int]


def statements(source: SourceText, output: str) -> Measured:
    """Statements, and those that no source sentence makes; never raises."""
    marks: list[Mark] = []
    told = 0
    asked: Span | None = None
    for start, end, row in _spoken(output):
        if output.startswith(_QUESTION, start):
            asked = (start, end)
            told += 1
            continue
        first = _bare(output, start, end)
        supporting = None
        for begin, last in [(first, end)] if row else _sentences(output, first, end):
            told += 1
            found = _support(source, output[begin:last], row=row)
            supporting = supporting or found
            if found is None:
                marks.append(Mark(begin, last, REASON))
        if asked is not None:
            if not _answered(output[asked[0] : asked[1]], supporting):
                marks.append(Mark(*asked, REASON))
            asked = None
    if asked is not None:
        marks.append(Mark(*asked, REASON))
    return {"statements": float(told), "unsupported_statements": float(len(marks))}, marks


def _spoken(output: str) -> Iterator[tuple[int, int, bool]]:
    """Lines that say something, without white space around them, and whether they are rows of a table."""
    at = header = 0
    lines = output.split("\n")
    for number, line in enumerate(lines):
        bare = line.strip()
        start = at + len(line) - len(line.lstrip())
        at += len(line) + 1
        row = bare.startswith("|")
        header = header if row else number + 1
        if bare and any(map(str.isalnum, bare)) and not (row and number == header):
            yield start, start + len(bare), row


def _bare(output: str, start: int, end: int) -> int:
    """Where a line begins after its number, bullet or label."""
    label = next((label for label in _LABELS if output.startswith(label, start)), "")
    if label:
        start += len(label)
    else:
        head = output[start:end].split(" ", 1)[0]
        if head in ("-", "*", "•") or (head[-1] in ".)" and head[:-1].isdigit()):
            start += len(head)
    while start < end and output[start].isspace():
        start += 1
    return start


def _sentences(output: str, start: int, end: int) -> list[Span]:
    return [(start + first, start + last) for first, last in sentences(output[start:end])]


def _support(source: SourceText, text: str, *, row: bool) -> str | None:
    """The source sentence that a statement is made of; None where there is none."""
    text = text.replace("|", " ") if row else text
    said = cut(text).folded
    if between(said) in source.sentences or not any(word not in STOP_WORDS for word in said):
        return text
    told = source.told_sentences
    near = source.index.nearest((root(word) for word in said if word not in STOP_WORDS), NEAREST)
    firsts = sorted({*near, *(at - 1 for at in near)})
    pairs = [f"{told[at]} {told[at + 1]}" for at in firsts if 0 <= at < len(told) - 1]
    one = next((told[at] for at in near if not departs(told[at], text, note=row)), None)
    return one or next((pair for pair in pairs if not departs(pair, text, note=row)), None)


def _answered(question: str, supporting: str | None) -> bool:
    """Whether the sentence behind the answer is known to answer the question."""
    asked = words(question.split(":", 1)[1])
    return supporting is not None and any(words(one) == asked for one in questions(flat(supporting)))


CHECK: Final = Check(
    name="statements",
    measure=statements,
    signals=("statements", "unsupported_statements"),
    reasons=(REASON,),
    microseconds=400,
    gain=None,
    strict_terms=(("unsupported_statements", "count"),),
)
