"""The embedded language model: whole texts, offline, and judging from numbers alone."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from retold.clean import Language
from retold.clean.codes import CODES
from retold.clean.judge import broken
from retold.clean.language import measure, model_digest, probabilities
from retold.text.scan import Texts

ENGLISH = "The quick brown fox jumps over the lazy dog, and then it goes home to sleep."
GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund und geht dann nach Hause."


@pytest.mark.parametrize(
    ("text", "code"), [(ENGLISH, "en"), (GERMAN, "de"), ("今天天气很好，我们去公园散步吧。", "zh")]
)
def test_languages_are_told(text, code):
    label, probability = probabilities(text)[0]
    assert label == code and 0.65 < probability <= 1


def test_the_whole_text_is_read():
    """Kills: cutting the text at 80 characters, as the wheel's own interface does."""
    assert probabilities(ENGLISH + "\n" + GERMAN * 20)[0][0] == "de"


def test_odd_texts_have_some_answer():
    for text in ("", "\n\n", "\0", "42", "\ufffd", "a" * 100_000):
        assert len(probabilities(text)) == 5


def reasons(texts: list[str], entry: Language) -> list[str]:
    first, rules = broken(measure(Texts(texts), entry), [entry])
    return [rules[place][1].reason if place >= 0 else "" for place in first]


def test_verdicts_from_signals():
    limits = Language(keep=["en", "de"], min_probability=0.65)
    assert reasons([ENGLISH, GERMAN, "42"], limits) == ["", "", "language_unsure"]
    assert reasons([ENGLISH, GERMAN], Language(keep="en")) == ["", "wrong_language"]
    assert reasons([ENGLISH], Language(keep="en", min_probability=1)) == ["language_unsure"]
    assert CODES[int(measure(Texts([GERMAN]), limits)["language_code"][0])] == "de"
    assert not len(measure(Texts([]), limits)["language"])


def test_codes_are_those_of_the_model():
    found = {code for text in (ENGLISH, GERMAN, "", "привет", "你好", "مرحبا") for code, _ in probabilities(text, 500)}
    assert found <= set(CODES) and len(CODES) == 176 and len(model_digest()) == 32


def test_unknown_codes_are_refused_with_what_is_near():
    with pytest.raises(ValidationError, match="did you mean en"):
        Language(keep=["eng"])
    assert Language(keep=["fr", "en", "en"]).keep == ("en", "fr")
