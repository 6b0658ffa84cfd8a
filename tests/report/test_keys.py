"""Every key of a recipe is told of, as a recipe reads it."""

from __future__ import annotations

import pytest
import yaml

from retold.report.keys import sections
from retold.runner.recipe import Recipe, RecipeSettings


def test_every_top_key_has_a_meaning_and_every_part_its_words():
    found = {section.path: section for section in sections()}
    assert [key.name for key in found[""].keys] == list(RecipeSettings.model_fields)
    assert all(key.meaning for key in found[""].keys)
    assert all(section.about for section in found.values())
    marked = {key.name: key.redoes for key in found["engines.NAME.http"].keys}
    assert marked["model"] and not marked["in_flight"]


@pytest.mark.parametrize("name", ["normalize", "c4", "dolma3_lines", "pii", "exact", "minhash"])
def test_defaults_are_written_as_a_recipe_reads_them(tmp_path, name):
    """Kills: a default in Python's spelling (True, tuples), which a recipe would refuse or take for a word."""
    section = next(section for section in sections() if section.path == f"curate.{name}")
    values = {key.name: yaml.safe_load(key.default) for key in section.keys if key.default != "none"}
    path = tmp_path / "recipe.yaml"
    entries = [[name], [{name: values}]]
    loaded = []
    for entry in entries:
        path.write_text(yaml.safe_dump({"sources": {"docs": {"read": "python_docs"}}, "curate": entry}), "utf-8")
        recipe = Recipe.load(path)
        loaded.append([stage.fingerprint for stage in recipe.stages(recipe.parts())])
    assert loaded[0] == loaded[1], "written out, they are the same recipe"
