"""Licences: what may not be used is dropped with its reason, what is made inherits."""

import json

import polars as pl
import pytest
from pydantic import ValidationError

import retold
from retold.clean import Licence
from retold.core.errors import RecipeError
from retold.runner.recipe import Recipe

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
    """Kills: a choice taken for one name, so that the order of its licences decides; a choice of which all must do."""
    entry = Licence.model_validate({"keep": "CC-BY-*", "refuse": ["*-NC-*"]})
    assert entry.bars("CC-BY-4.0") is None and entry.bars(" cc-by-sa-4.0 ") is None
    assert entry.bars("CC-BY-NC-4.0") == ("licence_refused", "CC-BY-NC-4.0")
    assert entry.bars("MIT") == ("licence_refused", "MIT")
    assert entry.bars("  ") == ("licence_unknown", "its source states none")
    assert entry.bars("CC-BY-4.0 AND CC-BY-SA-4.0") is None
    assert entry.bars("CC-BY-4.0 AND MIT") == ("licence_refused", "CC-BY-4.0 AND MIT")
    assert entry.bars("NOASSERTION AND CC-BY-4.0") == ("licence_unknown", "its source states none")
    refusing = Licence.model_validate({"refuse": "MIT", "unknown": "keep"})
    assert refusing.bars("NOASSERTION AND CC-BY-4.0") is None and refusing.bars("") is None
    assert refusing.bars("NOASSERTION AND MIT") is not None
    for licence in (
        "CC-BY-NC-4.0 OR CC-BY-4.0",
        "CC-BY-4.0 OR CC-BY-NC-4.0",
        "(MIT AND X) OR (CC-BY-4.0 AND CC-BY-SA-4.0)",
    ):
        assert entry.bars(licence) is None, "one of them may be chosen"
    assert entry.bars("MIT OR CC-BY-NC-4.0") == ("licence_refused", "MIT OR CC-BY-NC-4.0")
    assert entry.bars("(MIT OR CC-BY-4.0) AND MIT") == ("licence_refused", "(MIT OR CC-BY-4.0) AND MIT")
    assert entry.bars("(MIT OR CC-BY-4.0) AND CC-BY-SA-4.0") is None
    with pytest.raises(ValidationError, match="keep or refuse"):
        Licence.model_validate({})


MODEL = """\
sources: {{set: {{paths: set.jsonl, licence: CC-BY-4.0}}, bare: {{paths: bare.jsonl}}}}
curate: [normalize{rule}]
engines: {{small: {engine}}}
rephrase: {{engine: small, styles: [summary], rules: [lead]}}
"""


def with_model(folder, engine, rule=""):
    for name in ("set", "bare"):
        row = {"id": name, "text": PROSE.format(f"Cape {name}")}
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    path = folder / "model.yaml"
    path.write_text(MODEL.format(engine=engine, rule=rule), "utf-8")
    return path


def terms(session):
    made = session.scan("documents").filter(kind="retelling")
    return set(made.select("source", "style", "licence").rows())


def test_what_a_model_makes_is_under_its_terms_too_and_declaring_them_asks_nothing_again(tmp_path):
    """Kills: the model's terms left out of documents; given to what rules make; part of what decides an answer; not
    part of what decides a document, so that old ones would stay."""
    before = retold.run(with_model(tmp_path, "{scripted: {}}"))
    bare = {("set", "CC-BY-4.0"), ("bare", "")}
    assert terms(before) == {(source, style, licence) for source, licence in bare for style in ("summary", "lead")}
    asked = before.scan("completions").height
    path = with_model(tmp_path, "{scripted: {licence: Example-1.0}}")
    plan = retold.plan(path)
    assert asked and plan.to_ask == 0 and plan.answered == asked
    assert terms(retold.run(path)) == {
        ("set", "summary", "CC-BY-4.0 AND Example-1.0"),
        ("bare", "summary", "NOASSERTION AND Example-1.0"),
        ("set", "lead", "CC-BY-4.0"),
        ("bare", "lead", ""),
    }


def test_the_rule_holds_for_the_model_that_is_asked(tmp_path):
    """Kills: the engine left out of `check_terms`; the terms of the default weights forgotten; an engine without a
    model refused; what cannot be run refused where it is only looked at (`Recipe.load`)."""
    served = "{http: [http://127.0.0.1:9/v1], model: m"
    keep = ", {licence: {keep: [CC-BY-4.0]}}"
    refused = {
        f"{served}, licence: Example-1.0}}": "no text under Example-1.0",
        f"{served}}}": "nothing states",
        "embedded": "no text under Apache-2.0",
    }
    for engine, said in refused.items():
        with pytest.raises(RecipeError, match=said) as found:
            checked(with_model(tmp_path, engine, keep))
        assert "model.yaml:3: engines.small" in str(found.value)
    for engine, rule in [
        ("scripted", keep),
        (f"{served}, licence: CC-BY-4.0}}", keep),
        (f"{served}}}", ", {licence: {refuse: [Example-*], unknown: keep}}"),
        ("embedded", ", {licence: {keep: [CC-BY-4.0, Apache-2.0]}}"),
    ]:
        checked(with_model(tmp_path, engine, rule))


def checked(path):
    loaded = Recipe.load(path)
    loaded.check_terms(loaded.parts())


@pytest.mark.parametrize(
    ("source", "rule", "said"),
    [
        ("texts", "{keep: [CC0-1.0]}", "nothing states that of docs"),
        ("texts", "{refuse: [MIT]}", "nothing states that of docs"),
        ("{paths: texts, licence: {column: rights}}", "{keep: [CC0-1.0]}", "nothing states that of docs"),
        ("{paths: texts, licence: MIT}", "{keep: [CC0-1.0]}", "takes no text under MIT, and all of this source is"),
        ("{read: python_docs}", "{refuse: [PSF-*]}", "takes no text under PSF-2.0"),
        ("texts", "{keep: [CC0-1.0], unknown: keep}", ""),
        ("{paths: texts, licence: CC0-1.0}", "{keep: [CC0-1.0]}", ""),
        ("pages", "{keep: [CC0-1.0]}", ""),
        ("[texts, pages]", "{keep: [CC0-1.0]}", ""),
    ],
)
def test_a_source_of_which_the_rule_takes_nothing_is_refused_before_it_is_read(tmp_path, source, rule, said):
    """Kills: sources left out of `check_terms`; pages, which may state their own terms, refused with texts."""
    for name, file in (("texts", "a.txt"), ("pages", "a.html")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(PROSE, "utf-8")
    path = tmp_path / "terms.yaml"
    path.write_text(f"sources: {{docs: {source}}}\ncurate: [{{licence: {rule}}}]\nrephrase: {{rules: all}}\n", "utf-8")
    if not said:
        assert checked(path) is None
        return
    for refused in (checked, retold.plan):
        with pytest.raises(RecipeError, match=said) as found:
            refused(path)
        assert "terms.yaml:1: sources.docs" in str(found.value)
