"""Exact duplicates: one copy kept, the same one in any order, within the memory that is stated."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_fold
from retold.core.document import Document, Origin, document_id
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Fold, Part
from retold.core.verdict import drop
from retold.dedup import FOLDS, REASONS, Exact, ExactStep
from retold.dedup.exact import SKETCH


def commit(view: MemoryView, part: str, texts: list[str]) -> None:
    """One document for each different text, one origin for each text, in a part."""
    ids = [document_id("source", (), text) for text in texts]
    documents = [Document(key, "source", text, "s") for key, text in dict(zip(ids, texts, strict=True)).items()]
    origins = [Origin(key, digest("record", part, index), "u") for index, key in enumerate(ids)]
    view.add("curate", part, {"documents": batch("documents", documents), "origins": batch("origins", origins)})


def verdicts(corpus: dict[str, list[str]], order: list[str]) -> set[tuple[str, str, str]]:
    view = MemoryView(None, [Part(name, "s") for name in order])
    for name in order:
        commit(view, name, corpus[name])
    run_fold(Exact().step(1), view)
    return {
        (part.name, row["kind"], row["subject"])
        for part in view.parts()
        for rows in view.read("verdicts", part=part.name)
        for row in rows.to_pylist()
    }


CORPUS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.lists(st.sampled_from("uvwxyz"), max_size=6), min_size=1, max_size=5
)


@settings(max_examples=100, deadline=None)
@given(CORPUS, st.randoms(use_true_random=False))
def test_one_copy_of_each_text_is_kept_in_any_order(corpus, random):
    """Law 1. Kills: keeping the copy that comes first, instead of the one in the part with the smallest name."""
    order = sorted(corpus)
    found = verdicts(corpus, order)
    random.shuffle(order)
    assert verdicts(corpus, order) == found
    dropped = {(part, subject) for part, kind, subject in found if kind == "document"}
    for text in {text for texts in corpus.values() for text in texts}:
        key = document_id("source", (), text)
        holders = sorted(name for name, texts in corpus.items() if text in texts)
        assert [name for name in holders if (name, key) not in dropped] == holders[:1]
    twins = Counter(part for part, kind, _ in found if kind == "record")
    assert all(twins[name] == len(texts) - len(set(texts)) for name, texts in corpus.items())


def test_what_was_dropped_before_is_no_reason_to_drop():
    """Kills: looking at all documents instead of those kept so far."""
    view = MemoryView(None, [Part("a", "s"), Part("b", "s")])
    for name in "ab":
        commit(view, name, ["same"])
    key = document_id("source", (), "same")
    view.add("judge", "a", {"verdicts": batch("verdicts", [drop(key, "document", "too_short")])})
    run_fold(ExactStep(), view)
    assert [row["reason"] for row in view.table("verdicts")] == ["too_short"]


def test_a_record_with_two_addresses_is_no_twin():
    view = MemoryView(None, [Part("a", "s")])
    commit(view, "a", ["text"])
    key, record = document_id("source", (), "text"), digest("record", "a", 0)
    view.add("more", "a", {"origins": batch("origins", [Origin(key, record, "another")])})
    run_fold(ExactStep(), view)
    assert not view.table("verdicts")


def test_details_name_what_is_kept():
    view = MemoryView(None, [Part("a", "s"), Part("b", "s")])
    for name in "ab":
        commit(view, name, ["same", "same"] if name == "a" else ["same"])
    run_fold(ExactStep(), view)
    rows = {row["kind"]: row for row in view.table("verdicts")}
    records = sorted(digest("record", "a", index) for index in range(2))
    assert (rows["record"]["subject"], rows["record"]["detail"]) == (records[1], records[0])
    assert rows["document"]["detail"] == "a" and {row["reason"] for row in rows.values()} == {"exact_duplicate"} <= set(
        REASONS
    )
    found = [(row["document_id"], row["kept_part"], row["size"]) for row in view.table("clusters")]
    assert found == [(document_id("source", (), "same"), "a", 2)] * 2


def test_memory_per_document_stays_below_the_limit():
    """Law 6. Kills: holding ids as Python text."""
    count, parts = 50_000, 8

    def sketches():
        for number in range(parts):
            ids = [bytes.fromhex(digest("d", number, index)) for index in range(count // parts)]
            arrays = [pa.array(ids, SKETCH.types[0]), pa.nulls(len(ids), pa.string()), pa.nulls(len(ids), pa.string())]
            yield Part(f"p{number}", "s"), [pa.RecordBatch.from_arrays(arrays, schema=SKETCH)]

    prepared = list(sketches())
    tracemalloc.start()
    assert not list(ExactStep().merge(prepared, MemoryView(None, [])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{peak / count:.0f} bytes a document at the peak")
    assert peak / count < 200


def test_registry():
    assert isinstance(FOLDS["exact"]().step(1), Fold)
    assert list(ExactStep().merge([], MemoryView(None, []))) == []
