"""A calculation as people write it, worked out exactly: numbers, + - * / x, brackets, per cent, dollar signs, commas.

In: text. Out: a fraction, or None where it is no calculation (words, a division by zero, more than 200 characters).
No `eval`: a descent over the characters, at most 40 brackets deep.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

LONGEST: Final = 200
DEEPEST: Final = 40


class _NoCalculationError(Exception):
    """Not a calculation."""


def calculate(text: str) -> Fraction | None:
    """The exact value, or None."""
    plain = "".join(character for character in text if character not in " ,$").replace("x", "*").replace("×", "*")
    if not plain or len(plain) > LONGEST:
        return None
    try:
        value, place = _sum(plain.replace("÷", "/"), 0, 0)
    except (_NoCalculationError, ZeroDivisionError):
        return None
    return value if place == len(plain) else None


def _sum(text: str, place: int, depth: int) -> tuple[Fraction, int]:
    value, place = _product(text, place, depth)
    while place < len(text) and text[place] in "+-":
        sign = text[place]
        right, place = _product(text, place + 1, depth)
        value = value + right if sign == "+" else value - right
    return value, place


def _product(text: str, place: int, depth: int) -> tuple[Fraction, int]:
    value, place = _one(text, place, depth)
    while place < len(text) and text[place] in "*/":
        sign = text[place]
        right, place = _one(text, place + 1, depth)
        value = value * right if sign == "*" else value / right
    return value, place


def _one(text: str, place: int, depth: int) -> tuple[Fraction, int]:
    if place >= len(text) or depth > DEEPEST:
        raise _NoCalculationError
    if text[place] == "-":
        value, place = _one(text, place + 1, depth + 1)
        return -value, place
    if text[place] == "(":
        value, place = _sum(text, place + 1, depth + 1)
        if place >= len(text) or text[place] != ")":
            raise _NoCalculationError
        place += 1
    else:
        end = place
        while end < len(text) and (text[end].isdecimal() or text[end] == "."):
            end += 1
        digits = text[place:end]
        if not digits.isascii() or digits.count(".") > 1 or not digits.strip("."):
            raise _NoCalculationError
        value, place = Fraction(digits), end
    if place < len(text) and text[place] == "%":
        value, place = value / 100, place + 1
    return value, place
