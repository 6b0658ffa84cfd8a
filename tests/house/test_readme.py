"""The README's recipe loads, its tree names the rooms that exist, its commands are real."""

from __future__ import annotations

from pathlib import Path

import yaml

from retold.runner.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str) -> str:
    return README.split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_the_recipe_of_the_readme_loads(tmp_path):
    path = tmp_path / "first.yaml"
    path.write_text(block("yaml"), "utf-8")
    recipe = Recipe.load(path)
    assert len(block("yaml").splitlines()) <= 10 and len(recipe.stages(recipe.parts())) >= 10


def test_the_one_line_switch_is_a_valid_line(tmp_path):
    switch = README.split("```yaml\n")[2].split("```", 1)[0].strip()
    path = tmp_path / "served.yaml"
    path.write_text(block("yaml").replace("engines: {small: embedded}", switch), "utf-8")
    assert Recipe.load(path).settings.engines["small"].kind == "http"


def blocks() -> list[dict]:
    return [yaml.safe_load(piece.split("```", 1)[0]) for piece in README.split("```yaml\n")[1:]]


def test_every_piece_of_a_recipe_in_the_readme_is_valid(tmp_path):
    """Kills: an option that is told of and does not exist."""
    for name in ("evals/a.jsonl", "target/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"question": "What is the capital of the moon?"}\n', "utf-8")
    base = blocks()[0]
    assert len(blocks()) == 4
    for piece in blocks():
        path = tmp_path / "piece.yaml"
        path.write_text(yaml.safe_dump({**base, **piece}), "utf-8")
        recipe = Recipe.load(path)
        assert recipe.stages(recipe.parts())


def test_the_tree_names_the_rooms_that_exist():
    tree = README.split("src/retold/\n", 1)[1].split("```", 1)[0]
    named = {line.split("/")[0].strip() for line in tree.splitlines() if line.startswith("  ")}
    assert named == {path.parent.name for path in (ROOT / "src" / "retold").glob("*/__init__.py")}


def test_the_verbs_of_the_readme_exist():
    from typer.main import get_command

    from retold.cli import VERBS, app, load

    load()
    verbs = set(get_command(app).commands)
    assert verbs == set(VERBS)
    used = {line.split()[1] for line in README.splitlines() if line.startswith(("retold ", "$ retold "))}
    used |= {line.split()[2] for line in README.splitlines() if line.startswith("$ retold ")}
    assert used - {"retold"} <= verbs


def test_both_commands_are_there():
    assert "make demo" in README and "make test" in README
    assert "make NAME" not in README
