"""`backward_check`: a proposed answer is followed back to the question; it is right where it arrives at its start.

Half of the proposals are wrong by a slip. A right one is confirmed; a wrong one is refused once and the task is then
done forwards. Verified twice: by the lines back, computed again from question and proposal, and by solving the task.
Source of the recipe: backward chaining among the meta-reasoning tasks of OLMo 3's mid-training mix.
"""

from __future__ import annotations

from random import Random
from typing import Final

from retold.reflect.item import Back, Item, Task
from retold.reflect.knobs import Knobs, Place
from retold.reflect.tasks import TASKS
from retold.reflect.tasks.slips import digit
from retold.reflect.trace import Writer, is_answer, randomness
from retold.reflect.wording import ASK, Grammar, say

NAME: Final = "backward_check"
KINDS: Final = tuple(name for name, kind in TASKS.items() if kind.back is not None)
PROPOSED: Final = "Proposed: "
TRIES: Final = 20

WORDS: Final[Grammar] = {
    "ask": (
        "Check it from the end.",
        "Is it right? Go backwards.",
        "Test this answer by going back.",
        "Work back from it.",
        "Undo the steps and see.",
        "Does it lead back to the start?",
        "Follow it back to the question.",
        "Go from the answer to the question.",
    ),
    "right": (
        "{wanted} is where the question starts: {proposed} is right.",
        "That is {wanted}, as the question says, so {proposed} is right.",
        "Back at {wanted}: {proposed} is right.",
        "The start is {wanted} too: {proposed} is right.",
        "It arrives at {wanted}, so {proposed} is right.",
        "{wanted} was given. {proposed} is right.",
    ),
    "wrong": (
        "{wanted} was given, not {start}: {proposed} is wrong.",
        "The question starts with {wanted}, so {proposed} is wrong.",
        "It should arrive at {wanted}: {proposed} is wrong.",
        "This is not {wanted}, so {proposed} is wrong.",
        "{start} where {wanted} should be: {proposed} is wrong.",
        "It misses {wanted}: {proposed} is wrong.",
    ),
}


def make(place: Place, knobs: Knobs) -> Item | None:
    """A task, a proposal, the way back, a verdict, and for a wrong one the way forward."""
    kinds = tuple(name for name in knobs.tasks or KINDS if name in KINDS)
    if not kinds:
        return None
    task = place.task(knobs, kinds)
    rng = randomness(NAME, place.seed, place.index)
    wanted_right = rng.random() < 0.5
    if _back(task.kind, task.question, task.answer) is None:
        return None
    proposed = task.answer if wanted_right else _wrong(rng, task)
    back = _back(task.kind, task.question, proposed) if proposed else None
    if back is None:
        return None
    ask = WORDS["ask"][0] if knobs.wording == "plain" else say(rng, WORDS, "ask")
    writer = Writer(rng, knobs.wording, f"{task.question}\n{PROPOSED}{proposed}\n{ask}\n")
    writer.open()
    for line in back.lines:
        writer.step(line)
    facts = {"wanted": back.wanted, "start": back.start, "proposed": proposed}
    verdict = "right" if back.start == back.wanted else "wrong"
    writer.put(say(rng, WORDS, verdict, facts))
    if verdict == "wrong":
        for step in task.steps:
            writer.step(step.line)
    writer.answer(task.answer)
    return writer.item(NAME, task, slip="" if verdict == "right" else "proposal")


def _wrong(rng: Random, task: Task) -> str:
    """A wrong answer whose way back comes out even; "" where a few tries find none."""
    number, _, unit = task.answer.partition(" ")
    for _ in range(TRIES):
        proposed = f"{digit(rng, int(number))} {unit}".strip()
        if _back(task.kind, task.question, proposed) is not None:
            return proposed
    return ""


def _back(kind: str, question: str, proposed: str) -> Back | None:
    back = TASKS[kind].back
    return None if back is None else back(question, proposed)


def verify(item: Item) -> str:
    """The reason for refusal, or ""."""
    parts = item.prompt.split("\n")
    if not item.text.startswith(item.prompt) or not item.text.endswith("\n") or not parts[-3].startswith(PROPOSED):
        return "prompt_changed"
    question, proposed = "\n".join(parts[:-3]), parts[-3].removeprefix(PROPOSED)
    solution = TASKS[item.kind].solve(question)
    back = _back(item.kind, question, proposed)
    right = proposed == solution.answer
    if back is None or (back.start == back.wanted) != right:
        return "step_wrong"
    facts = {"wanted": back.wanted, "start": back.start, "proposed": proposed}
    verdicts = {_filled(line, facts) for line in WORDS["right" if right else "wrong"]}
    lines = item.response[:-1].split("\n")
    wanted = [*back.lines, *(() if right else solution.lines)]
    leads = {"", *ASK["first"], *ASK["next"]}
    at = said = 0
    for line in lines[:-1]:
        if line in verdicts:
            said += 1
            if at != len(back.lines):
                return "not_one_correction"
        elif at < len(wanted) and line.endswith(wanted[at]) and line[: len(line) - len(wanted[at])] in leads:
            at += 1
        elif line not in ASK["opening"]:
            return "step_wrong"
    if at < len(wanted) or said != 1:
        return "step_wrong" if said == 1 else "not_one_correction"
    return "" if item.answer == solution.answer and is_answer(lines[-1], solution.answer) else "answer_wrong"


def _filled(template: str, facts: dict[str, str]) -> str:
    for name, value in facts.items():
        template = template.replace("{" + name + "}", value)
    return template
