"""Presets stand for the entries of a published recipe, in its order."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from read.archives import warc_record
from retold.clean import PRESETS
from retold.core.errors import RecipeError
from retold.runner.recipe import Recipe
from retold.runner.session import Session

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
SHIPPED = ("fineweb.yaml", "dolma3.yaml")
PARAGRAPH = (
    "The old house at the end of the road has been empty for years, and nobody in the village could say who owned it. "
    "{0} Some thought that it belonged to a family that had moved to the coast, others that the bank had taken it. "
    "When the new teacher came and asked for a place to live, they told her of the house with the green door. "
    "She went there on a Sunday, walked through the garden and found that the roof was sound. By the summer she had "
    "painted the rooms, planted beans along the wall and put a sign with her name beside the gate. {1}"
)


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


def test_dolma3_and_c4_are_their_entries_in_their_order(tmp_path):
    """Kills: a preset whose entries come in another order, or with other bounds."""
    dolma = load(tmp_path, "[normalize, {preset: dolma3@1}, exact]")
    names = [type(entry).__name__ for entry in dolma.curate]
    assert names == ["Normalize", "Dolma3Quality", "Dolma3Repetition", "Dolma3Lines", "Language", "Madlad"]
    written = load(
        tmp_path,
        "[{length: {max_characters: 190000}}, {language: {keep: [en], min_probability: 0.99}},"
        " {c4: {marks: c4, count_words: after_citations, min_words_per_line: 5, min_sentences: 3}}]",
    )
    assert load(tmp_path, "[{preset: c4@1}]").curate == written.curate


def test_presets_keep_plain_prose(tmp_path):
    """Kills: a rule of a preset that drops what it is there to keep."""
    good = PARAGRAPH.format("Number 12 was its number.", "It was the best of all years.")
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "1", "text": good}), "utf-8")
    for preset in PRESETS:
        path = tmp_path / f"{preset}.yaml"
        path.write_text(f"sources: {{set: a.jsonl}}\ncurate: [{{preset: {preset}}}]\n", "utf-8")
        session = Session.begin(path)
        session.run()
        assert session.accepted()["text"].to_list() == [good], preset


def test_an_unknown_preset_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(RecipeError, match="no preset 'fineweb@9'") as caught:
        load(tmp_path, "[{preset: fineweb@9}]")
    assert all(name in str(caught.value) + caught.value.fix for name in PRESETS)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_recipe_runs_on_a_crawl(tmp_path, name):
    """Kills: an entry of the recipe that this version does not know, or a filter that drops plain prose."""
    (tmp_path / "crawl").mkdir()
    (tmp_path / "recipes").mkdir()
    good = PARAGRAPH.format("Number 12 was its number.", "It was the best of all years.")
    near = PARAGRAPH.format("Number 12 was its number.", "It was the best of all times.")
    texts = [good, near, "Click here. Buy now.", "- one\n- two\n- three\n" * 30, "Das ist kein englischer Text. " * 20]
    pages = [f"<html><title>t</title><body><article><p>{text}</p></article></body></html>" for text in texts]
    records = [warc_record(number, text.encode()) for number, text in enumerate(pages)]
    (tmp_path / "crawl" / "a.warc.gz").write_bytes(gzip.compress(b"".join(records)))
    path = tmp_path / "recipes" / name
    path.write_text((RECIPES / name).read_text("utf-8").split("pack:")[0], "utf-8")
    session = Session.begin(path)
    session.run()
    assert session.accepted()["text"].to_list() in ([good], [near])
    reasons = Counter(row for row in session.scan("verdicts")["reason"] if row and row != "edited")
    assert reasons["near_duplicate"] == 1 and sum(reasons.values()) == 4
    assert reasons["wrong_language"] == (1 if name == "fineweb.yaml" else 0)  # Dolma 3 asks for English words before
    assert len(Recipe.load(RECIPES / name).steps()) > 5
