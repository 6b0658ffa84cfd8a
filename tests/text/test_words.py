"""Words of several scripts, folding, n-grams."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.words import STOP_WORDS, content_words, fold, ngrams, word_spans, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t re-use it's 3.14, or 1,200!", ["Don’t", "re", "use", "it's", "3.14", "or", "1,200"]),
        ("snake_case os.path", ["snake_case", "os", "path"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("漢字とabc", ["漢", "字", "と", "abc"]),
        ("2nd 5GB", ["2nd", "5GB"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_folding_unites_case_apostrophes_and_composition() -> None:
    assert fold("Don’T") == "don't"
    assert fold("CAFE\u0301") == fold("café") != fold("cafe")
    assert fold("STRASSE") == fold("straße")


def test_content_words_are_folded_without_function_words() -> None:
    assert content_words("The Cat sat on THE cat.") == ["cat", "sat", "cat"]
    assert all(word == fold(word) for word in STOP_WORDS)


def test_ngrams() -> None:
    assert ngrams(["a", "b", "c"], 2) == [("a", "b"), ("b", "c")]
    assert ngrams(["a"], 2) == []
    with pytest.raises(ValueError, match="at least one"):
        ngrams(["a"], 0)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_spans_and_words_agree_and_letters_are_never_lost(text: str) -> None:
    """Kills: leaving the solo scripts out of the last alternative."""
    spans = word_spans(text)
    assert [text[start:end] for start, end in spans] == words(text)
    covered = {position for start, end in spans for position in range(start, end)}
    assert all(position in covered for position, sign in enumerate(text) if sign.isalnum())


@pytest.mark.parametrize("unit", ["a", "'", "a'", "1,", "漢", "_", "e\u0301"])
def test_long_input_takes_linear_time(unit: str) -> None:
    """Kills: a quantifier that is not possessive in the word expression."""
    text = unit * 200_000
    begun = time.process_time()
    words(text)
    assert time.process_time() - begun < 1.0
