"""Sentences and paragraphs: laws on any text, cases on documentation."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.sentences import flat, paragraphs, sentences

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PIECES = "The the x 3.11 e.g. etc. U.S. . ... … ! ? ) ( \" ' ` * [1]"
MORE_PIECES = "1. - _ = : ; , obj.f() 。 No. 5 ”"
LIKELY = st.lists(
    st.sampled_from([*PIECES.split(), *MORE_PIECES.split(), "\n", "\n\n", "   ", "\n===\n", "\n* ", "\n    "]),
    max_size=60,
).map(" ".join)


def texts_of(text: str) -> list[str]:
    return [flat(text[start:end]) for start, end in sentences(text)]


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY, LIKELY))
def test_spans_cover_every_printed_character_once_and_in_order(text: str) -> None:
    """Kills: starting the next sentence one character late in `split`, or dropping the last span of a block."""
    for cut in (sentences, paragraphs):
        position = 0
        for start, end in cut(text):
            assert position <= start < end <= len(text)
            assert not text[position:start].strip()
            assert text[start:end] == text[start:end].strip()
            position = end
        assert not text[position:].strip()


@pytest.mark.parametrize(
    "kept",
    [
        "Use a container, e.g. List or Tuple, i.e. Something with length.",
        "Dr. J. R. Smith served in the U.S. Army.",
        "It needs Python 3.11.4 or version 3.5 of the Tool.",
        "Calling obj.method() on os.path.join(x) works.",
        "The values 0, 1, 2, … in sequence are fine.",
        "See Fig. 3 and No. 5 on pp. 12 and 13.",
        "Wait... what is this.",
        'Handlers are written with the "try" … "except" statement.',
        "Lists, tuples, etc. are sequences.",
        "He came at 5 p.m. on Monday.",
        "This text was wrapped\nat its end of line by\nan Editor of texts that likes it narrow and long, as you see.",
    ],
)
def test_one_sentence_stays_whole(kept: str) -> None:
    assert texts_of(kept) == [flat(kept)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It stops here. Then it goes on!  Or not?", ["It stops here.", "Then it goes on!", "Or not?"]),
        ("The answer is no. Python won.", ["The answer is no.", "Python won."]),
        ("Lists, tuples, etc. The rest is not.", ["Lists, tuples, etc.", "The rest is not."]),
        ('It returns "x". "y" is next.', ['It returns "x".', '"y" is next.']),
        ("It uses a map.  super() calls it.", ["It uses a map.", "super() calls it."]),
        ("A note.[2] Another.", ["A note.[2]", "Another."]),
        ("一つ。二つ。三", ["一つ。", "二つ。", "三"]),
        ("यह एक है। वह दो है।", ["यह एक है।", "वह दो है।"]),
        (
            "* one thing\n* another thing\n\n1. First.\n2. Second.",
            ["* one thing", "* another thing", "1. First.", "2. Second."],
        ),
        ("Title\n=====\n\nText here.", ["Title =====", "Text here."]),
        ("Name: Ada\nBorn: 1815\nPlace: London", ["Name: Ada", "Born: 1815", "Place: London"]),
        ("Do this:\n\n   x = f(1)\n   y = 2\n\nThen stop.", ["Do this:", "x = f(1) y = 2", "Then stop."]),
        ("Note:\n\n  It may change. It will.", ["Note:", "It may change.", "It will."]),
        ("f(x)\n\n   Return it.  More.", ["f(x)", "Return it.", "More."]),
    ],
)
def test_cuts(text: str, expected: list[str]) -> None:
    assert texts_of(text) == expected


def test_paragraphs_are_runs_between_blank_lines() -> None:
    text = "  one\ntwo\n \t\n\nthree\r\n\r\nfour"
    assert [text[start:end] for start, end in paragraphs(text)] == ["one\ntwo", "three", "four"]


def test_flat_joins_words_wrapped_at_their_hyphen() -> None:
    assert flat("a built-\n   in thing - \n yes") == "a built-in thing - yes"


@pytest.mark.parametrize("unit", ["!", '."', "a", " ", "(", "e.g. ", "a.", "`", "-", "* ", "=", "[1]", "x. Y "])
def test_a_long_line_takes_linear_time(unit: str) -> None:
    """Kills: dropping the possessive quantifier or the look-behind of the sentence end."""
    text = unit * (300_000 // len(unit)) + "x"
    begun = time.process_time()
    sentences(text)
    assert time.process_time() - begun < 2.0
