"""An independent checker of traces: it reads questions and claims with its own patterns and computes with its own code.

Nothing of `retold.reflect` is imported here. For each kind of task: `claims(kind, text)` are the statements in a text
that look like steps, whatever words stand around them; `expected(kind, question)` are the statements and the answer
that the question demands.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import datetime, timedelta

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


UNITS = {
    "weeks": ("days", 7), "days": ("hours", 24), "hours": ("minutes", 60), "minutes": ("seconds", 60),
    "kilometres": ("metres", 1000), "metres": ("centimetres", 100), "centimetres": ("millimetres", 10),
    "tonnes": ("kilograms", 1000), "kilograms": ("grams", 1000), "grams": ("milligrams", 1000),
    "litres": ("decilitres", 10), "decilitres": ("centilitres", 10), "centilitres": ("millilitres", 10),
    "miles": ("yards", 1760), "yards": ("feet", 3), "feet": ("inches", 12), "stones": ("pounds", 14),
    "pounds": ("ounces", 16), "gallons": ("quarts", 4), "quarts": ("pints", 2), "pints": ("cups", 2),
    "gross": ("dozen", 12), "dozen": ("pieces", 12), "decades": ("years", 10), "years": ("months", 12),
}  # fmt: skip


@kind("units", r"\d+ [*+] \d+ = \d+ [a-z]+$")
def units(question: str) -> Found:
    held = re.findall(r"(\d+) ([a-z]+)", question)
    total, unit, lines = int(held[0][0]), held[0][1], []
    for number, smaller in held[1:]:
        following, factor = UNITS[unit]
        assert following == smaller
        lines += [f"{total} * {factor} = {total * factor} {smaller}"]
        lines += [f"{total * factor} + {number} = {total * factor + int(number)} {smaller}"]
        total, unit = total * factor + int(number), smaller
    assert re.search(rf"(?<!\d )\b{unit}\b", question), "the unit that is asked for is the last one"
    return lines, f"{total} {unit}"


DATE = r"\d{1,2} [A-Z][a-z]+ \d{4}"


@kind("dates", rf"{DATE} \+ \d+ days? = {DATE}$|[A-Z][a-z]+day \+ \d+ days? = [A-Z][a-z]+day$|\d+ = \d+ \* 7 \+ \d$")
def dates(question: str) -> Found:
    days = int(re.search(r"(\d+) days", question).group(1))
    if not (found := re.search(DATE, question)):
        names = list(calendar.day_name)
        start = re.search("|".join(names), question).group()
        end = names[(names.index(start) + days) % 7]
        rest = days - 7 * (days // 7)
        unit = "day" if rest == 1 else "days"
        return [f"{days} = {days // 7} * 7 + {rest}", f"{start} + {rest} {unit} = {end}"], end
    at = datetime.strptime(found.group(), "%d %B %Y")
    lines = []
    while days:
        room = calendar.monthrange(at.year, at.month)[1] - at.day
        step = min(days, room) if room else 1
        then = at + timedelta(days=step)
        shown = [f"{day.day} {day:%B} {day.year}" for day in (at, then)]
        lines.append(f"{shown[0]} + {step} {'day' if step == 1 else 'days'} = {shown[1]}")
        at, days = then, days - step
    return lines, f"{at.day} {at:%B} {at.year}"


@kind("lists", r"(?:smallest|largest) of [\d, ]+ = \d+$|\d+ \+ \d+ = \d+$")
def lists(question: str) -> Found:
    numbers = [int(number) for number in re.findall(r"\d+", question)]
    if re.search(r"\btotal\b", question):
        lines, total = [], numbers.pop(0)
        while numbers:
            lines.append(f"{total} + {numbers[0]} = {total + numbers[0]}")
            total += numbers.pop(0)
        return lines, str(total)
    word, best = ("smallest", min) if "smallest" in question else ("largest", max)
    lines, order = [], []
    while numbers:
        chosen = best(numbers)
        if len(numbers) > 1:
            lines.append(f"{word} of {', '.join(map(str, numbers))} = {chosen}")
        numbers.remove(chosen)
        order.append(str(chosen))
    return lines, ", ".join(order)


@kind("brackets", r"\d+: [][(){}] leaves (?:nothing|an error|[][(){} ]+)$")
def brackets(question: str) -> Found:
    marks = re.search(r"[][(){}](?: [][(){}])*", question).group().split()
    depth, lines = [], []
    for number, mark in enumerate(marks, 1):
        if mark in "([{":
            depth.append(mark)
        elif depth and depth[-1] + mark in ("()", "[]", "{}"):
            depth.pop()
        else:
            return [*lines, f"{number}: {mark} leaves an error"], "no"
        lines.append(f"{number}: {mark} leaves {' '.join(depth) or 'nothing'}")
    return lines, "yes" if not depth else "no"


@kind("tables", r"[A-Z][a-z]+: \d+, (?:total \d+|most [A-Z][a-z]+)$")
def tables(question: str) -> Found:
    rows = [re.split(r" \| ", line) for line in question.splitlines() if " | " in line]
    told = " ".join(line for line in question.splitlines() if " | " not in line)
    column = 1 if re.search(rf"\b{rows[0][1]}\b", told) else 2
    values = [(row[0], int(row[column])) for row in rows[1:]]
    lines, total, leader = [], 0, ("", -1)
    for name, number in values:
        total += number
        leader = max(leader, (name, number), key=lambda pair: pair[1])
        lines.append(f"{name}: {number}, " + (f"most {leader[0]}" if re.search("[Mm]ost", told) else f"total {total}"))
    return lines, leader[0] if re.search("[Mm]ost", told) else str(total)


EDITS = [
    ("reverse", r"(?s)^.*$", lambda found: found.group()[::-1]),
    ("drop the first letter", r"^.", ""),
    ("drop the last letter", r".$", ""),
    ("double the first letter", r"^(.)", r"\1\1"),
    ("double the last letter", r"(.)$", r"\1\1"),
    ("move the first letter to the end", r"^(.)(.*)$", r"\2\1"),
    ("move the last letter to the front", r"^(.*)(.)$", r"\2\1"),
    ("swap the first two letters", r"^(.)(.)", r"\2\1"),
    ("remove every e", r"e", ""),
    ("write o for a", r"a", "o"),
]


@kind("string_edits", "(?:" + "|".join(name for name, _, _ in EDITS) + r"): [a-z]+$")
def string_edits(question: str) -> Found:
    word = re.search(r'"([a-z]+)"', question).group(1)
    lines = []
    for name in re.findall("|".join(name for name, _, _ in EDITS), question):
        pattern, to = next((pattern, to) for known, pattern, to in EDITS if known == name)
        word = re.sub(pattern, to, word, count=0 if name[0] in "rw" and name != "reverse" else 1)
        lines.append(f"{name}: {word}")
    return lines, word


@kind("logic", r"[A-Z] = (?:not )?(?:true|false) (?:and|or) (?:not )?(?:true|false) = (?:true|false)$")
def logic(question: str) -> Found:
    values, lines, last = {}, [], ""
    for name, told in re.findall(r"([A-Z]) = ((?:not )?\w+(?: (?:and|or) (?:not )?[A-Z])?)", question):
        if told in ("true", "false"):
            values[name] = told == "true"
            continue
        shown = re.sub(r"\b[A-Z]\b", lambda found: str(values[found.group()]).lower(), told)
        values[name] = eval(shown.replace("true", "True").replace("false", "False"))  # a text of four known words
        lines.append(f"{name} = {shown} = {str(values[name]).lower()}")
        last = name
    return lines, str(values[last]).lower()


@kind("code", r"line \d+: [a-z] = -?\d+$")
def code(question: str) -> Found:
    """The program as Python itself runs it, its variables watched after every line."""
    program = [line for line in question.splitlines() if re.match(r"[a-z] = |if |for |print\(", line)]
    lines: list[str] = []
    printed: list[str] = []
    spread = []
    for number, line in enumerate(program, 1):
        watch = re.search(r"([a-z]) = ", line)
        spread.append(line if watch is None else f"{line}; saw({number}, {watch.group(1)!r}, {watch.group(1)})")
    scope = {
        "saw": lambda number, name, value: lines.append(f"line {number}: {name} = {value}"),
        "print": lambda value: printed.append(str(value)),
        "range": range,
    }
    exec("\n".join(spread), scope)  # programs of our own tests: `for ...: a; b` runs both in the loop
    return lines, printed[0]
