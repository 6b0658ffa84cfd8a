"""Licences: what may not be used is dropped with its reason, what is made inherits."""

import json

import polars as pl
import pytest
from pydantic import ValidationError

import retold
from retold.clean import Licence

PROSE = (
    "The lighthouse at {0} was built in 1874 by three brothers from the harbour. It is 34 metres tall, and its lamp "
    "can be seen from 21 miles away. The keepers of {0} wrote down the weather each morning and evening. In 1931 the "
    "lamp was changed to electric light, and the last keeper left the tower. Today the tower of {0} is a museum."
)
LICENCES = ("CC0-1.0", "CC-BY-4.0", "cc-by-nc-4.0", "", "CC-BY-SA-4.0")


def recipe(folder, entry):
    rows = [
        {"id": str(number), "text": PROSE.format(f"Cape {name or 'None'}"), "licence": name}
        for number, name in enumerate(LICENCES)
    ]
    rows.append({"id": "twin", "text": rows[2]["text"], "licence": "CC0-1.0"})
    (folder / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    path = folder / "licences.yaml"
    path.write_text(
        "sources: {set: {paths: set.jsonl}}\n"
        f"curate: [normalize, {{licence: {entry}}}]\n"
        "rephrase: {rules: all}\npack: {tokenizer: train, vocabulary: 400, length: 64}\n"
    )
    return path


def test_a_recipe_refuses_by_licence_and_what_is_made_inherits(tmp_path):
    """Kills: refusing the text in place of the record, so that a free copy goes too; a retelling without terms."""
    session = retold.run(recipe(tmp_path, "{keep: [CC0-1.0, CC-BY-4.0, CC-BY-SA-*]}"))
    reasons = dict(session.scan("verdicts").filter(kind="record").group_by("reason").len().rows())
    assert reasons == {"licence_refused": 1, "licence_unknown": 1}
    kept = session.accepted()
    sources = kept.filter(kind="source").sort("licence")
    assert sources["licence"].to_list() == ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CC0-1.0"]
    assert any("cc-by-nc" in text for text in sources["text"]), "its free copy stays"
    made = kept.filter(kind="retelling").select("licence", pl.col("parents").list.first().alias("document_id"))
    both = made.join(sources.select("document_id", pl.col("licence").alias("terms")), on="document_id")
    assert both.height == made.height > 4
    assert (both["licence"] == both["terms"]).all()


def test_only_what_is_refused_goes(tmp_path):
    session = retold.run(recipe(tmp_path, "{refuse: [CC-BY-NC-*], unknown: keep}"))
    assert session.scan("verdicts").filter(kind="record")["reason"].to_list() == ["licence_refused"]


def test_names_and_patterns():
    entry = Licence.model_validate({"keep": "CC-BY-*", "refuse": ["*-NC-*"]})
    assert entry.bars("CC-BY-4.0") is None and entry.bars(" cc-by-sa-4.0 ") is None
    assert entry.bars("CC-BY-NC-4.0") == ("licence_refused", "CC-BY-NC-4.0")
    assert entry.bars("MIT") == ("licence_refused", "MIT")
    assert entry.bars("  ") == ("licence_unknown", "its source states none")
    with pytest.raises(ValidationError, match="keep or refuse"):
        Licence.model_validate({})
