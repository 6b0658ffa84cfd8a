"""Styles whose answers are bound: what is read, what is sent, and what makes an answer another one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retold.core.document import Passage, Request
from retold.core.errors import RecipeError
from retold.styles.style import Style, load, render

PLAIN = """---
name: mine
version: 1
summary: Mine.
contract: {parser: json, items: [1, 9], length: [0, 9], copy_limit: 1}
---
## user
{passage}

List the facts.
"""
SCHEMA = "{type: object, required: [b, a], properties: {b: {type: string}, a: {type: [integer, 'null']}}}"
GRAMMAR = 'root ::= "yes" | "no"\n'


def style_of(folder: Path, *lines: str) -> Style:
    (folder / "mine.md").write_text(PLAIN.replace("---\n##", "".join(f"{line}\n" for line in lines) + "---\n##"))
    return load("mine.md", folder)


def prompt_of(style: Style):
    return render(style, Passage("p", "d", 0, 4, "", "Text", 1), Request("r", "r", 0, "p", "d", 0, 4, "mine", "1", "e"))


def test_a_schema_reaches_the_prompt_in_the_order_in_which_it_is_written(tmp_path):
    """Answers follow the order of properties. Kills: keys sorted; a schema read and not rendered."""
    prompt = prompt_of(style_of(tmp_path, f"schema: {SCHEMA}", "logprobs: true"))
    assert list(json.loads(prompt.schema)["properties"]) == ["b", "a"]
    assert prompt.needs == {"schema", "logprobs"}


def test_a_grammar_stands_in_the_style_or_in_a_file_beside_it(tmp_path):
    (tmp_path / "answers.gbnf").write_text(GRAMMAR)
    beside = style_of(tmp_path, "grammar: answers.gbnf")
    within = style_of(tmp_path, "grammar: |", f"  {GRAMMAR}")
    assert prompt_of(beside).grammar == prompt_of(within).grammar == GRAMMAR.strip()
    assert beside.prompt_digest == within.prompt_digest


def test_what_binds_an_answer_is_part_of_what_it_is(tmp_path):
    """Law 3. Kills: a schema or a grammar left out of the digest: answers bound otherwise taken for the same."""
    (tmp_path / "a.gbnf").write_text(GRAMMAR)
    (tmp_path / "b.gbnf").write_text(GRAMMAR.replace("no", "maybe"))
    styles = [
        style_of(tmp_path),
        style_of(tmp_path, f"schema: {SCHEMA}"),
        style_of(tmp_path, f"schema: {SCHEMA.replace('integer', 'number')}"),
        style_of(tmp_path, f"schema: {SCHEMA.replace('[b, a]', '[a, b]')}"),
        style_of(tmp_path, "grammar: a.gbnf"),
        style_of(tmp_path, "grammar: b.gbnf"),
        style_of(tmp_path, "logprobs: true"),
    ]
    assert len({style.prompt_digest for style in styles}) == len({style.digest for style in styles}) == len(styles)


def test_styles_that_bind_nothing_keep_their_digests():
    """Kills: new keys in the digest of every style, which would ask for everything again."""
    assert load("wiki").prompt_digest.startswith("2e4d2e44500c803a440df46ced311066")


@pytest.mark.parametrize(
    ("text", "said"), [("leaf ::= 'a'", "a rule called root"), (None, "none.gbnf"), ("", "a rule called root")]
)
def test_a_grammar_that_is_none_is_told(tmp_path, text, said):
    if text is not None:
        (tmp_path / "none.gbnf").write_text(text)
    with pytest.raises(RecipeError, match=said) as caught:
        style_of(tmp_path, "grammar: none.gbnf")
    assert str(caught.value).startswith("mine.md: grammar:")


def test_a_property_may_be_called_type(tmp_path):
    """Kills: every `type` in a schema taken for a type."""
    kept = style_of(tmp_path, "schema: {type: object, properties: {type: {enum: [type, kind]}}}")
    assert json.loads(kept.schema)["properties"]["type"] == {"enum": ["type", "kind"]}
