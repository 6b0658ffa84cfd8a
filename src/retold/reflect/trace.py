"""A trace: the lines of a task in words, and how a text is read back and compared with what its question demands.

`Writer` puts lines together and remembers where the wrong ones stand. `audit` is the verifier that all builders of
traces share: it takes nothing from the item but its text and its marks, computes every line again from the question
(`Kind.solve`) and returns the first reason for refusal, or "". What is neither a step nor known words is refused, so a
builder cannot say anything that its verifier does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from retold.core.document import Stretch
from retold.core.fingerprint import digest
from retold.reflect.item import Item, Task, Wording
from retold.reflect.tasks import TASKS
from retold.reflect.wording import ASK

PLAIN_ANSWER: Final = "Answer: "


def randomness(*names: object) -> Random:
    """A source of random numbers that depends on these names and on nothing else."""
    return Random(int(digest(*names), 16))


@dataclass
class Writer:
    """Lines of a text after its prompt, and the stretches of it that are wrong."""

    rng: Random
    wording: Wording
    prompt: str
    written: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    masked: list[Stretch] = field(default_factory=list)
    length: int = 0

    def __post_init__(self) -> None:
        self.length = len(self.prompt)

    def open(self) -> None:
        """Perhaps a line that announces steps."""
        if self.wording == "varied" and (said := self.rng.choice(ASK["opening"])):
            self.put(said)

    def put(self, line: str) -> None:
        """A line as it is."""
        self.written.append(line)
        self.length += len(line) + 1

    def step(self, line: str, *, wrong: bool = False, after: str | None = None) -> None:
        """A line of the trace, with words before it; `after` are words that lead to it in place of those."""
        said = self._words() if after is None else after
        start = self.length
        self.put(said + line)
        self.steps.append(line)
        if wrong:
            self.masked.append(Stretch(start, self.length - 1))

    def _words(self) -> str:
        if self.wording == "plain":
            return ""
        return self.rng.choice(ASK["next"] if self.steps else ASK["first"])

    def answer(self, answer: str) -> None:
        """The last line."""
        if self.wording == "plain":
            self.put(PLAIN_ANSWER + answer)
        else:
            self.put(self.rng.choice(ASK["answer"]) + answer + self.rng.choice((".", "")))

    def item(self, builder: str, task: Task, answer: str = "", slip: str = "", notice: str = "") -> Item:
        """What was written."""
        text = self.prompt + "".join(line + "\n" for line in self.written)
        steps, masked = tuple(self.steps), tuple(self.masked)
        return Item(builder, task.kind, self.prompt, text, answer or task.answer, steps, masked, slip, notice)


def audit(item: Item, known: Collection[str] = (), notice: str = "", fixed: bool = False) -> str:
    """Why the text of a trace is refused, or "". `known` are whole lines that may stand between steps.

    `fixed`: exactly one error is noticed, in the words `notice`, before its right line. Wrong lines are those marked.
    """
    if not item.text.startswith(item.prompt) or not item.text.endswith("\n"):
        return "prompt_changed"
    try:
        solution = TASKS[item.kind].solve(item.prompt.rstrip("\n"))
    except (ValueError, IndexError, KeyError, StopIteration):
        return "prompt_changed"
    lines = _unmasked(item)
    if lines is None:
        return "mask_misplaced"
    if fixed and (reason := _fault(item, solution.lines, notice)):
        return reason
    if item.answer != solution.answer or not is_answer(lines[-1], solution.answer):
        return "answer_wrong"
    words = {"", *ASK["opening"], *ASK["first"], *ASK["next"]}
    return _walk(lines[:-1], solution.lines, words, known, notice)


def is_answer(line: str, answer: str) -> bool:
    """Whether a line says this answer and no other."""
    return any(line in (said + answer, said + answer + ".") for said in ASK["answer"])


def _unmasked(item: Item) -> list[str] | None:
    """The lines after the prompt that are not marked wrong; None where a mark is not a whole line."""
    marks = {(mark.start, mark.end) for mark in item.masked}
    place, kept = len(item.prompt), []
    for line in item.response[:-1].split("\n"):
        span = (place, place + len(line))
        place += len(line) + 1
        if span in marks:
            marks.remove(span)
        else:
            kept.append(line)
    return None if marks or not kept else kept


def _fault(item: Item, right: Sequence[str], notice: str) -> str:
    """What is wrong with the error and its correction."""
    if not item.masked or not notice:
        return "not_one_correction"
    wrong = [item.text[mark.start : mark.end] for mark in item.masked]
    if any(_is_right(line, right) for line in wrong):
        return "no_error"
    if item.text.count(notice) != 1:
        return "not_one_correction"
    end = item.masked[-1].end
    begin = item.masked[0].start
    joined = item.text[begin:end].split("\n")
    if len(joined) != len(item.masked) or not item.text.startswith(notice, end + 1):
        return "mask_misplaced"
    return ""


def _is_right(line: str, right: Sequence[str]) -> bool:
    """Whether a line is one of the right ones, with or without known words before it."""
    words = {"", *ASK["first"], *ASK["next"]}
    return any(line.endswith(step) and line[: len(line) - len(step)] in words for step in right)


def _walk(
    lines: Sequence[str], right: Sequence[str], words: Collection[str], known: Collection[str], notice: str
) -> str:
    """All right lines in their order, and between them only what is known; the notice once, before a right line."""
    at, noticed = 0, not notice
    leads = {*words, *((notice + " ",) if notice else ())}
    for line in lines:
        step = right[at] if at < len(right) else None
        if step is not None and line.endswith(step) and line[: len(line) - len(step)] in leads:
            at += 1
            noticed = noticed or line.startswith(notice)
        elif notice and line == notice:
            noticed = True
        elif line not in words and line not in known:
            return "step_wrong" if any(character.isdigit() for character in line) else "words_unknown"
    if at < len(right):
        return "step_wrong"
    return "" if noticed else "not_one_correction"
