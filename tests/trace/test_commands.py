"""What `retold trace` and `retold forget` say to what cannot be meant."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

import retold
from retold.cli import app, load
from retold.core.errors import RecipeError, RetoldError
from retold.trace.limits import MOST_CHARACTERS

load()


def said(*words: str, given: str | None = None):
    return CliRunner().invoke(app, list(words), input=given)


def refused(*words: str, given: str | None = None) -> str:
    done = said(*words, given=given)
    assert isinstance(done.exception, RetoldError), done.output
    return str(done.exception)


def test_nothing_is_not_traced(made, tmp_path):
    """Kills: `not text.strip()` left out: nothing of it was said to be in the corpus, as if it had been looked up."""
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n", "utf-8")
    store = ("--store", str(made / "out/little"))
    assert "nothing to trace" in refused("trace", "", *store)
    assert "empty.txt holds no text" in refused("trace", str(empty), *store)
    assert "nothing to trace" in refused("trace", "-", *store, given="")


@pytest.mark.parametrize(
    ("text", "noted"),
    [("nofile.txt", True), ("notes/one", True), ("The boat. It left.", False), ("boat.", False), ("3.14", False)],
)
def test_the_name_of_a_file_that_is_not_there_is_noted(made, text, noted):
    """Kills: `_like_a_file` always false, or true of every text."""
    done = said("trace", text, "--store", str(made / "out/little"))
    assert done.exit_code == 0
    assert ("no file is called" in done.stderr) == noted


def test_a_text_that_would_take_minutes_is_refused_with_a_way_out(made, tmp_path):
    """Kills: the size of a file, or of what is piped in, not looked at; `longest` without effect in the call."""
    store = ("--store", str(made / "out/little"))
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(4 * MOST_CHARACTERS + 1)
    assert "split -C" in refused("trace", str(big), *store)
    big.write_text("word " * (MOST_CHARACTERS // 5 + 1), "utf-8")
    assert "too long" in refused("trace", str(big), *store)
    assert "too long" in refused("trace", "-", *store, given=big.read_text("utf-8"))
    with pytest.raises(RetoldError, match="more than 10 characters"):
        retold.trace("eleven char", made / "out/little", longest=10)
    assert retold.trace("ten charac", made / "out/little", longest=10).text == "ten charac"


def test_an_id_that_is_nowhere_is_told_from_one_that_is_ambiguous(made):
    """Kills: both told as "0 documents ... name one of them"."""
    store = ("--store", str(made / "out/little"))
    assert "no document has an id that begins with zzzz" in refused("forget", "--doc", "zzzz", *store)
    assert "write more" in refused("forget", "--doc", "", *store)


def test_an_empty_file_of_lines_is_named(made, tmp_path):
    """Kills: `if not found` of `_lines` left out."""
    lines = tmp_path / "lines.txt"
    lines.write_text("\n  \n", "utf-8")
    store = ("--store", str(made / "out/little"))
    assert "lines.txt holds no line" in refused("forget", "--match", str(lines), *store)
    assert "cannot read" in refused("forget", "--match", str(tmp_path / "nowhere"), *store)


def test_one_and_many_are_told_apart(made):
    """Kills: kinds counted without their plural, or one of them with it."""
    folder = made / "out/little"
    rows = retold.open(folder).scan("documents")
    one = rows.filter(kind="source").row(0, named=True)["document_id"]
    first = said("forget", "--doc", one, "--store", str(folder)).output.splitlines()[0]
    assert "1 record," in first and "1 source," in first and "retellings, " in first


def test_a_style_that_is_none_is_said_before_anything_is_read():
    """Kills: the name left to the recipe that trying makes, whose path is temporary and told."""
    done = said("styles", "try", "kay_facts")
    assert isinstance(done.exception, RecipeError)
    assert "kay_facts" in str(done.exception) and "retold-try" not in str(done.exception)
    assert "cloze" in str(said("styles", "try", "clozee").exception)
