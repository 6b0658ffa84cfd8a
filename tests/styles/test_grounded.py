"""Grammars of a source: which words they hold, and that a real model keeps to them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.document import Passage, Request, Sampling
from retold.core.step import Binding
from retold.engines.embedded import EmbeddedEngine
from retold.engines.fetch import locate
from retold.engines.settings import EmbeddedSettings
from retold.styles.common_words import COMMON, forms
from retold.styles.grounded import FORMS, _own, grammar, tree
from retold.styles.parse import PARSERS
from retold.styles.parsers.result import Items
from retold.styles.style import catalogue, decoded, load, render
from retold.testing import ask, prompt
from retold.text.names import names
from retold.text.numbers import numbers
from retold.text.words import words

SOURCE = (
    'The "del" statement removes 12 names in 1991, or 3.5 % of them. Guido van Rossum\'s NameError is raised by '
    "__delitem__() where run-time lists are emptied; see os.path.join for UTF-8 files."
)
GRAMMARS = [style for style in catalogue() if style.contract.parser in FORMS and not style.grammar]


def spelled(rules: list[str]) -> set[str]:
    """All words of a tree of rules."""
    held = dict(rule.split(" ::= ", 1) for rule in rules)

    def below(name: str) -> set[str]:
        found = set()
        for option in held[name].split(" | "):
            literal, _, rest = option.rpartition(" ") if " " in option else (option, "", "")
            start = literal.strip('"')
            found |= {start + end for end in below(rest)} if rest else {start}
        return found

    return below(rules[0].split(" ::= ")[0])


@given(st.sets(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=30))
def test_a_tree_holds_its_words_and_no_other(held):
    """Kills: a word that is the beginning of another left out, or a shared beginning cut one too long."""
    assert spelled(tree("w", held)) == held


def test_no_rule_follows_many_others_at_once():
    """What a tree is for: of a list of 1,600 words llama.cpp would follow 1,600 at every token."""
    widest = max(rule.count(" | ") for rule in tree("w", COMMON))
    assert widest < 30 < len(COMMON)


def test_what_is_not_common_is_the_sources_own():
    """Kills: pieces cut at their dots, digits taken apart, quotation marks kept in the word."""
    own = _own(SOURCE)
    for word in ("del", "12", "1991", "3.5", "Guido", "van", "NameError", "__delitem__()", "os.path.join", "run-time"):
        assert word in own, word
    for word in (
        "removed",
        "removing",
        "remove",
        "lists",
        "list",
        "emptied",
        "empty",
        "statements",
        "UTF-8",
        "Rossum's",
    ):
        assert word in own, word
    for word in ("1", "9", "19", "13", "Python", "2020", "deleted", "", '"'):
        assert word not in own, word
    assert not [word for word in COMMON if any(sign.isdigit() for sign in word)]


@given(st.text(max_size=200))
def test_any_source_gives_a_grammar_whose_rules_are_all_there(source):
    """Kills: a rule for no word left out, a quotation mark or a backslash of the source not escaped."""
    rules = [line for line in grammar("numbered", (2, 4), "1.", source).split("\n") if " ::= " in line]
    held = {rule.split(" ::= ")[0] for rule in rules}
    assert {"root", "item", "own", "Own", "common", "Common"} <= held
    assert len(held) == len(rules)


@pytest.mark.parametrize("parser", ["numbered", "bullets", "qa", "dialogue", "table"])
def test_an_answer_that_is_given_no_beginning_begins_as_its_form_does(parser):
    """Kills: a list without its first number, a question without its label, which no parser takes."""
    root = grammar(parser, (2, 4), "", SOURCE).split("\n")[0]
    opening = root.removeprefix('root ::= "').partition('"')[0]
    rest = {
        "numbered": "One fact is so.\n2. Two are so.",
        "bullets": "One fact is so.\n- Two are so.",
        "qa": "What is so?\nA: It is so.",
        "dialogue": "What is so?\nTeacher: It is so.",
        "table": "One | Two |\n| --- | --- |\n| Three | Four |",
    }[parser]
    assert isinstance(PARSERS[parser](opening + rest), Items) and not isinstance(PARSERS[parser](rest), Items)
    assert root.startswith(f'root ::= "{opening}" (') and root.endswith(")"), "before each of several alternatives"
    assert grammar(parser, (2, 4), "1." if parser == "numbered" else opening, SOURCE).startswith('root ::= " "? (')


def test_the_grammar_is_in_what_is_asked_and_in_the_digest():
    """Kills: `decoding` left out of `_digested`, or of `render`."""
    style = load("tutorial")
    bound = decoded(style, "grounded")
    passage = Passage("p", "d", 0, len(SOURCE), "Statements", SOURCE, 30)
    request = Request("r", "r", 0, "p", "d", 0, len(SOURCE), "tutorial", "1", "e")
    assert render(style, passage, request).grammar == ""
    assert "NameError" in render(bound, passage, request).grammar
    assert bound.prompt_digest != style.prompt_digest and bound.needs == {"grammar", "logprobs"}
    with pytest.raises(ValueError, match="cannot be grounded"):
        decoded(load("math"), "grounded")


@pytest.fixture(scope="module")
def engine():
    pytest.importorskip("xllamacpp", reason="not installed: pip install 'retold[local]'")
    if locate() is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")
    return lambda: EmbeddedEngine(EmbeddedSettings(slots=1, threads=1))


def strays(text: str, source: str) -> list[str]:
    """Numbers, names and words that are neither the source's nor common."""
    known = {mention.value for mention in numbers(source)}
    own = {word.lower() for piece in _own(source) for word in (piece, *words(piece))}
    return [
        *(mention.text for mention in numbers(text) if mention.value not in known),
        *(mention.text for mention in names(text) if not set(words(mention.text.lower())) <= own | COMMON),
        *(word for word in words(text) if word.lower() not in own | COMMON),
    ]


