"""The steps "curate" and "judge": rows that belong together, a reason for each drop, the same rows in any order."""

from __future__ import annotations

import json
import pickle
from collections import Counter

import pytest
from pydantic import ValidationError

from memory_view import MemoryView, run_map
from read.archives import page, warc_record
from retold.clean import CURATE, REASONS, Curate, Entry, Judge, Language, Length, Normalize, misplaced
from retold.clean.codes import CODES
from retold.clean.entry import Measured, threshold
from retold.clean.filters import C4
from retold.clean.step import measure
from retold.core.document import document_id
from retold.core.edit import cut
from retold.core.step import Map
from retold.core.verdict import merge_reasons
from retold.read import REASONS as READ
from retold.read import Source, pin

ENTRIES = (Normalize(), Language(keep=["en"]), Length(min_words=5))
LONG = "This is an ordinary English sentence with more than enough words in it."


def curate(folder, settings, entries=ENTRIES) -> tuple[MemoryView, Curate]:
    sources = {name: Source.model_validate(value) for name, value in settings.items()}
    parts = [part for name, source in sources.items() for part in pin(name, source, folder)]
    view, step = MemoryView(folder, parts), Curate(sources, entries)
    run_map(step, view)
    run_map(Judge(entries), view)
    return view, step


def lines(folder, *rows: dict, name: str = "a.jsonl") -> None:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_every_record_ends_as_a_document_or_a_verdict(tmp_path):
    rows = [{"id": "good", "text": LONG, "title": "T", "license": "MIT"}, {"id": "short", "text": "This is short."}]
    rows += [{"id": "german", "text": "Dies ist ein ganz gewöhnlicher deutscher Satz mit genug Wörtern."}]
    rows += [{"id": "invisible", "text": "\u200b \u200b"}, {"id": "none"}]
    lines(tmp_path, *rows)
    view, step = curate(tmp_path, {"set": "a.jsonl"})
    assert isinstance(step, Map) and len(view.table("records")) == 4
    reasons = Counter((row["kind"], row["reason"]) for row in view.table("verdicts"))
    assert reasons == {
        ("document", "too_short"): 1,
        ("document", "wrong_language"): 1,
        ("record", "empty"): 1,
        ("record", "no_text_column"): 1,
    }
    documents = {row["text"]: row for row in view.table("documents")}
    assert len(documents) == 3, "a dropped document keeps its row"
    good = documents[LONG]
    assert (good["kind"], good["title"], good["licence"], good["source"]) == ("source", "T", "MIT", "set")
    assert good["document_id"] == document_id("source", (), LONG)
    kept = [row["document_id"] for batch in view.documents(["source"]) for row in batch.to_pylist()]
    assert kept == [good["document_id"]]
    details = {row["reason"]: row["detail"] for row in view.table("verdicts")}
    assert details["too_short"] == "3 words, 14 characters" and details["wrong_language"].startswith("de ")


def test_the_same_text_from_two_records_is_one_document_with_two_origins(tmp_path):
    lines(tmp_path, {"text": LONG, "url": "http://a"}, {"text": LONG + "  \r\n", "url": "http://b"})
    view, _ = curate(tmp_path, {"set": "a.jsonl"})
    assert len(view.table("documents")) == len(view.table("signals")) == 1
    assert [row["uri"] for row in view.table("origins")] == ["http://a", "http://b"]
    assert len({row["record_id"] for row in view.table("origins")}) == 2


