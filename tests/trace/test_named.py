"""What is named by lines of a file, and near duplicates, in a real run that masks and compares documents."""

from __future__ import annotations

import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import retold
from retold.cli import app, load
from retold.core.document import Document, SpanMap, document_id
from retold.core.schema import batch
from retold.runner.session import Session
from retold.store import Store, Writer
from retold.trace.doomed import Asked, doomed
from retold.trace.forget import forget
from support.every_byte import found_in

load()
FIRST = """Notes on a harbour. Every evening the keeper counts the boats in the bay and writes their names in a ledger
of green leather. A boat is a small ship that carries people over water. The ledger is kept in the tower, and nobody but
the keeper reads it before the morning. Letters to keeper@harbour-of-qwandorra.org are answered within a week."""
TWIN = FIRST + " The zyxglorb quivers marvellously beneath nineteen lanterns."
OTHER = """Notes on a mill. Every morning the miller opens the gate of the pond and lets the water run over the wheel.
A mill is a house in which grain is ground to flour. The wheel turns slowly, and the stones turn with it, until the
sacks of the farmers are full. A wheel of that kind is a wonder."""
LINES = "\n  of green leather. A boat is\n\nhouse in which grain is ground\n"
CLUSTER = {"kept": "", "kept_part": "", "similarity": 1.0}
RECIPE = """\
name: little
sources: {notes: {paths: 'notes/*.txt'}}
curate: [normalize, pii, exact, {minhash: {threshold: 0.5}}]
rephrase: {rules: all}
pack: {tokenizer: train, vocabulary: 400, length: 128}
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("named")
    (folder / "notes").mkdir()
    for name, text in (("first", FIRST), ("twin", TWIN), ("other", OTHER)):
        (folder / f"notes/{name}.txt").write_text(text, "utf-8")
    (folder / "little.yaml").write_text(RECIPE, "utf-8")
    retold.run(folder / "little.yaml")
    return folder


@pytest.fixture
def made(original, tmp_path) -> Path:
    return shutil.copytree(original, tmp_path / "copy") / "out/little"


def first_of(out: Path) -> str:
    """The address of the text whose near duplicate was dropped or kept beside it."""
    rows = Session.open(out).scan("origins")
    return next(uri for uri in rows["uri"].to_list() if uri.endswith("first.txt"))


def texts(out: Path) -> str:
    return "\n".join(Session.open(out).scan("documents")["text"].to_list())


def test_a_near_duplicate_stays_and_is_counted_until_it_is_asked_for(made):
    """Kills: `asked.twins` ignored; twins taken unasked."""
    alone = forget(made, Asked(urls=(first_of(made),)))
    assert len(alone.twins) == 1
    both = forget(made, Asked(urls=(first_of(made),), twins=True))
    assert not both.twins
    assert set(both.kinds) >= {*alone.kinds, *alone.twins}
    assert both.counts["records"] == 2 and alone.counts["records"] == 1


def test_near_duplicates_of_what_an_edit_made_go_too(tmp_path):
    """Kills: twins looked for among what is named alone: comparing may have seen a text that a later step cut."""
    store = Store.create(tmp_path / "store")
    names = {text: document_id("source", (), text) for text in ("as read", "as cut", "like it", "another")}
    writer = Writer(store, "s")
    in_clusters = [{"document_id": names[one], "cluster": "c", "size": 2} for one in ("as cut", "like it")]
    rows = {
        "documents": batch(
            "documents",
            [
                Document(name, "source", text, "web", (names["as read"],) if text == "as cut" else ())
                for text, name in names.items()
            ],
        ),
        "span_maps": batch("span_maps", [SpanMap(names["as cut"], names["as read"], 7, ())]),
        "clusters": batch("clusters", [{**CLUSTER, **one} for one in in_clusters]),
    }
    writer.add("p", rows)
    writer.flush()
    asked = Asked(documents=(names["as read"],))
    assert set(doomed(store, asked).documents) == {names["as read"], names["as cut"]}
    found = doomed(store, replace(asked, twins=True))
    assert set(found.documents) == {names["as read"], names["as cut"], names["like it"]}


def test_what_was_made_of_a_near_duplicate_goes_with_it(made):
    """Kills: twins added after their families were looked for."""
    forget(made, Asked(urls=(first_of(made),), twins=True), yes=True)
    assert not found_in(made, [b"zyxglorb", b"green leather", b"ledger is kept", b"Notes on a harbour"])
    assert "Notes on a mill" in texts(made)


def test_without_being_asked_for_the_near_duplicate_is_left(made):
    forget(made, Asked(urls=(first_of(made),)), yes=True)
    assert "zyxglorb" in texts(made) and "Notes on a mill" in texts(made)


def test_every_line_of_a_file_names_the_documents_that_hold_it(made, tmp_path):
    """Kills: lines after the first left out; a line taken with the spaces around it; an empty line, which all hold."""
    lines = tmp_path / "lines.txt"
    lines.write_text(LINES, "utf-8")
    words = ["forget", "--store", str(made), "--match", str(lines), "--json"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert "green leather" in texts(made)
    done = CliRunner().invoke(app, [*words, "--yes"])
    assert done.exit_code == 0, done.output
    assert texts(made) == ""
    assert not found_in(made, [b"zyxglorb", b"green leather", b"ground to flour"])


def test_a_line_names_no_document_that_does_not_hold_it(made, tmp_path):
    """Kills: any document taken once a line is found somewhere."""
    lines = tmp_path / "lines.txt"
    lines.write_text("zyxglorb quivers marvellously\n", "utf-8")
    done = CliRunner().invoke(app, ["forget", "--store", str(made), "--match", str(lines), "--yes"])
    assert done.exit_code == 0, done.output
    assert not found_in(made, [b"zyxglorb"])
    assert "ledger is kept" in texts(made) and "Notes on a mill" in texts(made)


def test_what_nothing_is_named_by_is_said(made, tmp_path):
    """A file of Windows, one line that nobody holds. Kills: the mark before the first line taken for a part of it;
    `missing` left empty, so that a wish seems fulfilled that was misspelled."""
    lines = tmp_path / "lines.txt"
    lines.write_bytes("\ufeffzyxglorb quivers marvellously\r\nzyxglorb quivered marvellously\r\n".encode())
    words = ["--match", str(lines), "--url", "https://nobody.example/", "--domain", "nobody.example"]
    done = CliRunner().invoke(app, ["forget", "--store", str(made), *words])
    assert done.exit_code == 0, done.output
    assert [line[10:] for line in done.output.splitlines() if line.startswith("not found")] == [
        "https://nobody.example/",
        "nobody.example",
        "zyxglorb quivered marvellously",
    ]


def test_a_line_is_found_in_either_form_of_unicode(tmp_path):
    """Kills: a line compared as it is typed: what a Mac composes of two characters is one in the corpus."""
    store, text = Store.create(tmp_path / "store"), "Die Größe der Mühle über dem Fluß."
    name = document_id("source", (), text)
    writer = Writer(store, "s")
    writer.add("p", {"documents": batch("documents", [Document(name, "source", text, "web")])})
    writer.flush()
    for form in ("NFC", "NFD"):
        found = doomed(store, Asked(needles=(unicodedata.normalize(form, text),)))
        assert set(found.documents) == {name} and not found.missing


def test_a_short_line_is_refused(made, tmp_path):
    """Kills: SHORTEST_NEEDLE not asked for: a word would take down half a corpus."""
    lines = tmp_path / "lines.txt"
    lines.write_text("the keeper\n", "utf-8")
    done = CliRunner().invoke(app, ["forget", "--store", str(made), "--match", str(lines), "--yes"])
    assert "too short" in str(done.exception)
    assert "the keeper" in texts(made)
