"""Rule-made styles: laws on any text, and on all topics of the language reference that comes with Python."""

from __future__ import annotations

import pickle
import pydoc_data.topics
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retold.core.document import Passage
from retold.core.fingerprint import digest
from retold.styles.rules import RULES
from retold.styles.rules.cloze import BLANK
from retold.styles.rules.material import said, statements
from retold.text.names import names
from retold.text.numbers import numbers
from retold.text.sentences import flat, paragraphs

SENTENCES = (
    "The Berlin office has 12 rooms and 3.5 floors.",
    'A "list" is a mutable sequence of 40 objects.',
    "It has 7 more.",
    "Exceptions are a means of leaving a block of code.",
    'The "try" statement and the "except" clause raise ValueError or TypeError.',
    "Guido van Rossum wrote Python in 1991 in the Netherlands.",
    "The term mapping refers to 21 kinds of objects.",
    "One hundred and five readers asked for e.g. version 3.11.4 of it.",
    "However, KeyError is raised by __getitem__ and __missing__ for 99 % of keys.",
    "See os.path.join(a, b) and str.split() for 8 details [2].",
)
LINES = st.one_of(
    st.sampled_from(SENTENCES),
    st.sampled_from(
        [
            "Title\n=====",
            "* item: text",
            "1. Another item of 5",
            "str.strip(chars)",
            "   Return 3 copies of it.",
            "name: value",
        ]
    ),
    st.sampled_from(
        ["   x = 1", "", "Note:", "| a | b |", "+--+--+\n|a |b |\n+--+--+\n|c |d |\n+--+--+\n|e |f |\n+--+--+"]
    ),
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
TEXTS = st.one_of(
    ANY,
    st.lists(LINES, max_size=25).map("\n".join),
    st.lists(LINES, max_size=25).map("\n\n".join),
    st.lists(st.one_of(st.sampled_from(SENTENCES), ANY), max_size=12).map(" ".join),
)


def passage(text: str, heading: str = "") -> Passage:
    return Passage(digest(text), "d", 0, len(text), heading, text, len(text) // 4)


def topic_passages() -> list[Passage]:
    """All topics, cut at paragraphs into passages of about 250 words."""
    found = []
    for topic, text in sorted(pydoc_data.topics.topics.items()):
        start = end = 0
        for left, right in paragraphs(text):
            start = left if end <= start else start
            end = right
            if len(text[start:end].split()) >= 250:
                found.append(passage(text[start:end], topic))
                start = end
        if end > start:
            found.append(passage(text[start:end], topic))
    return found


TOPICS = topic_passages()


def ungrounded(source: Passage, made: str) -> list[str]:
    """Names and numbers of a retelling that its passage does not have."""
    inside = flat(source.text)
    known = {mention.value for mention in numbers(source.text)} | {mention.value for mention in numbers(inside)}
    return [
        name.text
        for name in names(made)
        if flat(name.text) not in inside.replace("|", "\\|") and flat(name.text) not in inside
    ] + [mention.text for mention in numbers(made) if mention.value not in known]


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=150, deadline=None)
@given(text=TEXTS, heading=ANY | st.sampled_from(["Berlin and 99 more", "Exceptions"]), seed=st.integers(0, 3))
def test_any_text_gives_grounded_texts_and_the_same_ones_again(name: str, text: str, heading: str, seed: int) -> None:
    """Kills: showing a heading that the passage does not bear out (return `heading` in `title` unconditionally), or
    numbering the questions."""
    source = passage(text, heading)
    made = RULES[name].program(source, seed)
    assert made == RULES[name].program(source, seed)
    for one in made:
        assert one.strip() == one != ""
        assert ungrounded(source, one) == []


@pytest.mark.parametrize("name", RULES)
def test_all_topics_are_grounded(name: str) -> None:
    """Kills: joining a sentence to the wrong signature, or blanking inside a longer name."""
    made = [(source, one) for source in TOPICS for one in RULES[name].program(source, 7)]
    assert len(made) > 25
    for source, one in made:
        assert ungrounded(source, one) == [], (source.heading, one)


@pytest.mark.parametrize("name", RULES)
def test_phrasings_vary_with_the_seed_and_carry_no_claim(name: str) -> None:
    """Kills: a frame chosen without the seed or the passage."""
    variants = {tuple(RULES[name].program(source, seed)) for seed in range(12) for source in TOPICS[:40:8]}
    plain = {tuple(RULES[name].program(source, 0)) for source in TOPICS[:40:8]}
    if name == "lead":
        assert variants == plain
    else:
        assert len(variants) > 2 * len(plain) - 2


def cloze_questions(made: str) -> list[tuple[str, list[str], str]]:
    """(line with its blank, options, answer) of each question."""
    pieces = made.split("\n\n")[1:]
    questions = []
    for line, options, answer in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        letters = [option.split(" ", 1) for option in options.split("\n")]
        given_answer = answer.split(": ", 1)[1]
        if letters[0][0] != "-":
            given_answer = dict(letters)[given_answer.split(" ", 1)[0]]
        questions.append((line, [option for _, option in letters], given_answer))
    return questions


@pytest.mark.parametrize("seed", [0, 7])
def test_cloze_has_one_answer_and_filling_it_in_gives_the_source(seed: int) -> None:
    """Kills: replacing all occurrences of the answer by the blank, drawing a distractor from the sentence, or leaving
    the answer out of the options."""
    count = 0
    for source in TOPICS:
        for made in RULES["cloze"].program(source, seed):
            told = {said(statement): statement for statement in statements(source.text)}
            for line, options, answer in cloze_questions(made):
                count += 1
                assert line.count(BLANK) == 1
                assert len(options) == len({option.lower() for option in options}) == 4
                assert options.count(answer) == 1
                filled = line.replace(BLANK, answer)
                assert filled in told
                assert told[filled].text in flat(source.text)
                assert not any(option.lower() in line.lower() for option in options)
    assert count > 300


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), min_size=4, max_size=12, unique=True).map(" ".join), st.integers(0, 5))
def test_cloze_of_any_mixture_fills_back(text: str, seed: int) -> None:
    """Kills: counting the answer in the sentence without regard to case."""
    for made in RULES["cloze"].program(passage(text), seed):
        for line, options, answer in cloze_questions(made):
            assert line.replace(BLANK, answer) in text
            assert options.count(answer) == 1


