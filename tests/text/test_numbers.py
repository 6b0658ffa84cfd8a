"""Numbers: one value for one quantity, and nothing that is no number."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.numbers import numbers

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
PIECES = "one two twenty hundred thousand million and a first half % percent 1 1,200 3.5 1e9"
MORE_PIECES = "0x1F ٣ ½ - ( ) [3] ."
LIKELY = st.lists(st.sampled_from([*PIECES.split(), *MORE_PIECES.split(), "\n"]), max_size=20).map(" ".join)


def values(text: str) -> list[str]:
    return [mention.value for mention in numbers(text)]


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["1,200", "1200", "twelve hundred", "one thousand two hundred", "1.2 thousand", "1200.0"], "1200"),
        (["5%", "5 %", "5 percent", "five per cent"], "5%"),
        (["21st", "twenty-first", "Twenty First"], "21st"),
        (["a hundred", "100", "one hundred", "1e2"], "100"),
        (["1.5 million", "1,500,000"], "1500000"),
        (["one hundred and twenty-five thousand", "125,000"], "125000"),
        (["nineteen ninety-nine", "1999"], "1999"),
        (["a dozen", "twelve", "12"], "12"),
        (["-5", "−5"], "-5"),
        (["3.11.4"], "3.11.4"),
        (["0x1F", "0X1f"], "0x1f"),
        (["12:55"], "12:55"),
        (["007", "7", "seven", "٧"], "7"),
        (["two hundredth", "200th"], "200th"),
        (["one million two hundred thousand and six"], "1200006"),
    ],
)
def test_equal_quantities_have_one_value(texts: list[str], value: str) -> None:
    for text in texts:
        assert values(f"about {text} of it") == [value], text


def test_versions_that_differ_have_different_values() -> None:
    assert values("3.1 and 3.10") == ["3.1", "3.10"]


@pytest.mark.parametrize(
    "text",
    [
        "1. Go home\n2) Stay",
        "  (3) the way",
        "as shown [2] before. [3]",
        "utf8 and UTF-8 and x1",
        "no one knows which one of them",
        "First, go. It is a third-party tool, once per second.",
        "hundreds of them",
    ],
)
def test_these_are_not_numbers(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two and three", ["2", "3"]),
        ("two, three", ["2", "3"]),
        ("1,2,3", ["1", "2", "3"]),
        ("pages 3-7", ["3", "7"]),
        ("at least one argument and 2.", ["1", "2"]),
        ("x[1] and f(2)", ["1", "2"]),
    ],
)
def test_neighbours_stay_apart(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY, LIKELY))
def test_mentions_are_where_they_say_in_order_without_overlap(text: str) -> None:
    """Kills: forgetting to move the start for "a hundred", or dropping the overlap test in `numbers`."""
    last = 0
    for mention in numbers(text):
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert mention.value
        last = mention.end


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**15))
def test_grouping_of_thousands_never_changes_the_value(number: int) -> None:
    """Kills: keeping the commas of a grouped number."""
    assert values(f"it is {number:,} long") == values(f"it is {number} long") == [str(number)]


def test_a_version_at_the_wrapped_end_of_a_sentence_is_no_list_marker() -> None:
    """Kills: taking any digits and a dot at the start of a line for a marker."""
    assert values("as it was in Python\n3.8.\n\nThen it changed.") == ["3.8"]
    assert values("1.2. A section\n2. Another") == []


@pytest.mark.parametrize("unit", ["1", "1,", "1:", "one ", "9.", "million ", "(1", "1e", " "])
def test_long_input_takes_linear_time(unit: str) -> None:
    """Kills: making an `int` of a long run of digits (it raises), or a greedy quantifier in the expression."""
    text = unit * (200_000 // len(unit))
    begun = time.process_time()
    numbers(text)
    assert time.process_time() - begun < 2.0
