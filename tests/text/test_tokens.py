"""The estimate of tokens, held against a byte-pair encoding trained here."""

from __future__ import annotations

import pydoc_data.topics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from retold.text.tokens import count


def test_the_estimate_is_near_a_trained_encoding() -> None:
    """Kills: counting every letter, or every word as one."""
    topics = [text for _, text in sorted(pydoc_data.topics.topics.items())]
    encoding = Tokenizer(models.BPE())
    encoding.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, show_progress=False, initial_alphabet=alphabet)
    encoding.train_from_iterator(topics[::2], trainer)
    held_out = topics[1::2]
    true = sum(len(encoding.encode(text).ids) for text in held_out)
    assert 0.75 < sum(map(count, held_out)) / true < 1.25


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("  \t ", 0), ("a", 1), ("two words", 2), ("12345", 2), ("x\n\ny", 3), ("é", 1), ("漢", 2)],
)
def test_counts(text: str, expected: int) -> None:
    assert count(text) == expected


@given(st.text(st.characters(codec="ascii"), max_size=200))
def test_the_short_way_for_ascii_counts_the_same(text: str) -> None:
    """One letter beyond ASCII takes the long way, and is one token more."""
    assert count(text + " é") == count(text) + 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.text(max_size=50))
def test_counts_of_paragraphs_add_up(left: str, right: str) -> None:
    """Kills: an estimate that depends on the length of the text."""
    assert count(f"{left.strip()}\n{right.strip()}") <= count(left) + count(right) + 1
    assert count(left) >= bool(left.strip())


def test_a_long_line_takes_linear_time() -> None:
    begun = time.process_time()
    for unit in ("a", "1", ".", "é", "\n ", " "):
        count(unit * 300_000)
    assert time.process_time() - begun < 3.0
