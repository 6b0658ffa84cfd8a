"""Contracts: what every parser takes, what it refuses and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.verdict import DETAIL_LIMIT
from retold.styles.parse import Parsed, Refusal, parse
from retold.styles.reasons import REASONS
from retold.styles.style import catalogue, load
from styles import answers

BULLETS = replace(
    load("key_facts"), name="bullets", prefill="-", contract=replace(load("key_facts").contract, parser="bullets")
)
RECORDS = replace(
    load("key_facts"), name="records", prefill="", contract=replace(load("key_facts").contract, parser="json")
)
ASKED = replace(
    load("key_facts"), name="asked", contract=replace(load("key_facts").contract, parser="question", items=(1, 1))
)
STYLES = {style.name: style for style in (*catalogue(), BULLETS, RECORDS, ASKED)}


def test_every_case_is_judged_as_reviewed(golden):
    said = []
    for (name, case), answer in answers.cases().items():
        found = parse(STYLES[name], answer, answers.SOURCE)
        if isinstance(found, Parsed):
            kept = "as given" if found.text == answer else repr(found.text)
            said.append(f"{name}: {case}\n  taken, {found.items} items, {kept}\n")
        else:
            said.append(f"{name}: {case}\n  {found.reason}: {found.detail}\n")
    golden("parsed.txt", "\n".join(said))


@pytest.mark.parametrize("name", answers.GOOD)
def test_a_well_formed_answer_is_taken_without_a_change(name):
    """Kills: any cleaning of an answer's text in `parse`."""
    found = parse(STYLES[name], answers.GOOD[name], answers.SOURCE)
    assert isinstance(found, Parsed)
    assert found.text == answers.GOOD[name]


@pytest.mark.parametrize("name", answers.GOOD)
def test_the_prefill_alone_is_empty(name):
    """Kills: `removeprefix(style.prefill...)` left out of `_said_nothing`."""
    found = parse(STYLES[name], STYLES[name].prefill, answers.SOURCE)
    assert isinstance(found, Refusal)
    assert found.reason == "empty_answer"


def test_an_opening_that_the_source_has_too_is_the_sources():
    """Kills: `and not _begins(source, phrases)` left out."""
    text = "Here is where a name is removed."
    style = load("summary")
    assert isinstance(parse(style, text, "Names are removed."), Refusal)
    assert isinstance(parse(style, text, "Here is the place to remove names."), Parsed)


def test_a_chat_marker_of_the_source_may_be_retold():
    text = "The marker <|im_end|> ends a turn."
    style = load("summary")
    assert isinstance(parse(style, text, "Turns end."), Refusal)
    assert isinstance(parse(style, text, "A turn ends with <|im_end|>."), Parsed)


def test_words_of_the_instruction_may_be_retold_where_the_source_has_them():
    """Kills: `and gram not in source` left out of `_echo`."""
    style = load("reword")
    text = "The file must already exist by then."
    assert isinstance(parse(style, text, "Files are read."), Refusal)
    assert isinstance(parse(style, text, "By then such a file must already exist."), Parsed)


def test_items_are_counted_against_the_contract():
    """Kills: `<` for `<=` or the two limits exchanged in `_judge_items`."""
    style = BULLETS
    answer = "- One is here.\n- Two is here.\n- Three is here."
    for items, expected in (((3, 3), None), ((4, 9), "too_few_items"), ((1, 2), "too_many_items")):
        found = parse(replace(style, contract=replace(style.contract, items=items)), answer, "")
        assert (found.reason if isinstance(found, Refusal) else None) == expected


@given(
    st.sampled_from(sorted(STYLES)),
    st.lists(
        st.sampled_from(
            ["1.", "2.", "-", "Q:", "A:", "|", "\n", "\n\n", " ", "word", "A b c.", "why?", "---", "#", "\\"]
        ),
        max_size=24,
    ).map("".join)
    | st.text(max_size=80),
)
def test_parsing_never_raises_and_never_invents(name, answer):
    """Whatever a model writes is judged; a text that is taken is a piece of the answer, whole words and in order.

    Kills: an index into an empty line in any parser, and a parser that joins items anew.
    """
    found = parse(STYLES[name], answer, "word word")
    if isinstance(found, Refusal):
        assert found.reason in REASONS
        assert len(found.detail) <= DETAIL_LIMIT
        return
    assert found.items >= 1
    assert found.text.split() == answer.split()[: len(found.text.split())]


@given(st.sampled_from(["tutorial", "bullets", "faq", "summary", "wiki"]), st.data())
def test_a_taken_text_parses_to_itself(name, data):
    """Kills: a parser that takes away a part of the end and leaves a text that it would refuse."""
    lines = st.sampled_from(
        ["1. Go.", "2. See.", "3.", "- Go.", "- See it.", "-", "Q: Why?", "A: So.", "A:", "Go.", ""]
    )
    answer = "\n".join(data.draw(st.lists(lines, max_size=8)))
    found = parse(STYLES[name], answer, "")
    if isinstance(found, Parsed):
        assert parse(STYLES[name], found.text, "") == found


def test_every_reason_is_given_somewhere():
    """A code that nothing gives is noise in the report: each of the list must occur among the cases."""
    given = {
        found.reason
        for (name, _), answer in answers.cases().items()
        if isinstance(found := parse(STYLES[name], answer, answers.SOURCE), Refusal)
    }
    assert given == set(REASONS)
