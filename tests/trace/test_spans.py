"""The rules for spans, on texts encoded as bytes (one token a byte)."""

from __future__ import annotations

import numpy as np

from retold.trace.alphabet import Utf8
from retold.trace.spans import Borders, maximal, rarest


def spans(text: str, corpus: str) -> list[str]:
    encoded = Utf8().encode(text)
    borders, data = Borders.of(encoded), text.encode()
    lengths = np.zeros(len(data), np.int64)
    for start, reach in enumerate(borders.reach().tolist()):
        while lengths[start] < reach and data[start : start + lengths[start] + 1] in corpus.encode():
            lengths[start] += 1
    return [encoded.of(one.start, one.end) for one in maximal(borders, lengths)]


def test_spans_are_whole_words_and_none_holds_another():
    """Kills: `end -= 1` without the test of borders; `end > reached` left out."""
    assert spans("the cat sat", "a cat sits, the cow") == ["the", "cat"]
    assert spans("one two three", "one two three") == ["one two three"]


def test_a_span_ends_at_a_full_stop_or_a_line_break():
    """Kills: `stops` ignored."""
    assert spans("It ends. It begins", "It ends. It begins") == ["It ends.", "It begins"]
    assert [one.strip() for one in spans("a line\nmore of it", "a line\nmore of it")] == ["a line", "more of it"]


def test_a_full_stop_in_a_number_ends_nothing():
    """Kills: `not inside[end]` left out."""
    assert spans("pi is 3.14 here", "pi is 3.14 here") == ["pi is 3.14 here"]


def test_characters_of_several_bytes_stay_whole():
    """Kills: `whole_before` and `whole_after` taken for true."""
    assert spans("über é", "xüber è") == ["über"]


def test_rare_and_long_spans_come_first_and_a_twentieth_is_kept():
    encoded = Utf8().encode("aa zz " * 10)
    counts = np.ones(256, np.int64)
    counts[ord("a")] = 1000
    found = maximal(Borders.of(encoded), np.array([2, 1, 0] * 20))
    kept = rarest(encoded, found, counts)
    assert len(kept) == 3, "0.05 of 60 tokens"
    assert {encoded.of(one.start, one.end) for one in kept} == {"zz"}
