"""Nothing that steers a terminal gets through, and nothing else is lost."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.report.safe import Piece, cut, line, pieces, plain


class Range(NamedTuple):
    start: int
    end: int
    reason: str = "x"
    decided: bool = False


WILD = st.text(st.one_of(st.sampled_from("\x1b[]\\\x07\x9b\r\n\t;m0A\u202e\x00"), st.characters()), max_size=60)


@given(WILD)
def test_no_control_character_is_left(text):
    """Kills: C1 controls (0x9b opens a sequence by itself) left out of the removed ones."""
    shown = plain(text)
    assert not [sign for sign in shown if unicodedata.category(sign) == "Cc" and sign not in "\n\t"]
    assert plain(shown) == shown
    assert "\n" not in line(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), max_size=60))
def test_ordinary_text_is_not_touched(text):
    """Kills: an escape sequence assumed where there is no introducer."""
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bcreset", "reset"),
        ("\x9b2Jgone", "2Jgone"),
        ("a\rb\x08c", "abc"),
        ("end\x1b", "end"),
        ("\x1b]never ends\u202e", "never ends"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_sequences_go_as_a_whole(text, shown):
    assert plain(text) == shown


@given(st.text("ab \n", max_size=40), st.lists(st.tuples(st.integers(-2, 45), st.integers(-2, 45)), max_size=6))
def test_pieces_are_the_text_and_marked_where_marks_are(text, ranges):
    """Kills: `mark.start <= start` -> `<`; overlapping marks that show words twice."""
    found = list(pieces(text, [Range(*each) for each in ranges]))
    assert "".join(piece.text for piece in found) == text
    inside = {place for start, end in ranges if 0 <= start < end <= len(text) for place in range(start, end)}
    place = 0
    for piece in found:
        for _ in piece.text:
            assert bool(piece.reasons) == (place in inside)
            place += 1


def test_two_reasons_for_one_word_are_both_named():
    """Kills: `any(mark.decided ...)` -> `all`, which hides what decided under what did not."""
    assert list(pieces("abc", [Range(0, 2, "one", True), Range(1, 3, "two")])) == [
        Piece("a", "one", True),
        Piece("b", "one, two", True),
        Piece("c", "two", False),
    ]


def test_cut_says_that_it_cut():
    assert (cut("abcd", 4), cut("abcde", 4)) == ("abcd", "abc…")
