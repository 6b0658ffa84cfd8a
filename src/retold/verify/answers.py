"""Answers: what a retelling answers to its own questions is in its source.

In: a source and a retelling. Out: `answers` (lines that begin with "A:" or "Answer:"), `unsupported_answers` (answers
of which less than half of the content words stand in passage, heading or title), and a mark on each. An answer is
where a model's own knowledge, or an evaluation set that it has seen, leaks into data: "Q: Who wrote it? A: Jane Austen"
of a passage that names nobody. On HaluEval's 1,000 questions put into this form (`python benchmarks/faithfulness.py`)
it refuses none of the right and 95 of the hallucinated answers, 43 of which no other check refuses. Trade-off: words,
so a wrong answer in the source's own words passes here, and a right one in other words does not; answers without
content words ("Yes.") pass.
"""

from __future__ import annotations

from typing import Final

from retold.core.document import Mark
from retold.text.words import STOP_WORDS
from retold.verify.check import Check
from retold.verify.endings import root
from retold.verify.source import Measured, SourceText, cut

LABELS: Final = ("A:", "Answer:")
_LIGHT: Final = STOP_WORDS | {"yes", "true", "false"}
"""Words that answer without saying anything of their own."""
_QUESTIONS: Final = ("Q:", "Question:")


def _answers(output: str) -> list[tuple[int, int]]:
    """Character ranges of answers: from the label to a blank line, a question or another answer."""
    found: list[tuple[int, int]] = []
    at = 0
    going = False
    for line in output.splitlines(keepends=True):
        bare = line.strip()
        label = next((label for label in LABELS if bare.startswith(label)), "")
        if label:
            found.append((at + line.index(label) + len(label), at + len(line)))
        elif going and bare and not bare.startswith(_QUESTIONS):
            found[-1] = (found[-1][0], at + len(line))
        going = bool(label) or (going and bool(bare) and not bare.startswith(_QUESTIONS))
        at += len(line)
    return found


def answers(source: SourceText, output: str) -> Measured:
    """Answers, and those whose words are mostly not the source's; never raises."""
    ranges = _answers(output) if ":" in output else []
    text = cut(output)
    marks: list[Mark] = []
    for start, end in ranges:
        content = [
            at
            for at, (first, last) in enumerate(text.spans)
            if start <= first and last <= end and text.folded[at] not in _LIGHT
        ]
        known = sum(root(text.folded[at]) in source.roots or source.stands(text.folded[at]) for at in content)
        if 2 * known < len(content):
            marks.append(Mark(text.spans[content[0]][0], text.spans[content[-1]][1], "answer_not_in_source"))
    return {"answers": float(len(ranges)), "unsupported_answers": float(len(marks))}, marks


CHECK: Final = Check(
    name="answers",
    measure=answers,
    signals=("answers", "unsupported_answers"),
    reasons=("answer_not_in_source",),
    microseconds=2,
    gain=None,
)
