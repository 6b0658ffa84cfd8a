"""Normalisation: idempotent on anything, and what it does to the things that matter."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retold.clean.normalize import _ALONE, _rare, normalize

normalize("The first call loads the compiled code.")

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cf", "Cc", "Zs", "Zl", "Zp", "Mn"]),
        st.sampled_from(" \t\n\r\v\f\x85\u2028\u2029\ud83d\ude00\u0301é\u200b\ufeff"),
    )
)


@settings(max_examples=400)
@given(HOSTILE)
@example("a\u200b\u0301")
@example("\ud83d\u200b\ude00")
@example(" \u200b\n \u200b\n\n x")
@example("\ud83d\ude00")
def test_once_is_enough(text):
    """Kills: normalising to NFC before invisible characters are taken out, or stripping lines before that."""
    once = normalize(text)
    assert normalize(once) == once
    once.encode("utf-8")
    assert once == once.strip("\n") and "\n\n\n" not in once
    assert all(line == line.rstrip() for line in once.split("\n"))


@settings(max_examples=600)
@given(
    st.lists(st.one_of(HOSTILE, st.sampled_from([" \n", "\u00a0\n", "\r\n", "\r\0\n", "x", "é", "\u3000"]))).map(
        "".join
    )
)
@example("a\u00a0 \t\n\n\n\u00a0\nb\x7f\r\r\nc\u2028d")
def test_the_fast_way_is_the_plain_way(text):
    """Kills: a blank beyond ASCII left at a line's end, "\\r\\n" taken for two ends, a third newline in a row."""
    assert normalize(text) == _rare(text)


@given(HOSTILE)
def test_equal_texts_have_one_form(text):
    """Kills: leaving composition or line ends as they come."""
    clean = normalize(text)
    assert normalize(unicodedata.normalize("NFD", clean)) == clean
    assert normalize(clean.replace("\n", "\r\n")) == clean


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("e\u0301", "é"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x1bc\x9f", "abc"),
        ("zero\u200bwidth\ufeff soft\u00adhyphen", "zerowidth softhyphen"),
        ("evil\u202eoverride \U000e0041\U000e0042", "eviloverride"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("  indented \t\n\n\n\n\nnext  ", "  indented\n\nnext"),
        ("\n\n \n", ""),
        ("می\u200cخواهم 👩\u200d💻", "می\u200cخواهم 👩\u200d💻"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_what_becomes_of(before, after):
    assert normalize(before) == after


def test_what_is_taken_for_composed_is():
    """Kills: an Ohm sign (U+2126) or an angle bracket (U+2329) among the characters that need no composing."""
    alone = [chr(code) for first, end in _ALONE for code in range(first, end)]
    assert all(unicodedata.is_normalized("NFC", letter) for letter in alone)
    assert not any(unicodedata.combining(letter) for letter in alone)
    assert unicodedata.is_normalized("NFC", "".join(alone + alone[::-1]))


def test_emoji_at_the_end_of_a_line_stay():
    """Kills: looking up what stands at the end of a line in a table that ends before emoji (memory of others)."""
    texts = [chr(code) for code in range(0x1F000, 0x1FC00)]
    assert [normalize(text) for text in texts] == texts
    assert [normalize(f"{text} \n{text}") for text in texts] == [f"{text}\n{text}" for text in texts]


@given(
    st.text(
        st.sampled_from(
            "a\u0301\u03c0\u2019 \n\t\r\x01\u200b\u2126\u1100\u1161\uac00\u11a8\udb40\ud800\U000e0041\U0001f600"
        )
    )
)
def test_the_short_ways_give_what_the_long_way_gives(text):
    """Kills: a table that forgets surrogates, marks or what is invisible."""
    long = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .encode("utf-16-le", "surrogatepass")
        .decode("utf-16-le", "replace")
    )
    hidden = dict.fromkeys([1, 0x200B, 0xE0041])
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", long.translate(hidden)).split("\n")]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    assert normalize(text) == "\n".join(kept).strip("\n")
