"""recipes/specialise.yaml runs on what its own comment makes; decontamination and selection through a whole run."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

import retold
from retold.core.errors import RetoldError

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "specialise.yaml"


def prepare(folder: Path) -> Path:
    """The recipe in a folder of its own, with the files that its comment's commands make."""
    (folder / "recipes").mkdir()
    (folder / "out" / "numbers").mkdir(parents=True)
    for line in RECIPE.read_text("utf-8").splitlines():
        command, mark, target = line.removeprefix("#   ").partition(" > ")
        if line.startswith("#   ") and mark:
            words = shlex.split(command.rpartition("&& ")[2])
            assert words[0] == "python3"
            with (folder / target).open("wb") as file:
                subprocess.run([sys.executable, *words[1:]], stdout=file, check=True)
    return Path(shutil.copy(RECIPE, folder / "recipes"))


def test_the_recipe_runs_on_what_its_comment_makes(tmp_path):
    """Kills: a recipe that names files nobody has."""
    made = retold.run(prepare(tmp_path))
    reasons = made.scan("verdicts")["reason"].value_counts()
    assert "not_selected" in set(reasons["reason"])
    kept = made.accepted().filter(made.accepted()["kind"] == "source")
    assert kept.height < 40
    titles = set(kept["title"])
    assert any("numeric" in title or "number" in title.lower() for title in titles), titles


SMALL = """\
sources: {docs: {read: python_docs, limit: 12}}
curate: [exact, {decontaminate: {against: held.jsonl, METHOD}}]
engines: {small: scripted}
rephrase: {engine: small, rules: all}
pack: {tokenizer: train, vocabulary: 512, length: 128}
"""


@pytest.mark.parametrize("method", ["method: sampled", "method: ngram13"])
def test_a_changed_evaluation_file_decontaminates_again(tmp_path, method):
    """Law 3. Kills: a stage that is finished although the evaluation set has grown."""
    path = tmp_path / "r.yaml"
    path.write_text(SMALL.replace("METHOD", method))
    held = tmp_path / "held.jsonl"
    held.write_bytes(orjson.dumps({"question": "A question that stands in no documentation of any language at all?"}))
    texts = retold.run(path).scan("documents")
    assert retold.run(path).scan("contaminations").height == 0
    long = texts.filter(texts["kind"] == "source").sort("text")["text"][0]
    sentence = " ".join(long.split()[20:60])
    held.write_bytes(held.read_bytes() + b"\n" + orjson.dumps({"question": sentence}))
    again = retold.run(path)
    found = again.scan("contaminations")
    assert set(found["set"]) == {"held"} and set(found["item"]) == {"line 2"}
    assert set(again.scan("verdicts")["reason"]) & {"contaminated", "edited"}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{decontaminate: {against: none.jsonl}}", "nothing matches 'none.jsonl'|nothing.*none.jsonl"),
        ("{decontaminate: {against: []}}", "against"),
        ("{select: {towards: none/*.md, tokens: 2k}}", "none/\\*.md"),
        ("{select: {towards: r.yaml, tokens: lots}}", "count such as"),
    ],
)
def test_wrong_entries_say_file_and_line(tmp_path, entry, says):
    path = tmp_path / "r.yaml"
    path.write_text(f"sources: {{docs: {{read: python_docs}}}}\ncurate: [exact, {entry}]\n")
    with pytest.raises(RetoldError, match=says) as raised:
        retold.Recipe.load(path)
    assert "r.yaml:2" in str(raised.value)


def test_an_entry_that_is_there_twice(tmp_path):
    (tmp_path / "t.md").write_text("text")
    path = tmp_path / "r.yaml"
    entry = "{select: {towards: t.md, tokens: 2k}}"
    path.write_text(f"sources: {{docs: {{read: python_docs}}}}\ncurate: [{entry}, {entry}]\n")
    with pytest.raises(RetoldError, match="select is there twice"):
        retold.Recipe.load(path)
