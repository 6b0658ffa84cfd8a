"""Endings: which words are one for the support check."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.verify.endings import root, singular


@pytest.mark.parametrize(
    "words",
    [
        "run runs running",
        "use uses used using",
        "class classes",
        "study studies studied studying",
        "box boxes boxed",
        "control controls controlled controlling",
        "abacus abacus's",
        "make makes making",
    ],
)
def test_forms_of_one_word_are_one(words: str) -> None:
    assert len({root(word) for word in words.split()}) == 1


@pytest.mark.parametrize(
    "pair", ["string strange", "thing the", "king kind", "red reed2", "bus business", "govern government"]
)
def test_different_words_stay_apart(pair: str) -> None:
    first, second = pair.split()
    assert root(first) != root(second)


@pytest.mark.parametrize(
    ("plural", "word"), [("egyptians", "egyptian"), ("cities", "city"), ("this", "this"), ("gas", "gas")]
)
def test_singular(plural: str, word: str) -> None:
    assert singular(plural) == word


@given(st.text())
def test_any_word_has_a_root(word: str) -> None:
    assert root(word) or word in ("", "'s")
