"""The public interface from Python."""

from __future__ import annotations

import pytest

import retold
from retold.core.errors import RetoldError

RECIPE = """\
sources: {docs: {read: python_docs, limit: 4}}
engines: {small: scripted}
rephrase: {engine: small, styles: [tutorial], rules: [lead], until: {retellings: 5}}
pack: {tokenizer: train, vocabulary: 512, length: 128}
"""


def test_plan_run_open_and_scan(tmp_path, monkeypatch):
    path = tmp_path / "four.yaml"
    path.write_text(RECIPE)
    planned = retold.plan(path)
    assert planned.requests == planned.to_ask == 5 and planned.records == 4
    made = retold.run(path)
    assert made.nothing_to_do()
    assert made.scan("completions").height == 5
    kinds = made.accepted()["kind"].value_counts()
    assert set(kinds["kind"]) == {"source", "retelling"}

    monkeypatch.chdir(tmp_path)
    for folder in (None, "out/four", tmp_path / "out" / "four" / "store"):
        assert retold.open(folder).accepted().equals(made.accepted())
    with pytest.raises(KeyError):
        made.scan("nothing")


def test_the_plan_of_a_curation_says_what_is_kept_and_packs_nothing(tmp_path):
    """Kills: stopping after the first stage where nothing is retold (all that was read was then called kept)."""
    path = tmp_path / "curation.yaml"
    curate = "curate: [normalize, {length: {max_words: 900}}, exact]"
    path.write_text(f"sources: {{docs: {{read: python_docs, limit: 8}}}}\n{curate}\n{RECIPE.splitlines()[-1]}\n")
    planned = retold.plan(path)
    left = {stage.name for stage in retold.plan(path).stages if stage.reused < stage.total}
    assert left == {"tokenizer", "pack", "export"}
    made = retold.run(path)
    assert 0 < planned.documents == made.accepted().height < planned.records == 8


def test_the_plan_counts_what_the_last_stage_made_too(tmp_path):
    """Kills: a view of what is before the last stage: of a recipe that only reads, nothing was kept."""
    (tmp_path / "texts").mkdir()
    for number, text in enumerate(("The same text.", "THE SAME TEXT", "Another.")):
        (tmp_path / f"texts/{number}.txt").write_text(text, "utf-8")
    for curate, kept in (("[normalize]", 3), ("[normalize, {exact: {normalised: true}}]", 2)):
        path = tmp_path / "reads.yaml"
        path.write_text(f"sources: {{mine: {{paths: texts}}}}\ncurate: {curate}\n", "utf-8")
        retold.run(path)
        planned = retold.plan(path)
        assert (planned.records, planned.documents) == (3, kept), curate


def test_what_was_made_is_there_also_where_its_input_is_not_any_more(tmp_path):
    """Kills: a corpus of which nothing can be looked at or forgotten once the files that it was read from are gone."""
    (tmp_path / "in").mkdir()
    for number in range(6):
        (tmp_path / "in" / f"{number}.txt").write_text(f"The harbour of town {number} was built in 18{number}6. " * 9)
    path = tmp_path / "gone.yaml"
    path.write_text(f"sources: {{docs: in}}\ncurate: [exact]\n{RECIPE.splitlines()[-1]}\n")
    made = retold.run(path)
    (tmp_path / "in").rename(tmp_path / "elsewhere")
    there = retold.open(made.recipe.folder)
    assert there.nothing_to_do() and there.accepted().equals(made.accepted()) and there.accepted().height == 6
    assert there.scan("packed").equals(made.scan("packed"))
    with pytest.raises(RetoldError, match="nothing matches"):
        retold.run(path)
    path.write_text(path.read_text().replace("[exact]", "[normalize, exact]"))
    with pytest.raises(RetoldError, match="nothing matches"):
        retold.open(made.recipe.folder)


def test_a_longer_target_asks_only_what_is_new(tmp_path):
    """Law 3 and law 1: the plan says what is reused; a longer plan begins with the shorter one. Kills: re-asking."""
    path = tmp_path / "four.yaml"
    path.write_text(RECIPE)
    retold.run(path)
    path.write_text(RECIPE.replace("retellings: 5", "retellings: 8"))
    planned = retold.plan(path)
    assert (planned.requests, planned.answered, planned.to_ask, planned.forgotten) == (8, 5, 3, 0)
    path.write_text(RECIPE.replace("tutorial", "summary"))
    planned = retold.plan(path)
    assert (planned.answered, planned.to_ask, planned.forgotten) == (0, 5, 5)


def test_answers_to_another_models_prompts_are_kept_and_not_scanned(tmp_path):
    """One store, two engines. Kills: scanning all answers in the store for those of this recipe."""
    path = tmp_path / "four.yaml"
    path.write_text(RECIPE)
    assert retold.run(path).scan("completions").height == 5
    path.write_text(RECIPE.replace("small: scripted", "small: {scripted: {seed: 1}}"))
    made = retold.run(path)
    answers, asked = made.scan("completions"), made.scan("requests")
    assert answers.height == 5 and set(answers["request_id"]) == set(asked["request_id"])
    assert set(answers["engine"]) == set(asked["engine"])
    assert made.store.dataset("completions").count_rows() == 10


def test_several_outputs_are_named(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / "out" / name / "store").mkdir(parents=True)
        (tmp_path / "out" / name / "store" / "retold.json").write_text('{"format": 1}')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RetoldError, match="several outputs are here: out/a, out/b"):
        retold.open()


def test_import_alone_loads_nothing_heavy():
    """Law 7's neighbour: `import retold` is free. Kills: eager imports in the package."""
    import subprocess
    import sys

    script = "import sys, retold; sys.exit(any(name in sys.modules for name in ('pyarrow', 'polars', 'deltalake')))"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
