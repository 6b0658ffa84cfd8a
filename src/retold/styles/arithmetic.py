"""A worked problem computed again: what a calculator can settle is settled, not looked up.

In: problem, solution and answer of a `math` retelling, and its source. Out: None, or a code of `reasons.py` with what
was found. Held to: every quantity of the problem is one of the source, or "one"; every equation of the solution
computes, in exact fractions; every number in the solution is given in the problem or was computed above; the answer is
the result of the last equation.

Trade-off: strict and blind to sense. A rounded result, a conversion (60 minutes to an hour) or an average over "three
of them" is refused, although it may be right; a sum of things that nobody would add passes, if it is added rightly.
Words between the numbers are units to it. Known: + - * / ( ) % "% of" and chains a = b = c.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from retold.styles.parsers.result import quote
from retold.text.numbers import numbers

Found = tuple[str, str]
Token = Fraction | str

_OPERATORS = {"+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "·": "*", "/": "/", "÷": "/"}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
_LONGEST = 30
"""Characters of a number, and tokens of an expression: what a person writes; nothing here may take long."""


def check(problem: str, solution: str, answer: str, source: str) -> Found | None:
    """Why the problem does not hold, or None."""
    known = {"1", *(mention.value for mention in numbers(source))}
    for mention in numbers(problem):
        if mention.value not in known:
            return "number_not_given", mention.text
    given = {Fraction(1), *_values(problem)}
    result: Fraction | None = None
    for line in solution.split("\n"):
        sides = [_tokens(side) for side in line.split("=")]
        for left, right in pairwise(sides):
            wrong = _step(_longest(left, from_end=True), _longest(right, from_end=False), given, quote(line))
            if isinstance(wrong, tuple):
                return wrong
            result = wrong
            given.add(result)
        loose = next((value for value in _values(line) if value not in given), None)
        if loose is not None:
            return "number_not_given", quote(line)
    if result is None:
        return "wrong_arithmetic", "no equation"
    said = next(iter(_values(answer)), None)
    return None if said == result else ("answer_not_computed", quote(answer))


def _step(left: list[Token], right: list[Token], given: set[Fraction], line: str) -> Found | Fraction:
    """The value of an equation, or why it does not hold. `given` may be used on its left side."""
    one, other = _value(left), _value(right)
    if one is None or other is None or one != other:
        return "wrong_arithmetic", line
    if any(isinstance(token, Fraction) and token not in given for token in left if token != 100 or "%" not in line):
        return "number_not_given", line
    return other


def _values(text: str) -> Iterator[Fraction]:
    """The numbers of a text that can be computed with, spelled ones among them."""
    for mention in numbers(text):
        bare = mention.value.rstrip("%")
        if len(bare) <= _LONGEST and bare.removeprefix("-").replace(".", "", 1).isdigit() and bare.isascii():
            yield abs(Fraction(bare))


def _tokens(text: str) -> list[Token]:
    """Numbers, operators and brackets; words are left out, save the "of" after a "%"."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        sign = text[at]
        end = at + 1
        if sign.isdigit() and sign.isascii():
            while end < len(text) and (
                text[end].isdigit() or (text[end] in ".," and text[end + 1 : end + 2].isdigit())
            ):
                end += 1
            found.append(_number(text[at:end]))
        elif sign in _OPERATORS or sign in "()%":
            found.append(_OPERATORS.get(sign, sign))
        elif sign.isalpha():
            while end < len(text) and text[end].isalnum():
                end += 1
            if text[at:end] == "of" and found and found[-1] == "%":
                found.append("*")
        at = end
    return found


def _number(written: str) -> Token:
    bare = written.replace(",", "")
    if len(bare) > _LONGEST or bare.count(".") > 1 or not bare.isascii():
        return "?"
    return Fraction(bare)


def _longest(tokens: list[Token], *, from_end: bool) -> list[Token]:
    """The longest run at the end, or at the beginning, that can be computed: the words around it hold numbers too."""
    tokens = tokens[-_LONGEST:] if from_end else tokens[:_LONGEST]
    for size in range(len(tokens), 0, -1):
        run = tokens[-size:] if from_end else tokens[:size]
        if _value(run) is not None:
            return run
    return []


def _value(tokens: list[Token]) -> Fraction | None:
    """The value of an expression; None where it is none. By two stacks, so that brackets cost no depth of calls."""
    values: list[Fraction] = []
    waiting: list[str] = []
    operand = True
    for token in tokens:
        sign = token if isinstance(token, str) else ""
        if isinstance(token, Fraction) and operand:
            values.append(token)
            operand = False
        elif sign == "(" and operand:
            waiting.append("(")
        elif sign == ")" and not operand and "(" in waiting:
            while waiting[-1] != "(":
                if not _apply(values, waiting.pop()):
                    return None
            waiting.pop()
        elif sign == "%" and not operand:
            values[-1] /= 100
        elif sign in _STRENGTH and not operand:
            while waiting and waiting[-1] != "(" and _STRENGTH[waiting[-1]] >= _STRENGTH[sign]:
                if not _apply(values, waiting.pop()):
                    return None
            waiting.append(sign)
            operand = True
        else:
            return None
    while waiting:
        if waiting[-1] == "(" or operand or not _apply(values, waiting.pop()):
            return None
    return values[0] if len(values) == 1 and not operand else None


def _apply(values: list[Fraction], operator: str) -> bool:
    right, left = values.pop(), values.pop()
    if operator == "/" and right == 0:
        return False
    values.append(
        {"+": left + right, "-": left - right, "*": left * right}[operator] if operator != "/" else left / right
    )
    return True
