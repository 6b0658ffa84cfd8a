"""Words as hashes: cut as promised, whatever the bytes, and equal where a reader would say equal."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retold.text.hashed import gram, hashed


def cut(text: str, *, bare: bool = False) -> list[str]:
    raw = text.encode()
    found = hashed(text, bare=bare)
    return [raw[start:end].decode() for start, end in zip(found.starts, found.ends, strict=True)]


def test_words_for_matching():
    """Kills: hyphens that join, apostrophes that part, a full stop after a number that joins the next word."""
    text = "Don't pay $1,000.50 to Café-au-lait; it's 3.14. 'Quoted' x.y 7, 8 日本語"
    assert cut(text) == "Don't pay 1,000.50 to Café au lait it's 3.14 Quoted x y 7 8 日 本 語".split()  # noqa: SIM905


def test_words_of_gpt_3_are_parted_by_space_alone():
    assert cut("A well-known (x.y) - don't, 3.14!", bare=True) == ["A", "well-known", "x.y", "don't", "3.14"]
    assert list(hashed("well-known", bare=True).hashes) == list(hashed("WellKnown", bare=True).hashes)


def test_spellings_that_mean_the_same_are_equal():
    """Kills: hashing the comma of a number, the accent or the case."""
    one = hashed("CAFÉ don't 1,000 naïve ＡＢＣ").hashes
    assert list(one) == list(hashed("cafe dont 1000 naive abc").hashes)
    assert list(hashed("cafe\u0301").hashes) == list(hashed("café").hashes)


def test_words_of_other_scripts_are_told_apart_by_all_of_their_letters():
    """Kills: the first part of a character that is made of several taken for it: of a syllable of Korean that is its
    first consonant, so that "country", "song" and "wing" were one word."""
    words = "나라 노래 나래 한국 하루 ½ ¼ ﬁn ĳs กำ กา".split()  # noqa: SIM905
    assert len({tuple(hashed(word).hashes) for word in words}) == len(words)
    assert list(hashed("ÉÈê").hashes) == list(hashed("eee").hashes), "accents are still none"


@given(st.text(max_size=60), st.booleans())
def test_spans_ascend_and_lie_in_the_text(text, bare):
    found = hashed(text.encode("utf-8", "replace"), bare=bare)
    size = len(text.encode("utf-8", "replace"))
    flat = [place for span in zip(found.starts, found.ends, strict=True) for place in span]
    assert flat == sorted(flat) and all(0 <= place <= size for place in flat)
    assert all(start < end for start, end in zip(found.starts, found.ends, strict=True))


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_some_words(data, bare):
    """Law 8. Kills: reading past the end of a broken character."""
    found = hashed(data, bare=bare)
    assert len(found.hashes) <= len(data) // 2 + 1 and all(found.ends <= len(data))


@given(st.lists(st.text("abcdé1", min_size=1, max_size=6), min_size=1, max_size=8))
def test_a_word_has_one_hash_wherever_it_stands(words):
    whole = hashed(" ".join(words)).hashes
    assert list(whole) == [hashed(word).hashes[0] for word in words]


def test_no_two_of_a_hundred_thousand_words_share_a_hash():
    found = hashed(" ".join(f"w{number}" for number in range(100_000))).hashes
    assert len(np.unique(found)) == 100_000
    low = np.unique(found & np.uint64(0xFFFFF), return_counts=True)[1]
    assert low.max() <= 6


def test_the_order_of_words_is_in_the_hash_of_an_n_gram():
    """Kills: a sum of hashes."""
    found = hashed("a b a").hashes
    assert gram(found, 0, 2) != gram(found, 1, 2) and gram(found, 0, 2) != gram(found, 0, 3)
