"""The step "curate": rows that belong together, every drop with a reason, the same rows whatever the order."""

from __future__ import annotations

import json
import pickle
from collections import Counter

import pytest
from pydantic import ValidationError

from memory_view import MemoryView, run_map
from read.archives import page, warc_record
from retold.clean import CURATE, REASONS, Curate, Language, Length, Normalize
from retold.clean.step import JUDGES, judge
from retold.core.document import document_id
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


def test_judging_needs_the_signals_alone(tmp_path):
    """Kills: a verdict that looks at the text."""
    lines(tmp_path, {"text": LONG}, {"text": "Too short."}, {"text": "这是一个用中文写的普通句子，里面有足够多的字。"})
    view, _ = curate(tmp_path, {"set": "a.jsonl"})
    again = {row["document_id"]: judge(dict(row["values"]), ENTRIES) for row in view.table("signals")}
    dropped = {row["subject"]: row["reason"] for row in view.table("verdicts")}
    assert {key: found[0] for key, found in again.items() if found} == dropped and len(dropped) == 2


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
    assert set(CURATE) == {"normalize", "language", "length"}
    assert set(JUDGES) <= set(CURATE.values())
    assert len(merge_reasons(READ, REASONS)) >= len(READ)
    for bad in ({}, {"min_words": 5, "max_words": 4}, {"min_words": -1}):
        with pytest.raises(ValidationError):
            Length(**bad)


def test_lengths_are_inclusive():
    values = {"words": 5.0, "characters": 30.0}
    assert judge(values, (Length(min_words=5, max_words=5, min_characters=30, max_characters=30),)) is None
    assert judge(values, (Length(min_words=6),))[0] == "too_short"
    assert judge(values, (Length(max_characters=29),))[0] == "too_long"
