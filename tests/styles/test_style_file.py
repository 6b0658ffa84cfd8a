"""Broken style files: every fault is named with its line and a way out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retold.core.errors import RecipeError
from retold.styles.style_file import read, split_template

GOOD = """---
name: riddles
version: 1
summary: Riddles.
contract:
  parser: bullets
  items: [1, 3]
  length: [0.1, 1]
  copy_limit: 0.5
sampling:
  temperature: 0.3
---
## system
You are brief.
## user
{passage}

Make riddles.
"""

FAULTS = {
    "no_front_matter": ("---\nname: riddles", "name: riddles"),
    "front_matter_not_closed": ("---\n## system", "## system"),
    "yaml": ("name: riddles", "name: [riddles"),
    "unknown_key": ("summary: Riddles.", "summary: Riddles.\nunits: passage"),
    "unknown_contract_key": ("  copy_limit: 0.5", "  copylimit: 0.5"),
    "unknown_sampling_key": ("  temperature: 0.3", "  temprature: 0.3"),
    "seed": ("  temperature: 0.3", "  seed: 1"),
    "key_twice": ("version: 1", "version: 1\nname: other"),
    "version": ("version: 1", "version: one"),
    "unknown_parser": ("parser: bullets", "parser: bulets"),
    "items_reversed": ("[1, 3]", "[3, 1]"),
    "copy_limit_range": ("copy_limit: 0.5", "copy_limit: 50"),
    "name": ("name: riddles", "name: ../riddles"),
    "unknown_section": ("## user", "## usr"),
    "text_before_section": ("## system", "Hello.\n## system"),
    "no_section": (GOOD[GOOD.index("## system") :], ""),
    "empty_section": ("You are brief.", ""),
    "order": ("## system", "## assistant"),
    "ends_with_assistant": ("Make riddles.", "Make riddles.\n## assistant\nWell,"),
    "unknown_placeholder": ("Make riddles.", "\nMake riddles about {topic}."),
    "misspelt_placeholder": ("{passage}", "{pasage}"),
    "placeholder_in_system": ("You are brief.", "You know {heading}."),
    "schema_and_grammar": ("sampling:", "schema: {type: object}\ngrammar: x.gbnf\nsampling:"),
    "schema_and_prefill": ("sampling:", "schema: {type: object}\nprefill: '{'\nsampling:"),
    "schema_that_binds_nothing": ("sampling:", "schema: {title: Riddles}\nsampling:"),
    "schema_with_an_unknown_type": ("sampling:", "schema: {type: object, properties: {a: {type: text}}}\nsampling:"),
    "schema_with_a_date": ("sampling:", "schema: {const: 2026-11-27}\nsampling:"),
    "misspelt_schema": ("sampling:", "schemas: {type: object}\nsampling:"),
    "large_without_a_section": ("sampling:", "large: {prefill: Q}\nsampling:"),
    "large_without_its_unit": ("Make riddles.", "Make riddles.\n# large\n## user\nMake riddles."),
    "grounded_twice": ("sampling:", "decoding: grounded\nschema: {type: object}\nsampling:"),
    "unit_not_used": ("{passage}", "{heading}"),
}


def test_the_file_that_the_faults_are_made_of_is_good():
    file = read(GOOD, "riddles.md")
    assert [role for role, _ in file.turns] == ["system", "user"]
    assert file.front.sampling.temperature == 0.3


def test_a_prompt_alone_is_a_style():
    """Kills: asking for front matter or a section where a file has none; a default name that beats a given one."""
    alone = read("{passage}\n\nMake riddles.\n", "my/riddles.md", "riddles")
    assert alone.turns == (("user", "{passage}\n\nMake riddles."),)
    assert (alone.front.name, alone.front.version, alone.front.contract.parser) == ("riddles", 1, "prose")
    some = read(
        "---\nname: puns\ncontract: {length: [0.1, 1]}\n---\n{passage}\n\nMake puns.\n", "riddles.md", "riddles"
    )
    assert (some.front.name, some.front.contract.length, some.front.contract.items) == ("puns", (0.1, 1), (1, 100))
    assert some.turns == (("user", "{passage}\n\nMake puns."),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "riddles.md:1: no section"),
        ("Make riddles.", "riddles.md:1: the last section user does not use {passage}"),
        ("{passage}\n\nMake {topic}.", "riddles.md:3: unknown placeholder {topic}"),
        ("Hello\n## user\n{passage}", "riddles.md:1: text before the first section"),
        ("{passage}\n\nMake riddles.\n# large\n## user\nMake riddles.", "riddles.md:5: the last section user does not"),
    ],
)
def test_faults_of_a_prompt_alone_have_their_line(text, said):
    """Kills: line numbers that count a front matter that is not there."""
    with pytest.raises(RecipeError) as error:
        read(text, "riddles.md")
    assert str(error.value).startswith(said)


def test_every_fault_has_its_line_and_its_fix(golden):
    """Kills: an offset of the line numbers (`first_line=2` in `_front`), and any check of `style_file.py` removed."""
    said = []
    for name, (old, new) in FAULTS.items():
        assert old in GOOD, name
        with pytest.raises(RecipeError) as error:
            read(GOOD.replace(old, new, 1), "riddles.md")
        assert str(error.value).startswith("riddles.md:"), name
        said.append(f"== {name}\n{error.value}\n")
    golden("style_file_faults.txt", "\n".join(said))


@pytest.mark.parametrize("text", ['{"a": 1}', "{}", "{ x }", "f{0}", "{Passage}", "a } b { c", "{", "}{"])
def test_other_braces_are_plain_text(text):
    assert list(split_template(text)) == [(text, False)]


@given(st.lists(st.sampled_from(["{passage}", "{heading}", "{", "}", "a b", "\n", "{X}"]), max_size=12))
def test_splitting_a_template_loses_nothing(pieces):
    """Kills: `plain` not carried over a brace that opens no placeholder."""
    template = "".join(pieces)
    joined = "".join("{" + text + "}" if placeholder else text for text, placeholder in split_template(template))
    assert joined == template


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_fail_otherwise(text):
    for candidate in (text, f"---\n{text}\n---\n## user\n{{passage}}", GOOD.replace("Make riddles.", text)):
        try:
            read(candidate, "x.md")
        except RecipeError as error:
            assert error.message.startswith("x.md:")
