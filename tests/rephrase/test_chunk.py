"""Cutting documents into passages."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.rephrase.chunk import chunk
from retold.text.tokens import count
from retold.text.words import words
from support.corpus_of_rephrase import HARBOUR

SENTENCE = "The keeper of the harbour counts every boat before seven in the morning. "

LINES = st.one_of(
    st.just(""),
    st.just(SENTENCE.strip()),
    st.just(SENTENCE * 12),
    st.sampled_from(
        ["Tides", "=====", "***", "# Gates", "---", "* one item of a list", "1. first", ">>> open()", "```"]
    ),
    st.sampled_from(["    if x:", "a ::= b | c", "| a | b |", "object.close(self)", "Note:", "x" * 2000]),
    st.text(max_size=60),
)
TEXTS = st.lists(LINES, max_size=40).map("\n".join)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(20, 400), st.integers(1, 60))
def test_passages_are_disjoint_spans_in_order_and_of_the_size_asked_for(text, tokens, min_words):
    """Kills: keeping a unit that is too large."""
    found = chunk(text, "Title", tokens, min_words)
    end = 0
    for piece in found.pieces:
        assert end <= piece.start < piece.end <= len(text)
        end = piece.end
        passage = text[piece.start : piece.end]
        assert passage == passage.strip()
        assert piece.tokens == count(passage) <= tokens
        assert len(words(passage)) >= min_words
        assert "\n" not in piece.heading
    assert chunk(text, "Title", tokens, min_words) == found


def texts(text: str, title: str = "", tokens: int = 300, min_words: int = 40) -> list[tuple[str, str]]:
    return [(piece.heading, text[piece.start : piece.end]) for piece in chunk(text, title, tokens, min_words).pieces]


def test_a_passage_ends_where_a_heading_begins():
    (first, above), (second, below) = texts(HARBOUR, min_words=20)
    assert (first, second) == ("Harbour notes", "Tides")
    assert above.startswith("The harbour at Lerwick") and above.endswith("to the harbour board.")
    assert below.startswith("High water comes twice a day")


@pytest.mark.parametrize(
    "heading",
    ["Gates\n=====", "Gates\n*****", "Gates\n-----", "# Gates", "### Gates", "*****\nGates\n*****"],
)
def test_the_heading_is_the_nearest_above_whatever_its_style(heading):
    assert [found for found, _ in texts(f"# Harbour\n\n{heading}\n\n{SENTENCE * 8}")] == ["Gates"]


def test_the_title_stands_with_the_heading_unless_one_says_the_other():
    body = f"\n\n{SENTENCE * 8}"
    assert texts(SENTENCE * 8, "Lerwick")[0][0] == "Lerwick"
    assert texts("# Tides" + body, "Lerwick")[0][0] == "Lerwick: Tides"
    assert texts("# The tides of Lerwick" + body, "Lerwick")[0][0] == "The tides of Lerwick"
    assert texts("# Tides" + body, "Tides and gates")[0][0] == "Tides and gates"
    assert len(texts("# Tides" + body, "T" * 1000)[0][0]) <= 200


def test_sections_and_long_paragraphs_are_cut_evenly_between_sentences():
    """Kills: `aim = tokens`, which leaves a rest too short to be retold."""
    text = SENTENCE * 23
    sizes = [len(passage.split(". ")) for _, passage in texts(text)]
    assert max(sizes) - min(sizes) <= 1
    assert all(passage.startswith("The keeper") and passage.endswith("morning.") for _, passage in texts(text))
    paragraphs = "\n\n".join([SENTENCE * 4] * 6)
    assert {len(passage.split("\n\n")) for _, passage in texts(paragraphs)} == {3}


def test_the_nearest_border_is_not_taken_where_the_passage_would_be_too_long():
    """Kills: `more > tokens` dropped from `_pack`: what is too long would be left out as a whole."""
    found = texts("\n\n".join(SENTENCE * size for size in (5, 4, 7)), tokens=120)
    assert [passage.count("keeper") for _, passage in found] == [5, 4, 7]


def test_code_grammar_tables_and_scraps_are_not_retold():
    code = "    for boat in boats:\n        boat.close(gate)\n        x = y + [1, 2]\n" * 12
    table = "| boat | length |\n|---|---|\n" + "| Anna | 12 |\n" * 40
    grammar = 'gate ::= "open" | "closed"\n' * 30
    scraps = "# One\n\nShort.\n\n# Two\n\nAlso short.\n"
    found = chunk(f"{code}\n\n{table}\n\n{grammar}\n\n{scraps}")
    assert found.pieces == ()
    assert found.skipped >= 3


def test_a_little_code_stays_where_the_sentence_runs_into_it_and_goes_where_it_does_not():
    code = "   gate.close()\n   board.raise_flag()"
    before = SENTENCE * 5
    runs_on = f"{before}\n\nThis is the same as:\n\n{code}\n"
    assert texts(runs_on)[0][1].endswith("raise_flag()")
    assert texts(f"{before.strip()}\n\n{code}\n")[0][1].endswith("morning.")
    assert texts(f"{code}\n\n{before}")[0][1].startswith("The keeper")
    assert "gate.close()" in texts(f"{before}\n\n{code}\n\n{before}")[0][1]


def test_one_endless_sentence_is_left_out_and_divides_what_is_around_it():
    endless = "boats " * 2000
    found = texts(f"{SENTENCE * 6}\n\n{endless}\n\n{SENTENCE * 6}")
    assert [passage.count("keeper") for _, passage in found] == [6, 6]


def test_a_long_document_takes_time_in_proportion():
    text = "\n\n".join(f"# Part {number}\n\n{SENTENCE * 30}" for number in range(200))
    start = time.perf_counter()
    found = chunk(text)
    assert len(found.pieces) >= 200
    assert time.perf_counter() - start < 5