@pytest.mark.parametrize("name", ["salient_facts", "lead", "outline"])
def test_sentences_are_verbatim(name: str) -> None:
    """Kills: cutting a sentence short."""
    for source in TOPICS[::3]:
        inside = " ".join([flat(source.text), *(statement.text for statement in statements(source.text))])
        for made in RULES[name].program(source, 1):
            lines = made.split("\n")[0 if name == "lead" else 2 :]
            for line in filter(None, lines):
                text = line.strip().removeprefix("- ")
                assert text in inside or text.split(": ", 1)[1] in inside


def test_lead_is_about_a_third() -> None:
    """Kills: stopping at characters, or one sentence early."""
    shares = []
    for source in TOPICS:
        told = statements(source.text)
        for made in RULES["lead"].program(source, 0):
            shares.append(len(made.split()) / sum(len(statement.text.split()) for statement in told))
    assert 0.3 <= sum(shares) / len(shares) <= 0.45


def test_examples_read_as_intended() -> None:
    text = (
        "str.strip(chars)\n\n   Return a copy of the string without outer characters.  It is 3 long.\n\n"
        "len(s)\n\n   Return the length.\n\n"
        "A mapping is an object that holds pairs.  This is not.  The result is a list.\n"
    )
    made = RULES["definitions"].program(passage(text), 1)[0]
    assert "str.strip" in made and "Return a copy of the string" in made
    assert "a mapping" in made and "A mapping is an object that holds pairs." in made
    assert "result" not in made
    table = RULES["fields"].program(passage(text), 1)[0]
    assert "| str.strip(chars) | Return a copy of the string without outer characters. |" in table
    assert "| len(s) | Return the length. |" in table


def test_nothing_to_say() -> None:
    for rule in RULES.values():
        assert rule.program(passage(""), 0) == []
        assert rule.program(passage("It is so.\n\n   x = 1\n"), 0) == []


def test_rules_are_picklable_and_named_after_themselves() -> None:
    for name, rule in RULES.items():
        assert pickle.loads(pickle.dumps(rule)) == rule
        assert (rule.name, rule.version > 0, bool(rule.summary)) == (name, True, True)
    assert [rule.name for rule in RULES.values() if rule.control] == ["lead", "shuffle"]


@pytest.mark.parametrize(
    "unit", ["A b. ", '"', "a: b\n", "* a - b\n", "f(x)\n\n   Return it.\n\n", "12 ", "+--+\n", "nation "]
)
def test_a_long_passage_takes_linear_time(unit: str) -> None:
    """Kills: comparing every sentence with every other without a limit."""
    source = passage(unit * (60_000 // len(unit)))
    begun = time.process_time()
    for rule in RULES.values():
        rule.program(source, 0)
    assert time.process_time() - begun < 6.0
