"""A style tried on a few documents."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from retold.core.errors import RecipeError
from retold.report.trial import try_style
from retold.verify.combination import FOLDER

OWN = """---
name: tried
version: 1
summary: Facts.
contract: {parser: bullets, items: [1, 3], length: [0, 9], copy_limit: 1}
prefill: "-"
---
## user
{passage}

List facts.
"""
RECIPE = """sources: {notes: {paths: [notes.txt]}}
engines: {here: scripted}
rephrase: {engine: here, styles: [summary], passage: {tokens: 60, min_words: 5}}
verify: {preset: default@1, support: SUPPORT}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "notes.txt").write_text("The harbour at Lerwick was built in 1886. It holds forty boats in its basin.")
    (tmp_path / "own.md").write_text(OWN)
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE.replace("SUPPORT", "0"))
    return path


def test_a_style_of_ones_own_is_tried_with_a_recipes_engine_sources_and_limits(recipe, monkeypatch):
    """Kills: the recipe's engine, its limits or its paths (which count from its folder, that of a calibration too) left
    out."""
    monkeypatch.chdir(recipe.parent)
    (one,) = try_style("own.md", 3, recipe)
    assert "Lerwick" in one.source and one.text.startswith("-") and one.reason == ""
    shutil.copy(FOLDER / "small@1.json", recipe.parent / "mine.json")
    recipe.write_text(recipe.read_text().replace("support: 0", "support: 0, risk: 0, calibration: mine.json"))
    (one,) = try_style("own.md", 3, recipe)
    assert one.reason == "likely_unsupported" and one.why
    kept = ["mine.json", "notes.txt", "own.md", "recipe.yaml"]
    assert sorted(path.name for path in recipe.parent.iterdir()) == kept


def test_a_rule_is_tried_on_what_comes_with_python():
    found = try_style("lead", 2, None)
    paragraphs = [(" ".join(one.source.split()), one.text.split("\n\n")) for one in found]
    assert len(found) == 2 and all(said in source for source, told in paragraphs for said in told)
    assert len({one.source for one in found}) == 2


def test_an_unknown_style_is_named(recipe):
    with pytest.raises(RecipeError, match="no style is called"):
        try_style("kay_facts", 3, recipe)
