"""Names: what is taken for a name, what is not, and laws on any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.names import is_acronym, is_identifier, names

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
PIECES = 'The Berlin Python ABC snake_case CamelCase a.b f() " ` ( )'
MORE_PIECES = '. \'s Smith’s "try" `x` the * Title I'
LIKELY = st.lists(st.sampled_from([*PIECES.split(), *MORE_PIECES.split(), "\n", "\n===\n"]), max_size=25).map(" ".join)


def found(text: str) -> list[str]:
    return [mention.text for mention in names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We met Guido van Rossum in New York.", ["Guido", "Rossum", "New York"]),
        (
            "The interpreter follows snake_case, CamelCase, __init__ and os.path.join(x).",
            ["snake_case", "CamelCase", "__init__", "os.path.join"],
        ),
        ('It raises "TypeError" in a "try" clause, not a "normal" one.', ["TypeError", "try"]),
        ('Use `x` and `go()` with the "-O" option.', ["x", "go", "-O"]),
        ("Berlin is big. We like Berlin.", ["Berlin", "Berlin"]),
        ("It is the W3C's UTF-8 in HTML.", ["W3C", "UTF-8", "HTML"]),
        ("Ask Anna's friend about Maria’s cat.", ["Anna", "Maria"]),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Every sentence begins with a capital. So does this one.",
        "Customizing Attribute Access\n****************************\n\nIt is easy.",
        "He said: “Nothing happens.” Then I'm off, e.g. home.",
        "* Items begin so\n* And so",
        "Add the option(s) you want.",
        "ALL OF THIS LINE\n\nis loud.",
    ],
)
def test_no_names(text: str) -> None:
    assert found(text) == []


def test_forms() -> None:
    assert all(map(is_identifier, ["a_b", "__x__", "aB", "os.path", "x.y"]))
    assert not any(map(is_identifier, ["word", "Word", "e.g", "WORD", "_", "a-b"]))
    assert all(map(is_acronym, ["W3C", "URLs", "UTF-8"]))
    assert not any(map(is_acronym, ["A", "Word", "aB"]))


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY, LIKELY))
def test_mentions_are_where_they_say_in_order_without_overlap(text: str) -> None:
    """Kills: reporting the quoted form with its quotes, or naming a token twice (quoted and plain)."""
    last = 0
    for mention in names(text):
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        last = mention.end


@pytest.mark.parametrize("unit", ["A b ", "a.", "'a", "A3", "a-", "`", '"a" ', "f(", "_", "x\n"])
def test_long_input_takes_linear_time(unit: str) -> None:
    """Kills: dropping a possessive quantifier of the token expression, or an unbounded search for a bracket."""
    text = unit * (150_000 // len(unit))
    begun = time.process_time()
    names(text)
    assert time.process_time() - begun < 2.0
