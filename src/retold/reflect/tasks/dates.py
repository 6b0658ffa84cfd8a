"""Days counted on from a date, month by month, and weekdays counted on by whole weeks.

A step goes to the end of a month or to the day that is asked for: `3 March 2021 + 28 days = 31 March 2021`. Slips: a
month of another length, a leap year forgotten, one day off, the wrong month. The maker knows the lengths of months,
`solve` counts with the calendar of the standard library.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from retold.reflect.item import Slip, Solution, Step, Task, Wording
from retold.reflect.tasks.slips import other
from retold.reflect.wording import Grammar, say

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST: Final = {1: 50, 2: 110, 3: 180}

DAYS: Final[Grammar] = {
    "question": (
        "{what} is {n} days after {day}?",
        "{n} days after {day}: {what2}?",
        "{something} {lasts} {n} days after {day}. {when}",
        "Count {n} days on from {day}. {when}",
        "{day} plus {n} days: {what2}?",
        "Today is {day}. {what} is it in {n} days?",
        "Add {n} days to {day}. {when}",
        "Starting on {day}, go {n} days ahead. {when}",
    ),
    "what": ("What date", "Which day", "Which date", "What day"),
    "what2": ("which date", "what day is that", "what is the date", "which day"),
    "something": ("A loan", "A ticket", "The permit", "A trial", "The lease", "An offer", "The visa"),
    "lasts": ("ends", "runs out", "expires", "is over"),
    "when": ("When is that?", "Which date is it?", "What is the date?", "On which day?", "Name the date."),
}
WEEKS: Final[Grammar] = {
    "question": (
        "Today is {day}. Which weekday is it in {n} days?",
        "Which weekday comes {n} days after a {day}?",
        "{n} days after a {day}: what weekday?",
        "It is {day}. In {n} days, what weekday is it?",
        "From a {day}, go {n} days on. Which weekday is that?",
        "Count {n} days from {day}. Name the weekday.",
    )
}


def make(rng: Random, level: int, wording: Wording) -> Task:
    """A date or a weekday and a number of days."""
    if rng.random() < 0.3:
        return _weekday(rng, level, wording)
    days = rng.randint(5, LONGEST[level])
    year, month = rng.randint(1990, 2039), rng.randrange(12)
    day = rng.randint(1, _length(year, month))
    start = _written(day, month, year)
    facts = {"n": str(days), "day": start}
    question = f"{start} + {days} days = ?" if wording == "plain" else say(rng, DAYS, "question", facts)
    steps: list[Step] = []
    while days:
        going = min(days, _length(year, month) - day) or 1
        before = _written(day, month, year)
        day += going
        if day > _length(year, month):
            day, year, month = 1, year + (month == 11), (month + 1) % 12
        days -= going
        line = _line(before, going, _written(day, month, year))
        steps.append(Step(line, _slips(rng, (before, going), day, month, year)))
    return Task("dates", question, tuple(steps), _written(day, month, year))


def _slips(rng: Random, moved: tuple[str, int], day: int, month: int, year: int) -> tuple[Slip, ...]:
    late = day + 1 if day < 31 else day - 1
    slips = [
        Slip("off_by_one", _line(*moved, _written(late, month, year))),
        Slip("month", _line(*moved, _written(day, (month + rng.choice((1, 11))) % 12, year))),
        Slip("year", _line(*moved, _written(day, month, year + rng.choice((1, -1))))),
    ]
    if month == 1 and day >= 28:
        slips.append(Slip("leap", _line(*moved, _written(57 - day, month, year))))
    return tuple(slips)


def _length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 1 and leap else LENGTHS[month]


def _written(day: int, month: int, year: int) -> str:
    return f"{day} {MONTHS[month]} {year}"


def _line(before: str, days: int, after: str) -> str:
    return f"{before} + {days} {'day' if days == 1 else 'days'} = {after}"


def _weekday(rng: Random, level: int, wording: Wording) -> Task:
    days, start = rng.randint(8, LONGEST[level]), rng.randrange(7)
    weeks, rest = divmod(days, 7)
    name, end = WEEKDAYS[start], WEEKDAYS[(start + rest) % 7]
    facts = {"n": str(days), "day": name}
    question = f"{name} + {days} days = ?" if wording == "plain" else say(rng, WEEKS, "question", facts)
    wrong = rng.choice([each for each in range(7) if each != rest])
    first = Step(f"{days} = {weeks} * 7 + {rest}", (Slip("remainder", f"{days} = {weeks} * 7 + {wrong}"),))
    second = Step(_line(name, rest, end), (Slip("off_by_one", _line(name, rest, other(rng, end, WEEKDAYS))),))
    return Task("dates", question, (first, second), end)


def solve(question: str) -> Solution:
    """The lines and the answer, read from the question's text."""
    words = [word.strip(",.?:") for word in question.split()]
    found = next((at for at, word in enumerate(words) if word in MONTHS), None)
    days = next(int(word) for at, word in enumerate(words) if word.isdecimal() and words[at + 1] == "days")
    if found is None:
        first = next(word for word in words if word in WEEKDAYS)
        end = WEEKDAYS[(WEEKDAYS.index(first) + days) % 7]
        return Solution((f"{days} = {days // 7} * 7 + {days % 7}", _line(first, days % 7, end)), end)
    at = date(int(words[found + 1]), MONTHS.index(words[found]) + 1, int(words[found - 1]))
    last = at + timedelta(days=days)
    lines: list[str] = []
    while at < last:
        ahead = at + timedelta(days=1)
        while ahead < last and (ahead + timedelta(days=1)).month == at.month:
            ahead += timedelta(days=1)
        lines.append(_line(_of(at), (ahead - at).days, _of(ahead)))
        at = ahead
    return Solution(tuple(lines), _of(last))


def _of(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
