"""Texts that are equal but for case, punctuation and white space."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from memory_view import MemoryView, run_fold
from retold.core.document import Origin, document_id
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Part
from retold.dedup import REASONS, Exact
from retold.dedup.normalised import BLOCK
from support.twins import documents


def judge(parts: dict[str, list[str]], **chosen) -> MemoryView:
    view = MemoryView(None, [Part(name, name, ("f/x",)) for name in parts])
    for name, texts in parts.items():
        view.add("curate", name, documents(texts, name))
    run_fold(Exact.model_validate({"normalised": True, **chosen}).step(1), view)
    return view


def dropped(view: MemoryView) -> set[str]:
    return {row["subject"] for row in view.table("verdicts") if row["kind"] == "document"}


def key(text: str) -> str:
    return document_id("source", (), text)


SPELLINGS = [
    "Hello, world!",
    "hello  world",
    "HELLO\nWORLD",
    "hello world …",
    "héllo world",
    "hello world 2",
    "helloworld",
]


def test_case_punctuation_and_space_do_not_count_and_all_else_does():
    """Kills: folding accents or digits; gluing words together."""
    view = judge({"a": SPELLINGS})
    longest = max(SPELLINGS[:4], key=lambda text: (len(text), -int(key(text), 16)))
    assert dropped(view) == {key(text) for text in SPELLINGS[:4]} - {key(longest)}
    assert {row["reason"] for row in view.table("verdicts")} == {"normalised_duplicate"} <= set(REASONS)
    assert {(row["size"], row["kept"], row["similarity"]) for row in view.table("clusters")} == {(4, key(longest), 1.0)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SPELLINGS), st.sampled_from("abc")), min_size=1), st.randoms())
def test_the_order_of_input_changes_nothing(corpus, chance):
    """Law 1. Kills: keeping what comes first."""
    parts: dict[str, list[str]] = {}
    for text, part in corpus:
        parts.setdefault(part, []).append(text)
    order = chance.sample(list(parts), len(parts))
    one, other = judge(parts), judge({name: chance.sample(parts[name], len(parts[name])) for name in order})
    rows = [
        {(name, *row.items()) for name in ("verdicts", "clusters") for row in view.table(name)} for view in (one, other)
    ]
    assert rows[0] == rows[1]


def test_texts_without_words_are_not_equal_to_each_other():
    assert not dropped(judge({"a": ["…", "!!", "", "?"]}))


def test_a_text_longer_than_the_buffer_is_folded_whole():
    """Kills: digesting the last block alone, or losing a break between two blocks."""
    long = "Word, " * BLOCK
    view = judge({"a": [long, long.lower().replace(",", ""), "x" + long, long.replace(", ", "", 1)]})
    assert dropped(view) == {key(long.lower().replace(",", ""))}


def test_scopes_and_equal_documents_of_two_parts():
    parts = {"a": ["Same text"], "b": ["same text!"], "c": ["same text!"]}
    assert len(judge(parts).table("verdicts")) == 2
    assert not judge(parts, scope="source").table("verdicts")


def test_twins_within_a_part_are_named_as_before():
    view = MemoryView(None, [Part("a", "s")])
    records = [digest("record", at) for at in range(3)]
    view.add(
        "curate",
        "a",
        documents(["text"]) | {"origins": batch("origins", [Origin(key("text"), name, "u") for name in records])},
    )
    run_fold(Exact(normalised=True).step(1), view)
    found = {(row["kind"], row["subject"], row["reason"]) for row in view.table("verdicts")}
    assert found == {("record", name, "exact_duplicate") for name in sorted(records)[1:]}


def test_rules_that_would_have_no_effect_are_refused():
    with pytest.raises(ValidationError, match="belong to normalised"):
        Exact(keep="newest")
