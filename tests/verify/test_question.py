"""The judge of one question about a sentence, and qualifiers of sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.text.words import fold, words
from retold.verify import REASONS, question_judge, sentence_judge
from retold.verify.qualifiers import KINDS, changed

SOURCE = "Herodotus writes that the Egyptians moved 12 pebbles from right to left across the wooden tablet."


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What did the Egyptians move across the tablet?", None),
        ("What is the purpose of pebbles?", None),
        ("Which of these did the Egyptians move?", "words_not_in_source"),
        ("How many pebbles did Herodotus move in 1906?", "number_not_in_source"),
        ("What did the great Romans move across the tablet?", "name_not_in_source"),
        ("What do merchants know of trade?", "words_not_in_source"),
        ("What is the purpose?", "words_not_in_source"),
        ("What is moved in this passage?", "meta_talk"),
        ("Herodotus writes that Egyptians moved 12 pebbles from right to left across which wooden tablet?", "copied"),
    ],
)
def test_reasons_of_questions(question: str, reason: str | None) -> None:
    """Kills: any condition of `question_judge` left out."""
    assert question_judge(SOURCE, question) == reason


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=100), st.text(max_size=100))
def test_any_question_has_an_answer(sentence: str, question: str) -> None:
    assert (answer := question_judge(sentence, question)) is None or answer in REASONS


@pytest.mark.parametrize(
    ("source", "text", "reason"),
    [
        (
            "Some small salamanders and frogs of the mountains lack lungs and rely entirely on their skin.",
            "Salamanders and frogs of the mountains have no lungs, relying on their small skin entirely.",
            "words_lost",
        ),
        (
            "The gate is closed by the keeper when the wind turns to the north in winter.",
            "The keeper always closes the gate as the wind turns north when winter is in.",
            "qualified_otherwise",
        ),
        (
            "The row is not sent to the reader if the filter of the table gives a null.",
            "If the filter of the table gives a null, then to the reader the row is sent.",
            "opposite_of_source",
        ),
        (
            "Together with Bonaire and Curacao, Aruba forms a group that is called the ABC islands.",
            "Aruba forms a group together with Bonaire that people call the ABC islands.",
            "words_lost",
        ),
        (
            "For mappings the method searches all keys, and for sequences it walks through values.",
            "For mappings this method is searching values, while for sequences it can walk through all keys.",
            "exchanged_in_source",
        ),
        (
            "Function calls are described in more detail in a section of the handbook.",
            "A section of the handbook can describe function calls in more detail.",
            "qualified_otherwise",
        ),
        (
            "A closed gate keeps boats in the inner basin, where they wait for the tide and the flag.",
            "Boats wait in the basin, where no closed gate keeps them, for the tide and the inner flag.",
            "negation_not_in_source",
        ),
    ],
)
def test_sentences_that_say_less_or_more_than_their_source(source: str, text: str, reason: str) -> None:
    """Kills: `_turned` or `_lost` left out of `sentence_judge`."""
    assert sentence_judge(source, text) == reason


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_qualifier_may_become_another_of_its_kind(kind: str, data: st.DataObject) -> None:
    """Kills: words compared instead of kinds."""
    one, other = (data.draw(st.sampled_from(sorted(KINDS[kind]))) for _ in range(2))
    lost, added = changed([one], [other])
    assert kind not in (lost, added)
    assert changed([one], ["frog"])[0] in ("", *KINDS) and changed(["frog"], ["frog"]) == ("", "")


def test_kinds_are_folded_words() -> None:
    assert all(word == fold(word) and words(word) == [word] for held in KINDS.values() for word in held)
