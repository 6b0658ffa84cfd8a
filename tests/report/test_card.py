"""The dataset card: every figure is the store's, every text of the store is escaped, nothing is claimed by silence."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import yaml
from typer.testing import CliRunner

import retold
from retold.cli import app, load
from retold.pack.tokenizer import load as load_tokenizer
from retold.report.card import datasheet
from retold.report.card_page import markdown, metadata
from retold.report.limits import limits

RECIPE = """\
name: "a | b <script>"
sources:
  docs: {read: python_docs, limit: 6}
  mine: {paths: mine/*.txt, licence: CC0-1.0}
curate: [normalize, {language: {keep: [en]}}, exact]
engines: {small: {scripted: {licence: Example-1.0}}}
rephrase: {engine: small, styles: [tutorial], rules: [cloze, lead], until: {retellings: 6}}
mix: {parts: {real: 70%, retelling: 30%}}
pack: {tokenizer: train, vocabulary: 1024, length: 128}
"""
TEXT = "The tower was built in 1874. It is 34 metres tall. Its lamp is seen from 21 miles away on a clear night. "


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card")
    (folder / "mine").mkdir()
    (folder / "mine" / "one.txt").write_text(TEXT * 3, "utf-8")
    path = folder / "card.yaml"
    path.write_text(RECIPE)
    return retold.run(path)


@pytest.fixture(scope="module")
def sheet(session):
    return datasheet(session)


def test_licences_have_their_tokens(session, sheet):
    """Must hold. Kills: documents counted in place of tokens; a retelling under no licence; one licence for all."""
    licence = dict(session.accepted().select("document_id", "licence").rows())
    counts = Counter()
    for ranges in session.scan("packed")["documents"].to_list():
        for item in ranges:
            counts[licence[item["document_id"]]] += item["token_end"] - item["token_start"]
    assert sheet["licences"] == dict(counts) and {"PSF-2.0", "CC0-1.0"} <= set(counts)
    made = session.scan("documents").filter(made_by="model")["licence"].unique().to_list()
    assert made and all(one.endswith(" AND Example-1.0") for one in made)
    assert sum(counts.values()) == sum(sheet["kinds"].values())
    by_source = {item["name"]: item for item in sheet["sources"]}
    assert by_source["mine"]["licences"]["CC0-1.0"] == counts["CC0-1.0"] and by_source["docs"]["records"] == 6


def test_prompts_models_and_figures_are_there(session, sheet):
    styles = {style["style"]: style for style in sheet["styles"]}
    assert styles["tutorial"]["prompt"] == session.recipe.styles["tutorial"].prompt_digest
    assert styles["cloze"]["prompt"] is None and styles["tutorial"]["asked"] == 6
    assert sheet["models"][0]["identity"].startswith("scripted") and sheet["models"][0]["licence"] == "Example-1.0"
    assert sheet["packed"]["tokens"] == sum(sheet["kinds"].values())
    assert [(item["portion"], item["asked_share"]) for item in sheet["mixture"]] == [("real", 0.7), ("retelling", 0.3)]
    encoder = load_tokenizer(session.recipe.folder / "tokenizer.json", "<|endoftext|>")
    assert sheet["tokenizer"]["row_length"] == 128 and encoder.vocabulary > 300
    assert sheet["finished"]


def test_what_was_not_done_is_said(sheet):
    """Kills: a limit for a step that was done; silence about one that was not."""
    text = " ".join(sheet["limits"])
    assert "Personal data was not looked for" in text and "Near duplicates were not looked for" in text
    assert "evaluation set" in text and "No language was asked for" not in text
    assert "does not mean that every sentence is true" in text


def test_terms_of_models_are_shown_and_their_absence_is_said(sheet):
    """Kills: a model's terms left out of the card; nothing said where none are declared; "not stated" counted without
    what is half stated."""
    assert "Example-1.0" in markdown(sheet).partition("## Models")[2].partition("##")[0]
    assert "not declared" not in " ".join(sheet["limits"])
    bare = {**sheet, "models": [{**sheet["models"][0], "licence": ""}]}
    assert "not declared" in markdown(bare) and any("not declared" in words for words in limits(bare, ()))
    half = {**sheet, "licences": {"NOASSERTION AND Example-1.0": sum(sheet["kinds"].values())}}
    assert "For 100\N{NO-BREAK SPACE}% of it no licence is stated by its source." in list(limits(half, ()))


def test_what_is_checked_in_english_alone_is_said_where_there_may_be_other_languages(sheet):
    """Kills: the sentence left out, or said of a corpus that is English."""
    known = {**sheet, "languages": ["de", "en"]}
    said = [[words for words in limits(one, {"verify"}) if "know English alone" in words] for one in (sheet, known)]
    assert [len(one) for one in said] == [0, 1]


def test_the_card_is_markdown_with_metadata_and_nothing_in_it_is_markup(sheet):
    """Law 8. Kills: a name that opens a tag or a table cell."""
    text = markdown(sheet)
    head, body = text.removeprefix("---\n").split("\n---\n", 1)
    found = yaml.safe_load(head)
    assert found == metadata(sheet)
    assert found["license"] == "other" and set(found["license_name"].split(", ")) == set(sheet["licences"])
    assert found["language"] == ["en"] and "synthetic" in found["tags"]
    assert "<script>" not in body and "a \\| b \\<script\\>" in body
    for title in ("Sources", "Licences", "Styles", "Models", "Verification", "Mixture", "Files", "Known limits"):
        assert f"## {title}" in body


def test_one_licence_that_the_hub_knows_goes_by_its_name(sheet):
    assert metadata({**sheet, "licences": {"CC-BY-4.0": 10}})["license"] == "cc-by-4.0"
    assert metadata({**sheet, "licences": {"CC-BY-4.0": 10, "": 3}})["license"] == "other"


def test_the_command_writes_both_and_prints_json(session, sheet, tmp_path):
    load(["card"])
    where = ["--store", str(session.recipe.folder)]
    assert CliRunner().invoke(app, ["card", *where, "--to", str(tmp_path)]).exit_code == 0
    assert json.loads((tmp_path / "datasheet.json").read_text()) == json.loads(json.dumps(sheet))
    assert (tmp_path / "README.md").read_text() == markdown(sheet)
    assert json.loads(CliRunner().invoke(app, ["card", *where, "--json"]).output) == json.loads(json.dumps(sheet))
