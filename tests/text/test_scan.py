"""Compiled cutting against the expression it stands for: the same tokens, to the last character, of any text."""

from __future__ import annotations

import random
import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.characters import BREAK, DIGIT, SPACE, TERMINAL, TERMINALS, UPPER, WORD, classes
from retold.text.scan import Texts
from retold.text.words import tokens, words

HARD = (
    "don't 3.14 1,000.5x 3.14a .5 it''s ' ’tis a’b’ ...… -- == _a_ __ हिन्दी की नमस्ते। "
    "今天3.5円・ー カタカナ e\u0301a \u0301x 'a\u0301"
)
ALPHABET = "ab1_.,'’-…#éहि्今カ・\u0301\u200d \n\u3000٣٤😀"


def seen(text: str) -> list[str]:
    data = text.encode()
    found = Texts([text]).tokens
    return [data[start:end].decode() for start, end in zip(found.start, found.end, strict=True)]


def check(texts: list[str]) -> None:
    found = Texts(texts).tokens
    data = "".join(texts).encode()
    for place, text in enumerate(texts):
        first, last = found.bounds[place], found.bounds[place + 1]
        mine = [data[found.start[row] : found.end[row]].decode() for row in range(first, last)]
        expected = tokens(text)
        assert mine == expected
        assert found.characters[first:last].tolist() == [len(token) for token in expected]
        assert found.same[first:last].tolist() == [expected.index(token) for token in expected]
        for row, token in zip(range(first, last), expected, strict=True):
            bits = np.bitwise_or.reduce([classes()[ord(character)] for character in token])
            assert found.kinds[row] == bits, token
    alone, after = Texts(texts), Texts(texts)
    assert len(after.tokens.bounds) == len(texts) + 1
    for counted in (alone, after):
        assert counted.words.tolist() == [len(words(text)) for text in texts]
        assert counted.token_counts.tolist() == [len(tokens(text)) for text in texts]


def test_hard_tokens():
    assert seen("don't 3.14 3.14a it''s ... -= 今天") == [
        "don't", "3.14", "3", ".", "14a", "it", "''", "s", "...", "-", "=", "今", "天",
    ]  # fmt: skip
    check([HARD, "", " ", HARD])


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text(ALPHABET, max_size=60), max_size=4))
def test_tokens_are_those_of_the_expression(texts):
    """Kills: an apostrophe that joins without a letter after it, a number that a letter follows, a mark that starts."""
    check(texts)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_is_cut_alike(texts):
    check([text.encode("utf-8", "replace").decode() for text in texts])


def test_random_texts_of_every_script():
    source = random.Random(7)
    points = [code for code in range(0x20, 0x20000) if not 0xD800 <= code < 0xE000]
    check(["".join(chr(source.choice(points)) for _ in range(300)) for _ in range(100)])


def test_the_table_means_what_python_means():
    """Kills: a table of another version of Unicode."""
    table = classes()
    for code in [*range(0xD800), *range(0xE000, 0x33000), *range(0xE0000, 0xE0200), 0x10FFFF]:
        character = chr(code)
        bits = int(table[code])
        assert bool(bits & WORD) == (character.isalnum() or character == "_")
        assert bool(bits & SPACE) == character.isspace()
        assert bool(bits & DIGIT) == character.isdecimal()
        assert bool(bits & UPPER) == character.isupper()
        assert bool(bits & BREAK) == (len(f"a{character}b".splitlines()) == 2)
        assert bool(bits & TERMINAL) == (character in TERMINALS)


def test_sentence_marks_are_punctuation_of_many_scripts():
    assert len(TERMINALS) == 159 and set(".!?。．！？।؟۔") <= TERMINALS
    assert not [mark for mark in TERMINALS if unicodedata.category(mark)[0] not in "PCS"]


def test_chunks_hold_every_text_once():
    texts = ["x" * size for size in (5, 0, 12, 3, 3, 3, 20)]
    found = list(Texts(texts).chunks(10))
    assert [list(part.strings) for part in found] == [texts[:3], texts[3:]]
    assert b"".join(part.data.tobytes() for part in found) == "".join(texts).encode()
    assert not list(Texts([]).chunks())
