"""Signatures estimate the Jaccard similarity without bias and with the spread that theory gives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from retold.dedup.signatures import BLOCK, Signer, agreeing, similarity
from support.twins import edited, jaccard, text, vocabulary

WORDS = vocabulary(20_000)


def estimate(signer: Signer, one: str, other: str) -> float:
    signatures, _ = signer.sign(pa.array([one, other]))
    count = signer.bands * signer.rows
    return float(similarity(agreeing(signatures[0], signatures[1], signer.rows), signer.rows, count))


@pytest.mark.parametrize(("bands", "rows"), [(14, 8), (20, 5), (9, 13), (50, 2), (64, 1)])
def test_the_estimate_has_no_bias_and_the_spread_of_theory(bands, rows):
    """Kills: packing all rows of a band from one minimum; permutations that are equal; forgetting accidents."""
    rng = np.random.default_rng(5)
    errors, variance = [], []
    for seed in range(120):
        one = text(WORDS, rng, 400)
        other = edited(one, [0.01, 0.03, 0.08, 0.3][seed % 4], rng)
        true = jaccard(one, other)
        errors.append(estimate(Signer(bands, rows, 5, seed), " ".join(one), " ".join(other)) - true)
        accident = 2.0 ** -(64 // rows)
        agree = true + (1 - true) * accident
        variance.append(agree * (1 - agree) / (bands * rows) / (1 - accident) ** 2)
    spread = np.sqrt(np.mean(variance))
    assert abs(np.mean(errors)) < 4 * spread / np.sqrt(len(errors))
    assert 0.75 * spread < np.std(errors) < 1.25 * spread


def test_a_text_longer_than_a_block_is_signed_as_the_union_of_its_shingles():
    """Kills: losing the shingles that lie across two blocks (the count), or those of all blocks but the last."""
    rng = np.random.default_rng(6)
    words = text(WORDS, rng, 3 * BLOCK + 17)
    signer = Signer(14, 8, 5, 1)
    whole, counts = signer.sign(pa.array([" ".join(words)]))
    assert counts.tolist() == [len(words) - 4]
    for at in (BLOCK - 3, BLOCK - 1, BLOCK + 2, 2 * BLOCK - 2):
        changed = [*words[:at], "different", *words[at + 1 :]]
        other, _ = signer.sign(pa.array([" ".join(changed)]))
        assert agreeing(whole[0], other[0], 8) >= 108
    shuffled = " ".join(words[BLOCK:] + words[:BLOCK])
    other, _ = signer.sign(pa.array([shuffled]))
    assert agreeing(whole[0], other[0], 8) >= 110


def test_seeds_give_different_permutations_and_the_same_seed_the_same():
    one = pa.array(["some words that are enough for a shingle or two"])
    first, again, other = (Signer(14, 8, 5, seed).sign(one)[0] for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).all()


def test_texts_without_words_say_so():
    _, counts = Signer(14, 8, 5, 1).sign(pa.array(["", "…", "one", "a b c d e f"]))
    assert counts.tolist() == [0, 0, 1, 2]
    signatures, counts = Signer(14, 8, 5, 1).sign(pa.array([], pa.string()))
    assert signatures.shape == (0, 14) and counts.shape == (0,)
