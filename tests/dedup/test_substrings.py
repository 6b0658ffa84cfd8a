"""Repeated spans against a slow reference, and what happens to the documents that hold them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_fold
from retold.core.document import Origin, document_id
from retold.core.schema import batch
from retold.core.step import Part
from retold.dedup import REASONS, Substrings
from retold.dedup.repeats import repeated
from retold.dedup.substrings import left
from support.twins import documents, text, vocabulary

WORDS = vocabulary(5_000)


def reference(texts: list[list[str]], length: int) -> list[list[bool]]:
    """Every word of every run of `length` words that has begun at an earlier place."""
    seen: set[tuple[str, ...]] = set()
    marks = [[False] * len(words) for words in texts]
    for words, mark in zip(texts, marks, strict=True):
        for at in range(len(words) - length + 1):
            run = tuple(words[at : at + length])
            if run in seen:
                mark[at : at + length] = [True] * length
            seen.add(run)
    return marks


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=25), max_size=5), st.integers(1, 6))
def test_marks_are_those_of_the_definition(texts, length):
    """Kills: runs across two texts, `>` for `>=`, marking the first occurrence, a run one word short."""
    found = repeated([" ".join(words) for words in texts], length)
    assert [mark.tolist() for mark in found] == reference(texts, length)


def test_left_cuts_marked_words_with_what_stands_between_them():
    one = "Keep this. Cut that, and that. Keep too!"
    marks = np.array([False, False, True, True, True, True, False, False])
    assert "".join(one[start:end] for start, end in left(one, marks)) == "Keep this. Keep too!"


def judge(parts: dict[str, list[str]], **chosen) -> MemoryView:
    view = MemoryView(None, [Part(name, "s") for name in parts])
    for name, texts in parts.items():
        origins = [Origin(document_id("source", (), one), f"r{at}", "u") for at, one in enumerate(texts)]
        view.add("curate", name, documents(texts) | {"origins": batch("origins", origins)})
    run_fold(Substrings.model_validate(chosen).step(1), view)
    return view


def planted(length: int) -> tuple[list[str], str]:
    """Two documents that share a run of so many words, and the run."""
    rng = np.random.default_rng(2)
    run = " ".join(text(WORDS, rng, length))
    return [f"{' '.join(text(WORDS, rng, 80))} {run} {' '.join(text(WORDS, rng, 80))}" for _ in range(2)], run


@pytest.mark.parametrize(("length", "cut"), [(50, True), (49, False)])
def test_a_run_of_fifty_words_stays_once(length, cut):
    """Kills: cutting both copies, cutting none, counting one word too few."""
    texts, run = planted(length)
    view = judge({"b": texts[:1], "a": texts[1:]})
    kept = [row for rows in view.documents(["source"]) for row in rows.to_pylist()]
    assert len(kept) == 2 and sum(run in row["text"] for row in kept) == (1 if cut else 2)
    if cut:
        (edited,) = [row for row in kept if row["parents"]]
        parent = max(document_id("source", (), one) for one in texts)
        assert edited["parents"] == [parent]
        (way,) = view.table("span_maps")
        whole = next(one for one in texts if document_id("source", (), one) == parent)
        for piece in way["kept"]:
            there = whole[piece["parent_start"] : piece["parent_start"] + piece["length"]]
            assert edited["text"][piece["start"] : piece["start"] + piece["length"]] == there
        assert {row["record_id"] for row in view.table("origins") if row["document_id"] == edited["document_id"]} == {
            "r0"
        }


def test_documents_that_are_mostly_repeated_are_dropped_and_reports_change_nothing():
    texts, _ = planted(200)
    view = judge({"a": texts})
    (verdict,) = view.table("verdicts")
    assert verdict["reason"] == "repeated_span" in REASONS and verdict["detail"] == "56% of its words stand elsewhere"
    view = judge({"a": texts}, action="report")
    (row,) = view.table("signals")
    assert dict(row["values"])["repeated_words"] == 200 and not view.table("verdicts")
    assert len(judge({"a": texts}, action="drop", drop_above=0.1).table("verdicts")) == 1
    assert not judge({"a": texts}, action="drop", drop_above=0.9).table("verdicts")


def test_what_is_left_of_a_document_may_be_another_document():
    """Kills: an edit that writes a document again that is there already."""
    texts, run = planted(60)
    whole = f"{' '.join(text(WORDS, np.random.default_rng(9), 100))}"
    view = judge({"a": [*texts, whole, f"{whole} {run}", f"{run} {whole}"]}, drop_above=0.9)
    kept = [row["text"] for rows in view.documents(["source"]) for row in rows.to_pylist()]
    assert len(kept) == len(set(kept)) and sum(run in one for one in kept) == 1


def test_what_stood_first_in_a_document_that_is_dropped_stays_in_another():
    """Kills: cutting by the marks from before the drops, which loses a run that stood first in what was dropped."""
    rng = np.random.default_rng(4)
    common, run = (" ".join(text(WORDS, rng, length)) for length in (200, 60))
    for turn in range(40):  # ids decide which stands first: until the dropped one is between the two others
        first, mostly, last = (
            f"{common} begin{turn}",
            f"{common} {run} middle{turn}",
            f"{run} {' '.join(text(WORDS, rng, 90))}",
        )
        names = [document_id("source", (), one) for one in (first, mostly, last)]
        if names == sorted(names):
            break
    view = judge({"a": [first, mostly, last]})
    assert [row["subject"] for row in view.table("verdicts")] == [names[1]], "the last one is not cut"
    kept = [row["text"] for rows in view.documents(["source"]) for row in rows.to_pylist()]
    assert sorted(kept) == sorted([first, last])


def test_groups_bound_what_is_compared():
    texts, _ = planted(50)
    assert judge({"a": texts}).table("verdicts") and not judge({"a": texts}, characters=1_000).table("verdicts")


@settings(max_examples=30, deadline=None)
@given(st.permutations("abcd"))
def test_the_order_of_parts_changes_nothing(order):
    """Law 1. Kills: keeping the copy that comes first."""
    texts, run = planted(60)
    parts = {"a": texts[:1], "b": texts[1:], "c": [f"{run} tail"], "d": [texts[0]]}
    one, other = judge(parts), judge({name: parts[name] for name in order})
    for table in ("documents", "verdicts", "span_maps"):
        rows = [sorted(map(str, view.table(table))) for view in (one, other)]
        assert rows[0] == rows[1]
