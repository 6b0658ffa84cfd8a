"""What may be built of a sentence, and the grammar made of it: only what it answers, says, or says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.core.document import Passage, Request
from retold.styles.clause import main_clause
from retold.styles.frames import moved, questions, rows
from retold.styles.sentence_grammar import grammar
from retold.styles.style import load, render, sized
from retold.text.words import fold, words

KEEPER = "The keeper of the lighthouse opens the gate of the harbour before every storm."
TAY = "The Tay, also called the silver river, is the longest river of the country."
FOLDER = 'If the folder cannot be read, the "size()" function returns a negative value.'
KEPT = "The memory of the program is kept until the last handle is closed."


@pytest.mark.parametrize(
    ("sentence", "asked"),
    [
        (KEEPER, "What does the keeper of the lighthouse open?"),
        (KEEPER, "What opens the gate of the harbour before every storm?"),
        (TAY, "What is the longest river of the country?"),
        (TAY, "What is the Tay?"),
        (FOLDER, "What happens if the folder cannot be read?"),
        (FOLDER, 'If the folder cannot be read, what does the "size()" function return?'),
        ("Anna Reid designed the bridge over the Forth.", "Who designed the bridge over the Forth?"),
        ("A clutch of eggs consists of four or five eggs.", "What does a clutch of eggs consist of?"),
    ],
)
def test_questions_that_a_sentence_answers(sentence: str, asked: str) -> None:
    assert asked in questions(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It closes the gate of the harbour before every storm.",  # nobody knows who
        "Many keepers are members of the guild of the harbour.",  # "What are members of the guild?" has more answers
        "The gate that the keeper of the harbour closes is old.",
        "Close the gate of the harbour; the keeper is away.",
        "The gate is closed. the keeper left the harbour early.",
    ],
)
def test_sentences_that_are_left_alone(sentence: str) -> None:
    """Kills: asking for a pronoun, for a part, over a relative clause, or of two sentences that were taken for one."""
    assert questions(sentence) == ()


def test_a_question_keeps_the_condition_of_its_sentence() -> None:
    """Kills: a question without what stood before the main clause, to which the answer says more than was asked."""
    assert all("folder cannot be read" in question for question in questions(FOLDER))


def test_a_row_has_its_border_before_the_verb_and_loses_articles_alone() -> None:
    assert rows(KEEPER) == (
        "keeper of lighthouse | opens gate of harbour before every storm",
        "Keeper of lighthouse | opens gate of harbour before every storm",
    )
    assert rows(TAY)[0] == "Tay | longest river of country"
    assert rows(FOLDER)[0].startswith("If folder cannot be read, ")


def test_clauses_change_places_where_nothing_else_could_be_meant() -> None:
    """Kills: moving what then belongs to another word ("agents that cause defects in rare cases")."""
    assert moved("If the filter gives a null, the row of the table is sent to the reader.") == (
        "The row of the table is sent to the reader if the filter gives a null.",
    )
    assert moved(KEPT) == ("Until the last handle is closed, the memory of the program is kept.",)
    assert moved("In 1907, the council opened the bridge.") == ("The council opened the bridge in 1907.",)
    assert moved("In rare cases, it is linked with agents that cause defects.") == ()
    assert moved("In rare cases, autism is linked with agents that cause defects.") == ()
    assert moved("The gate of the harbour is open only if the keeper is there.") == ()


PIECES = st.sampled_from(
    [
        *("The", "a", "keeper", '"gate"', "is", "are", "has", "closes", "opened", "harbour,", "in", "1907", "if"),
        *("when", "it", "which", "of", "(old)", "that", "not", "only."),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14).map(lambda pieces: " ".join([*pieces, "end."])))
def test_nothing_is_said_that_the_sentence_does_not_have(sentence: str) -> None:
    """Kills: any word of substance in a question, row or move that is not the sentence's own."""
    own = {fold(word) for word in words(sentence)} | {"close", "open"}
    asking = {"what", "who", "which", "does", "did", "do", "happens"}
    for question in questions(sentence):
        assert {fold(word) for word in words(question)} <= own | asking
    for text in (*rows(sentence), *moved(sentence)):
        assert {fold(word) for word in words(text)} <= own
    if (clause := main_clause(sentence)) is not None:
        assert clause.subject and clause.verb


def test_the_grammar_of_a_sentence_has_its_texts_and_no_other() -> None:
    """Kills: an open grammar where an answer can only be one of the texts."""
    assert grammar("numbered", KEEPER) == "" == grammar("passage", KEEPER)
    nothing = grammar("pairs", "Nothing to ask about here.")
    assert nothing.startswith("root ::= choice") and '"-"' in nothing
    bound = grammar("pairs", FOLDER)
    assert "happens" in bound
    assert "moon" not in bound


def test_large_models_are_not_bound() -> None:
    """Kills: asking an engine that binds nothing for a grammar, only because a small model needs one."""
    faq, reword = load("faq"), load("reword")
    assert (faq.decoding, sized(faq, "large").decoding) == ("ordered", "plain")
    assert (reword.decoding, sized(reword, "large").decoding) == ("ordered", "plain")
    passage = Passage("p", "d", 0, len(KEEPER), "Harbour", KEEPER, 20)
    request = Request("r", "r", 0, "p", "d", 0, len(KEEPER), "faq", "3", "e")
    assert render(faq, passage, request).grammar
    assert not render(replace(faq, decoding="plain"), passage, request).grammar
