"""Sampled matching: what is planted is found, edited or not; prose is not; every hit says which item and where."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_map
from retold.core.document import Document, Origin, document_id
from retold.core.schema import batch
from retold.core.step import Map, Part
from retold.decontaminate import Decontaminate, of_retellings, of_sources
from retold.decontaminate.match import WINDOW, Matcher
from retold.decontaminate.sampled import Hit, best, contaminations
from retold.decontaminate.units import FIELDS, index
from support.evaluation import items, prose
from support.planting import edited, planted


@pytest.fixture(scope="module")
def matching():
    made = index(items(), 0.6)
    return made, Matcher(made.units)


def found(matching, *texts: str):
    rows = pa.record_batch({"document_id": [f"{at:032x}" for at in range(len(texts))], "text": list(texts)})
    return dict(contaminations(rows, *matching))


def test_a_verbatim_item_is_found_with_its_span(matching):
    """Kills: bytes reported as characters (the prose before the item has accents)."""
    random = Random(1)
    for item in items():
        before = "Café déjà vu, naïve. " + prose(random, 8)
        text = f"{before}\n\nQuestion: {item.question}\nAnswer: {item.answer}\n\n{prose(random, 8)}"
        rows = found(matching, text)[0]
        own = [row for row in rows if (row.set, row.item) == (item.set, item.key)]
        assert own, item
        exact = max((row for row in own if row.field.startswith("question")), key=lambda row: row.score)
        assert text[exact.start : exact.end].startswith(item.question.rstrip("?")) and exact.score >= 0.95
        assert all(row.removes for row in own)


def test_light_edits_do_not_hide_an_item(matching):
    """Kills: scoring by n-grams found instead of words aligned; a gap that ends the alignment."""
    random = Random(2)
    words = prose(random).split()
    hits = total = 0
    for _ in range(5):
        for item in items():
            text = planted(prose(random), edited(f"{item.question}\nAnswer: {item.answer}", random, words), random)
            hits += bool(found(matching, text))
            total += 1
    print(f"{hits} of {total} edited items found")
    assert hits / total >= 0.95


def test_prose_of_the_same_words_is_not_hit(matching):
    """Kills: a need that falls with length to nothing; hits on one shared n-gram."""
    random = Random(3)
    texts = [prose(random, 60) for _ in range(200)]
    texts += [
        "The baker sells bread on Monday and cakes on Tuesday, and many dollars are earned in the market of the town.",
        "How many tulips are left is a question that the pupils in the school garden ask every spring.",
        "Mercury is a metal that is liquid at room temperature, unlike iron, copper or lead.",
    ]
    assert found(matching, *texts) == {}


def test_question_and_answer_are_told_apart(matching):
    question = items()[0].question
    alone = found(matching, f"{prose(Random(4))}\n\n{question}")[0]
    assert {row.field for row in alone} == {"question"}
    answer = found(matching, f"{prose(Random(4))}\n\n{items()[0].answer}")[0]
    assert {row.field for row in answer} == {"answer"}


def test_an_item_across_two_windows_is_found(matching):
    """Kills: windows that do not overlap."""
    item = items()[5].question
    filler = "x" * 9 + " "
    for shift in (0, 40, 80):
        text = filler * (WINDOW // len(filler) - 6) + "y" * shift + " " + item + " " + filler * 1000
        rows = found(matching, text)[0]
        assert [text[row.start : row.end] for row in rows if row.field == "question"] == [item.rstrip("?")], shift


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 43))
def test_no_bytes_break_the_search(matching, noise, number):
    """Law 5 and 8. Kills: reading past the end of a broken character."""
    made, matcher = matching
    item = items()[number].question.encode()
    data = np.frombuffer(noise + b" " + item + b" " + noise, np.uint8)
    hits = matcher.match(data, np.array([0, len(data)], np.int64))
    assert number in {int(made.item_of[unit]) for unit in hits.unit} or len(item.split()) < 12
    assert all(0 <= start < end <= len(data) for start, end in zip(hits.start, hits.end, strict=True))


def test_a_document_that_repeats_itself_costs_no_more_than_its_length(matching):
    """Kills: trying the same place of the same unit again for each of its n-grams."""
    text = (items()[0].question + " ") * 3000
    rows = found(matching, text)[0]
    assert len(rows) <= 1000


def test_overlapping_hits_on_one_field_are_one():
    """Kills: reporting the same span once for each window that saw it."""
    hits = [Hit(*hit, "s", "i") for hit in ((0, 10, 0.7, 1), (5, 12, 0.9, 1), (20, 30, 0.8, 1), (5, 12, 0.6, 2))]
    assert best(hits) == [hits[1], hits[3], hits[2]]


def write_sets(folder: Path) -> None:
    rows = [{"question": item.question, "answer": item.answer} for item in items() if item.set == "sums"]
    (folder / "sums.jsonl").write_bytes(b"\n".join(orjson.dumps(row) for row in rows))


def run(folder: Path, texts: list[str], kind="source", **options) -> MemoryView:
    """A view in which the step ran over one part with these documents."""
    view = MemoryView(folder, [Part("a", "s")])
    documents = [Document(document_id(kind, (), text), kind, text, "s") for text in texts]
    origins = [Origin(item.document_id, f"{at:032x}", f"u{at}") for at, item in enumerate(documents)]
    view.add("curate", "a", {"documents": batch("documents", documents), "origins": batch("origins", origins)})
    make = of_sources if kind == "source" else of_retellings
    chosen = make(Decontaminate.model_validate({"against": "sums.jsonl", **options}), folder)
    assert isinstance(chosen, Map)
    run_map(chosen, view)
    return view


def test_the_step_drops_and_quotes(tmp_path):
    write_sets(tmp_path)
    texts = [prose(Random(5)), planted(prose(Random(6)), items()[3].question, Random(7))]
    view = run(tmp_path, texts)
    (verdict,) = view.table("verdicts")
    assert (verdict["reason"], verdict["kind"], verdict["keep"]) == ("contaminated", "document", False)
    assert verdict["detail"].startswith("sums, line 4, question: A tailor needs") and len(verdict["detail"]) <= 200
    (row,) = view.table("contaminations")
    assert (row["set"], row["item"], row["field"], row["removes"]) == ("sums", "line 4", "question", True)
    assert texts[1][row["start"] : row["end"]] == items()[3].question.rstrip("?")
    assert [len(rows) for rows in view.documents(["source"])] == [1]


def test_cutting_leaves_pieces_with_a_way_back_and_origins(tmp_path):
    write_sets(tmp_path)
    text = f"{prose(Random(8))}\n\n{items()[3].question}\n\n{prose(Random(9))}"
    view = run(tmp_path, [text], remove="window")
    left = [row for rows in view.documents(["source"]) for row in rows.to_pylist()]
    assert len(left) == 2 and all(row["text"] in text and "tailor" not in row["text"] for row in left)
    maps = {row["document_id"]: row for row in view.table("span_maps")}
    for row in left:
        (kept,) = maps[row["document_id"]]["kept"]
        assert text[kept["parent_start"] :].startswith(row["text"])
    owners = {row["document_id"]: row["uri"] for row in view.table("origins")}
    assert {owners[row["document_id"]] for row in left} == {"u0"}
    assert [row["reason"] for row in view.table("verdicts")] == ["edited"]


def test_what_the_matcher_does_not_report_any_more_is_not_left(tmp_path):
    """Sixty items of one template match wherever one of them stands, so that 4,096 hits are soon reported.

    Kills: `not all_found` left out of `Rows.add`."""
    asked = [
        f"How many buttons does tailor number {at} sew on the coats of the whole company in one day?"
        for at in range(60)
    ]
    (tmp_path / "sums.jsonl").write_bytes(b"\n".join(orjson.dumps({"question": question}) for question in asked))
    between = " ".join(f"filler{number}" for number in range(10))
    view = run(
        tmp_path, [prose(Random(8)) + "".join(f"\n{asked[at % 60]} {between}" for at in range(300))], remove="window"
    )
    assert len(view.table("contaminations")) < 300
    assert [row["reason"] for row in view.table("verdicts")] == ["contaminated_often"]


def test_a_retelling_that_recites_is_dropped(tmp_path):
    write_sets(tmp_path)
    texts = ["A retelling about boats in the harbour.", f"Here is one: {items()[7].question}"]
    view = run(tmp_path, texts, kind="retelling", remove="window")
    assert [(row["kind"], row["reason"]) for row in view.table("verdicts")] == [("retelling", "contaminated")]


def test_the_files_content_is_identity_and_their_place_is_not(tmp_path):
    """Law 3. Kills: an identity of paths, or one without the evaluation files."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    write_sets(one)
    write_sets(two)
    chosen = Decontaminate.model_validate({"against": "*.jsonl"})
    assert of_sources(chosen, one).identity() == of_sources(chosen, two).identity()
    (two / "sums.jsonl").write_bytes((two / "sums.jsonl").read_bytes() + b'\n{"question": "a new one?"}')
    assert of_sources(chosen, one).identity() != of_sources(chosen, two).identity()


def test_items_too_short_to_look_for_are_counted():
    assert index([*items(), items()[0].__class__("sums", "line 99", "Why so?")], 0.6).too_short == 1
    assert FIELDS[0] == "question"


def test_the_order_of_items_changes_no_score():
    """Law 1. Kills: weights or postings that depend on the order of the sets."""
    text = planted(prose(Random(10)), items()[2].question, Random(11))
    one, two = index(items(), 0.6), index(items()[::-1], 0.6)
    first = found((one, Matcher(one.units)), text)[0]
    second = found((two, Matcher(two.units)), text)[0]
    assert first == second
