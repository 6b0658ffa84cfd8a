"""Rows are the texts in order, whatever position they are read from."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.measure.builder import TrainingText
from retold.measure.stream import IGNORED, Stream
from retold.measure.vocabulary import Vocabulary, whole_words

WORDS = [f"w{number}" for number in range(30)]
VOCABULARY = Vocabulary(whole_words([" ".join(WORDS)]))


def texts(number: int) -> list[TrainingText]:
    return [TrainingText(" ".join(WORDS[place : place + 1 + (number + place) % 5])) for place in range(7)]


@given(st.integers(0, 40), st.integers(1, 3), st.integers(8, 20))
@settings(deadline=None)
def test_a_stream_goes_on_with_the_very_next_token(steps, batch, length):
    """Kills: a position that forgets what was used of the pass, or counts the pass twice."""
    whole = Stream(texts, VOCABULARY)
    for _ in range(steps):
        whole.rows(batch, length)
    resumed = Stream(texts, VOCABULARY, whole.position)
    for _ in range(5):
        for left, right in zip(whole.rows(batch, length), resumed.rows(batch, length), strict=True):
            assert np.array_equal(left, right)


def test_rows_end_to_end_are_the_texts():
    ids, _ = Stream(texts, VOCABULARY).rows(3, 9)
    every = np.concatenate([VOCABULARY.encode(text)[0] for number in range(5) for text in texts(number)])
    assert np.array_equal(ids.reshape(-1), every[:27])


def test_labels_are_what_follows_and_nothing_masked():
    """Kills: the mask of a token applied to the one before it."""

    def masked(number: int) -> list[TrainingText]:
        return [TrainingText("w1 w2 w3 w4", ((3, 8),))]

    ids, labels = Stream(masked, VOCABULARY).rows(1, 10)
    w = [VOCABULARY.ids(word)[0] for word in ("w1", "w2", "w3", "w4")]
    assert ids[0].tolist() == [*w, 0, *w, 0]
    assert labels[0].tolist() == [IGNORED, IGNORED, w[3], 0, w[0], IGNORED, IGNORED, w[3], 0, IGNORED]