def test_equal_files_leave_all_their_addresses(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(LONG, "utf-8")
    view, _ = curate(tmp_path, {"set": "."})
    assert len(view.table("records")) == 1 and [row["uri"] for row in view.table("origins")] == ["a.txt", "b.txt"]


def test_pages_get_their_titles_and_bombs_cost_themselves(tmp_path):
    bomb = b"<html>" + b"<div>" * 20_000
    (tmp_path / "a.warc").write_bytes(warc_record(1) + warc_record(2, bomb) + warc_record(3, b"<html></html>"))
    view, _ = curate(tmp_path, {"web": "a.warc"})
    assert [row["title"] for row in view.table("documents")] == ["Page 1"]
    assert Counter(row["reason"] for row in view.table("verdicts")) == {"too_complex": 1, "empty": 1}
    assert len(view.table("records")) == 3


def test_rows_do_not_depend_on_names_or_order(tmp_path):
    """Law 1. Kills: anything but content deciding ids."""
    found = []
    for names in (("a", "b", "c"), ("z", "y", "x")):
        folder = tmp_path / names[0]
        folder.mkdir()
        for index, name in enumerate(names):
            (folder / f"{name}.html").write_bytes(page(index))
        view, _ = curate(folder, {"web": "."})
        found.append([view.table(table) for table in ("documents", "signals", "verdicts")])
    assert found[0] == found[1] and found[0][0]


def test_output_comes_in_bounded_pieces(tmp_path):
    lines(tmp_path, *({"text": f"{LONG} Number {index}."} for index in range(2_500)))
    source = Source.model_validate("a.jsonl")
    parts = pin("set", source, tmp_path)
    step = Curate({"set": source}, (Normalize(),))
    sizes = [output["records"].num_rows for output in step.process(parts[0], MemoryView(tmp_path, parts))]
    assert sizes == [1_000, 1_000, 500]


def test_identity_holds_what_decides_and_no_path(tmp_path):
    first = Curate({"a": Source.model_validate("x")}, ENTRIES)
    assert first.identity() == Curate({"a": Source.model_validate("elsewhere")}, ENTRIES).identity()
    assert (
        first.identity() != Curate({"a": Source.model_validate("x")}, (Normalize(), Language(keep=["de"]))).identity()
    )
    assert (
        first.identity() != Curate({"a": Source.model_validate({"paths": "x", "licence": "MIT"})}, ENTRIES).identity()
    )
    assert pickle.loads(pickle.dumps(first)) == first


def test_registry_and_reasons():
    assert set(CURATE) >= {"normalize", "language", "length"}
    assert len(merge_reasons(READ, REASONS)) >= len(READ)
    for bad in ({}, {"min_words": 5, "max_words": 4}, {"min_words": -1}):
        with pytest.raises(ValidationError):
            Length(**bad)


class Shouting(Entry):
    """Removes the words in capitals, and counts the letters that it saw; a test's own entry."""

    most: int = threshold(1_000)

    def measure(self, texts):
        edits = []
        for text in texts.strings:
            pieces, place = [], 0
            for word in text.split(" "):
                if not word.isupper():
                    pieces.append((place, min(place + len(word) + 1, len(text))))
                place += len(word) + 1
            made = cut(text, pieces)
            edits.append(made if made[0] != text else None)
        return Measured({"seen": texts.characters.astype(float)}, edits)


def test_an_entry_sees_what_the_one_before_it_left(tmp_path):
    """Kills: measuring the text as it was read, or signals on the row of a document that is gone."""
    text = f"LOUD {LONG}"
    lines(tmp_path, {"text": text, "url": "http://a"}, {"text": LONG, "url": "http://b"}, {"text": "ALL GONE"})
    view, _ = curate(tmp_path, {"set": "a.jsonl"}, (Shouting(), Shouting(), Length(min_words=4)))
    documents = {row["document_id"]: row for row in view.table("documents")}
    parent, child = document_id("source", (), text), document_id("source", (), LONG)
    assert {row["text"] for row in documents.values()} == {text, LONG, "ALL GONE"}, "what leaves nothing stays"
    signals = {row["document_id"]: dict(row["values"]) for row in view.table("signals")}
    assert set(signals) == {child, document_id("source", (), "ALL GONE")}
    assert (signals[child]["seen"], signals[child]["seen@2"]) == (len(text), len(LONG))
    assert signals[child]["characters"] == len(LONG) and documents[child]["parents"] == [parent]
    verdicts = {row["subject"]: row["reason"] for row in view.table("verdicts")}
    assert verdicts == {parent: "edited", document_id("source", (), "ALL GONE"): "too_short"}
    (span_map,) = view.table("span_maps")
    assert span_map["kept"] == [{"start": 0, "parent_start": 5, "length": len(LONG)}]
    origins = {(row["document_id"], row["uri"]) for row in view.table("origins")}
    assert {(parent, "http://a"), (child, "http://a"), (child, "http://b")} <= origins
    kept = [row["document_id"] for batch in view.documents(["source"]) for row in batch.to_pylist()]
    assert kept == [child]


def test_a_wide_entry_sees_what_the_one_before_it_left():
    """Kills: letting every wide entry look at all texts first, also one that comes after an edit."""
    english = "The quick brown fox jumps over the lazy dog and runs home to its den before the night."
    german = "Der schnelle braune Fuchs springt über den faulen Hund und läuft dann nach Hause in seinen Bau"
    text = english + "\n" + "\n".join([german] * 9)  # the lines without a full stop go
    language, lines = Language(keep=["en", "de"]), C4()
    before, _ = measure([text], [language, lines])
    after, edits = measure([text], [lines, language])
    assert edits[0] and edits[0][0] == english
    assert [CODES[int(found["language_code"][0])] for found in (before, after)] == ["de", "en"]


def test_only_what_measures_is_in_the_identity_of_curate():
    """Kills: thresholds in the fingerprint of reading, or judging without them."""
    sources = {"a": Source.model_validate("x")}
    first, second = (Normalize(), Length(min_words=5)), (Normalize(), Length(min_words=6))
    assert Curate(sources, first).identity() == Curate(sources, second).identity()
    assert Judge(first).identity() != Judge(second).identity()
    asked = Language(keep=["en"]), Language(keep=["en"], min_probability=0.1), Language(keep=["de"])
    one, two, three = (Curate(sources, (entry,)).identity() for entry in asked)
    assert one == two != three


def test_normalize_comes_first():
    assert misplaced((Normalize(), Length(min_words=1))) is None
    assert misplaced((Length(min_words=1), Normalize())) == 1
    assert misplaced(()) is None
