"""Presets stand for the entries of a published recipe, in its order."""

from __future__ import annotations

import pytest

from retold.clean import PRESETS
from retold.core.errors import RecipeError
from retold.runner.recipe import Recipe


def load(folder, curate: str) -> Recipe:
    path = folder / "recipe.yaml"
    path.write_text(f"sources: {{set: .}}\ncurate: {curate}\n", "utf-8")
    return Recipe.load(path)


def test_fineweb_is_its_entries_in_its_order(tmp_path):
    """Kills: a preset whose entries come in another order, or with other bounds."""
    preset = load(tmp_path, "[normalize, {preset: fineweb@1}, exact]")
    written = load(
        tmp_path,
        "[normalize, {language: {keep: [en]}}, gopher_repetition, gopher_quality, {c4: {terminal_punctuation: false}},"
        " fineweb_quality, exact]",
    )
    assert preset.curate == written.curate and preset.folds == written.folds
    names = [type(entry).__name__ for entry in preset.curate]
    assert names == ["Normalize", "Language", "GopherRepetition", "GopherQuality", "C4", "FineWebQuality"]


def test_an_unknown_preset_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(RecipeError, match="no preset 'fineweb@9'") as caught:
        load(tmp_path, "[{preset: fineweb@9}]")
    assert all(name in str(caught.value) + caught.value.fix for name in PRESETS)
