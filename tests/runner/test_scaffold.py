"""The first recipe: what it reads, which column the text is in, and what it leaves aside."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retold.read.columns import columns
from retold.read.locate import Found
from retold.runner.recipe import Recipe
from retold.runner.scaffold import scaffold


def written(folder: Path, *paths: str) -> tuple[Recipe, str]:
    path = folder / "recipe.yaml"
    path.write_text(scaffold([str(folder / name) for name in paths], path), "utf-8")
    return Recipe.load(path), path.read_text("utf-8")


def table(path: Path, **values: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(values), path)


def rows(path: Path, *values: object) -> None:
    path.parent.mkdir(exist_ok=True)
    text = "".join((value if isinstance(value, str) else json.dumps(value)) + "\n" for value in values)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.mark.parametrize("column", ["text", "content", "raw_content"])
def test_the_column_of_the_text_is_found(tmp_path, column):
    """Kills: writing no `text:` (every row of the table is then dropped)."""
    table(tmp_path / "set" / "a.parquet", id=["1"], **{column: ["words"]})
    rows(tmp_path / "lines" / "a.json.gz", "no json", {"id": 1, column: "words"})
    recipe, _ = written(tmp_path, "set", "lines")
    assert {name: source.text for name, source in recipe.settings.sources.items()} == {"set": column, "lines": column}


def test_where_files_differ_or_no_name_is_usual_the_recipe_says_so(tmp_path):
    """Kills: taking the first file's column for all."""
    table(tmp_path / "mixed" / "a.parquet", text=["words"])
    table(tmp_path / "mixed" / "b.parquet", content=["words"])
    rows(tmp_path / "odd" / "a.jsonl", {"id": 1, "utterance\nsources: {}": "words"})
    recipe, text = written(tmp_path, "mixed", "odd")
    assert {source.text for source in recipe.settings.sources.values()} == {"text"}
    assert "# mixed/b.parquet has the columns content: its text may be under content." in text
    assert "# odd/a.jsonl has the columns id, utterance sources: {}: no usual name" in text


def test_what_is_not_read_is_counted(tmp_path):
    """Kills: silence about files whose names do not tell how to read them."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("a.txt", "b.csv", "c.csv", "NOTES", ".hidden"):
        (folder / name).write_text("words")
    _, text = written(tmp_path, "mine")
    assert "# 1 text; not read: .csv 2, without an ending 1 (" in text


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bdamaged", b"PAR1", b"[1, 2]\n"])
@pytest.mark.parametrize("kind", ["jsonl", "parquet", "text"])
def test_of_what_is_damaged_nothing_is_known(tmp_path, kind, content):
    (tmp_path / "file").write_bytes(content)
    assert columns(Found(str(tmp_path / "file"), "file", kind)) == ()
