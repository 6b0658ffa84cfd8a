"""Worked problems: what computes, what does not, and numbers from nowhere."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.styles.arithmetic import check
from retold.styles.reasons import REASONS

SOURCE = "A hive holds 40,000 bees. It has 8 frames of 5 kg each, and 25% of the bees fly. A frame costs 1.50 euros."
PROBLEM = "A hive has 8 frames of 5 kg. How heavy are they?"


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("8 * 5 = 40", "40 kg"),
        ("All frames weigh 8 frames × 5 kg = 40 kg.", "They weigh 40 kg."),
        ("8 * 5 = 40 = 5 * 8", "40"),
        ("(8 + 5) * 8 = 104\n104 / 8 = 13", "Thirteen."),
        ("8 - (8 - 5) = 5", "5"),
    ],
)
def test_what_computes_is_taken(solution, answer):
    assert check(PROBLEM, solution, answer, SOURCE) is None


@pytest.mark.parametrize(
    ("problem", "solution", "answer", "reason"),
    [
        (PROBLEM, "8 * 5 = 45", "45 kg", "wrong_arithmetic"),
        (PROBLEM, "8 * 5 = 40\n40 + 5 = 44", "44", "wrong_arithmetic"),
        (PROBLEM, "8 * 5 = ", "40", "wrong_arithmetic"),
        (PROBLEM, "8 / (5 - 5) = 8", "8", "wrong_arithmetic"),
        (PROBLEM, "Multiply them.", "40", "wrong_arithmetic"),
        (PROBLEM, "8 * 6 = 48", "48", "number_not_given"),
        (PROBLEM, "8 * 5 = 40, in 7 days", "40", "number_not_given"),
        ("There are 9 frames of 5 kg.", "9 * 5 = 45", "45", "number_not_given"),
        (PROBLEM, "8 * 5 = 40", "45", "answer_not_computed"),
        (PROBLEM, "8 * 5 = 40", "Many.", "answer_not_computed"),
    ],
)
def test_what_does_not_hold_is_named(problem, solution, answer, reason):
    """Kills: any of the four conditions of `check` left out, `left in given` asked of the right side only."""
    found = check(problem, solution, answer, SOURCE)
    assert found is not None and found[0] == reason


def test_shares_are_computed():
    assert check("Of 40,000 bees 25% fly. How many?", "25% of 40,000 = 10,000", "10000 bees", SOURCE) is None
    assert check("Of 40,000 bees 25% fly. How many?", "25 / 100 * 40,000 = 10,000", "10000", SOURCE) is not None


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=4), st.lists(st.sampled_from("+-*/"), min_size=3, max_size=3)
)
def test_equations_hold_exactly_where_they_compute(numbers, operators):
    """Against Python's own fractions. Kills: operators of one strength taken from the right, `/` rounded."""
    written = str(numbers[0])
    for operator, number in zip(operators, numbers[1:], strict=False):
        written += f" {operator} {number}"
    value = eval(written.replace("/", "*Fraction(1)/"), {"Fraction": Fraction})
    source = " and ".join(map(str, numbers))
    told = f"{value.numerator} / {value.denominator}" if Fraction(value).denominator > 1 else str(value)
    right = check(source, f"{written} = {told}", told, source)
    if Fraction(value).denominator == 1 and value >= 0:
        assert right is None
        wrong = check(source, f"{written} = {value + 1}", str(value + 1), source)
        assert wrong is not None and wrong[0] == "wrong_arithmetic"


@given(st.text(alphabet="0123456789.,+-*/()%= ofx\n", max_size=120), st.text(max_size=40))
def test_no_answer_is_too_strange(solution, problem):
    """Kills: a code that is no reason; an exception for a number that is none."""
    found = check(problem, solution, "1", problem)
    assert found is None or found[0] in REASONS
