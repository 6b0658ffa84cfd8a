"""Folding and shingles against a slow reference that is written from their description."""

from __future__ import annotations

import itertools
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.folding import BREAK, SKIP, SOLO, folding
from retold.text.shingles import columns, fold_letters, hash_shingles, hash_words

KEY = np.uint64(99)
TEXT = st.text(st.sampled_from("aBcé e\u0301Ω.,'1٣9 \n-東カก🙂ß_İ"), max_size=60) | st.text(max_size=40)


def hashes(text: str, n: int, *, accents: bool = False) -> list[int]:
    data, places = columns(pa.array([text]))
    words, out = np.empty(len(data) + 3, np.uint64), np.empty(len(data) + 3, np.uint32)
    count, place = hash_words((data, KEY), places[0], places[1], folding(accents=accents), words, 0)
    assert place == places[1]
    return out[: hash_shingles(words, count, n, KEY, out)].tolist()


def reference(text: str, *, accents: bool) -> list[str]:
    """The folded words of a text, letter by letter."""
    table = folding(accents=accents)
    words: list[str] = []
    word, last_digit = "", False
    for place, letter in enumerate(text):
        value = int(table[ord(letter)])
        digits = not accents and value == ord("0")
        if value == SKIP:
            continue
        if value == BREAK:
            follows = text[place + 1 : place + 2]
            follows_digit = bool(follows) and not accents and int(table[ord(follows)]) == ord("0")
            if letter in ".," and last_digit and follows_digit and follows.isascii():
                continue
            words, word, last_digit = words + [word] * bool(word), "", False
            continue
        if value & SOLO:
            words, word, last_digit = words + [word] * bool(word) + [chr(value & 0x1FFFFF)], "", digits
            continue
        if not (digits and last_digit and word):
            word += chr(value)
        last_digit = digits
    return words + [word] * bool(word)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, max_size=6), st.sampled_from([1, 2, 5]), st.booleans())
def test_equal_hashes_are_equal_words(texts, n, accents):
    """Kills: a word's hash that leaks into the next, a rolling hash that forgets to drop the oldest word."""
    meant: dict[int, tuple[str, ...]] = {}
    for text in texts:
        words = reference(text, accents=accents)
        grams = [tuple(words[at : at + n]) for at in range(len(words) - n + 1)] or [tuple(words)] * bool(words)
        found = hashes(text, n, accents=accents)
        assert len(found) == len(grams)
        for number, gram in zip(found, grams, strict=True):
            assert meant.setdefault(number, gram) == gram
    assert len(set(meant.values())) == len(meant), "equal n-grams have equal hashes"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Café, at 1,234.50!", "the cafe at 7", True),
        ("don't", "dont", True),
        ("a b", "ab", False),
        ("Straße", "strasse", False),
        ("version 3.11.7", "version 2", True),
        ("x1y22", "x9y3", True),
        ("ΑΒΓ", "αβγ", True),
        ("नमस्ते", "नमसत", False),
    ],
)
def test_what_folding_takes_for_equal(one, other, same):
    assert (hashes(one, 1) == hashes(other, 1)) == same


@pytest.mark.parametrize("text", ["", " .,;", "\u0301", "🙂"])
def test_texts_without_words_have_no_shingles(text):
    assert hashes(text, 5) == []


def test_scripts_without_spaces_have_one_word_a_character():
    assert len(hashes("東京は日本", 1)) == 5 and len(hashes("東京は日本です", 5)) == 3 and len(hashes("ไทย", 1)) == 3


@settings(max_examples=200, deadline=None)
@given(TEXT, st.integers(3, 9))
def test_words_are_the_same_however_often_the_buffer_is_full(text, room):
    """Kills: losing the word at which the buffer is full."""
    data, places = columns(pa.array([text]))
    small, large = np.empty(room, np.uint64), np.empty(len(data) + 3, np.uint64)
    table = folding(accents=False)
    whole, _ = hash_words((data, KEY), places[0], places[1], table, large, 0)
    found, place = [], places[0]
    while place < places[1]:
        count, place = hash_words((data, KEY), place, places[1], table, small, 0)
        found += small[:count].tolist()
    assert found == large[:whole].tolist()


@settings(max_examples=200, deadline=None)
@given(TEXT, st.integers(3, 9))
def test_folded_letters_are_the_words_with_a_break_between(text, room):
    data, places = columns(pa.array([text]))
    out, state, place, letters = np.empty(room, np.uint32), np.zeros(2, np.int64), places[0], []
    while place < places[1]:
        count, place = fold_letters(data, place, places[1], folding(accents=True), state, out)
        letters += out[:count].tolist()
    found = "".join(chr(code) if code else " " for code in letters)
    spaced = "".join(letter for letter in found if letter != " ")
    assert spaced == "".join(reference(text, accents=True))
    assert found == found.strip(" ") and "  " not in found


def test_sliced_and_large_columns_are_read_in_place():
    texts = pa.array(["skipped", "one", "", "two words"])
    for column in (texts.slice(1), texts.cast(pa.large_string()).slice(1), pa.array([], pa.string())):
        data, places = columns(column)
        found = [bytes(data[start:end]).decode() for start, end in itertools.pairwise(places)]
        assert found == column.to_pylist()
    with pytest.raises(TypeError, match="without nulls"):
        columns(pa.array([None, "a"]))


def test_the_table_follows_the_unicode_of_this_python():
    table = folding(accents=True)
    for letter in "aZéЖ5":
        assert table[ord(letter)] == ord(letter.lower())
    for code in (0x2028, 0x20, 0x1F600, 0xE000):
        assert table[code] == BREAK and unicodedata.category(chr(code))[0] not in "LNM"