@pytest.mark.embedded
def test_a_real_model_says_nothing_that_is_not_in_its_source(engine):
    """Very hot, so that it would say anything. Kills: the grammar not sent, or one that lets digits be joined."""
    hot = Sampling(temperature=2.5, top_p=1.0, top_k=0, repeat_penalty=1.0, max_tokens=48, seed=3)
    instruction = "List facts about Python, with years and names."
    plain = prompt("plain", SOURCE, instruction, sampling=hot, prefill="1.")
    rules = grammar("numbered", (2, 4), "1.", SOURCE)
    plain, bound = ask(engine(), [plain, replace(plain, request_id="bound", grammar=rules)])
    assert isinstance(engine(), Binding) and bound.finish in ("stop", "length")
    complete = bound.text.rpartition(" ")[0].replace("\n2. ", "\n").replace("\n3. ", "\n")
    assert strays(complete, SOURCE) == []
    assert strays(plain.text, SOURCE) != []


@pytest.mark.embedded
@pytest.mark.parametrize("parser", sorted(FORMS))
def test_every_form_is_kept_by_a_real_model(engine, parser):
    """Kills: a literal of a form that its parser does not take."""
    prefills = {"numbered": "1.", "bullets": "-", "qa": "Q:", "dialogue": "Learner:"}
    prefills["table"] = "| A | B |\n| --- | --- |\n|"
    prefill = prefills.get(parser, "")
    sampling = Sampling(temperature=0.8, top_k=40, max_tokens=110, seed=1)
    text = "Bees visit flowers. They carry pollen."
    asked = prompt(parser, text, "Say this.", sampling=sampling, prefill=prefill)
    asked = replace(asked, grammar=grammar(parser, (1, 2), prefill, text))
    (answer,) = ask(engine(), [asked])
    whole = prefill + answer.text
    if answer.finish == "stop":
        assert isinstance(PARSERS[parser](whole.strip()), Items), whole
    else:  # it never came to an end, and every word of it is allowed all the same
        assert strays(answer.text.rpartition(" ")[0], f"{text} Teacher, Learner, Q and A") == []


def test_endings_are_added_by_rule():
    assert forms("copy") == ("copy", "copies", "copied", "copying")
    assert forms("use") == ("use", "uses", "used", "using")
    assert all(len(set(pair)) == 2 for pair in pairwise(forms("pass")))
