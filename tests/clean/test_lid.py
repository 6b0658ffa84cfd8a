"""The compiled language model against the library that it replaces."""

from __future__ import annotations

import fasttext
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.clean import language
from retold.clean.lid import load
from retold.core.errors import EngineError
from retold.read.python_docs import topics
from retold.text.scan import Texts

AGREE = 1e-4
ODD = [
    "", " ", "\n\t\v\f", "a", "Ceci n'est pas une pipe.", "日本語のテキスト", "Привет, мир", "naïve café déjà vu",
    "مرحبا", "</s> hello", "hello </s> bonjour", "__label__en hello", "__label__xx bonjour", "word " * 3000, "x" * 5000,
    "a\0b\rc",     "de in and", "\U0001f600 \U0001f1e9\U0001f1ea", "é", "ab" * 40_000,
    "жизнь" * 60, "x" * 63 + "é" * 40,
]  # fmt: skip


@pytest.fixture(scope="module")
def library():
    return fasttext.load_model(str(language.model_path()))


def difference(library, text: str) -> float:
    """The largest between the library's first five probabilities and ours."""
    labels, values = library.predict(text.replace("\n", " "), k=5)
    own = dict(language.probabilities(text, 176))
    return max(
        (
            abs(own[label.removeprefix("__label__")] - min(1.0, value))
            for label, value in zip(labels, values, strict=True)
        ),
        default=0.0,
    )


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_as_the_library_has_them(library, text):
    """Kills: hashing bytes as unsigned; n-grams cut inside a character; the end of the line not counted."""
    assert difference(library, text) < AGREE


def test_documents_are_as_the_library_has_them(library):
    """Kills: a word remembered under another word's place; sums that depend on what came before."""
    texts = [text for _, text in sorted(topics().items())]
    assert max(difference(library, text) for text in texts) < AGREE


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_as_the_library_has_it(library, text):
    assert difference(library, text) < AGREE


def test_the_order_of_texts_decides_nothing():
    """Law 1. Kills: what is remembered of one text leaking into the next."""
    texts = [text for _, text in sorted(topics().items())][:40] + ODD

    def rows(order):
        found = load(language.model_path()).probabilities(Texts([texts[at] for at in order]))
        return dict(zip(order, found, strict=True))

    one, two = rows(range(len(texts))), rows(list(reversed(range(len(texts)))))
    assert all(np.array_equal(one[at], two[at]) for at in range(len(texts)))


def test_other_files_are_refused(tmp_path):
    for name, content in (
        ("a.ftz", b""),
        ("b.ftz", b"\x00" * 4096),
        ("c.ftz", language.model_path().read_bytes()[:5000]),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(EngineError, match="is not a quantised"):
            load(tmp_path / name)
