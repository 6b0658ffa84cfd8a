"""An independent checker of traces: it reads questions and claims with its own patterns and computes with its own code.

Nothing of `retold.reflect` is imported here. For each kind of task: `claims(kind, text)` are the statements in a text
that look like steps, whatever words stand around them; `expected(kind, question)` are the statements and the answer
that the question demands.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Found = tuple[list[str], str]
KINDS: dict[str, tuple[str, Callable[[str], Found]]] = {}


def kind(name: str, pattern: str):
    def add(function: Callable[[str], Found]):
        KINDS[name] = (pattern, function)
        return function

    return add


def claims(name: str, text: str) -> list[tuple[int, str]]:
    """(place, statement) of all that looks like a step."""
    return [(found.start(), found.group()) for found in re.finditer(KINDS[name][0], text, re.MULTILINE)]


def expected(name: str, question: str) -> Found:
    return KINDS[name][1](question)


def audit(item) -> list[str]:
    """What is wrong with a trace, in words. `item` needs kind, prompt, text, answer, masked, builder."""
    faults = []
    question, body = item.prompt, item.text[len(item.prompt) :]
    right, answer = expected(item.kind, question.strip())
    stated = [(place + len(item.prompt), text) for place, text in claims(item.kind, body)]
    wrong = [text for place, text in stated if any(mark.start <= place < mark.end for mark in item.masked)]
    good = [text for place, text in stated if not any(mark.start <= place < mark.end for mark in item.masked)]
    if good != right:
        faults.append(f"steps {good} where {right} are right")
    if item.builder == "error_then_fix":
        at = len([1 for place, _ in stated if place < item.masked[0].start]) if item.masked else 0
        if not wrong or wrong[0] == right[at]:
            faults.append("no error in it")
        if [text for _, text in stated][at + len(wrong)] != right[at]:
            faults.append("the error is not followed by its correction")
    elif wrong:
        faults.append("an error in what should have none")
    last = body.rstrip("\n").split("\n")[-1].removesuffix(".")
    if not last.endswith(answer) or item.answer != answer or re.match(r"[\w-]", last[: -len(answer)][-1:]):
        faults.append(f"answer {last!r} instead of {answer!r}")
    if not item.text.endswith("\n") or "\n\n" in item.text or "<|" in item.text:
        faults.append("form")
    return faults


@kind("arithmetic", r"\d+ [-+*/] \d+ = \d+$")
def arithmetic(question: str) -> Found:
    if found := re.search(r"\d+(?: [-+] \d+)+", question):
        moves = [(sign or "+", int(number)) for sign, number in re.findall(r"([-+]?) ?(\d+)", found.group())]
    else:
        moves = []
        for clause in question.split(","):
            number = int(re.search(r"\d+", clause).group())
            if re.search(r"times|multiply", clause):
                moves.append(("*", number))
            elif re.search(r"take away|subtract|go away|lose|removed", clause):
                moves.append(("-", number))
            else:
                moves.append(("+", number))
    value = moves[0][1]
    lines = []
    for sign, number in moves[1:]:
        new = {"+": value + number, "-": value - number, "*": value * number}[sign]
        lines.append(f"{value} {sign} {number} = {new}")
        value = new
    return lines, str(value)
