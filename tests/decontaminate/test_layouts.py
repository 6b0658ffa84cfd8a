"""Rows of evaluation sets, in the layouts that are in use, become question, answer, choices and passage."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from retold.core.errors import RecipeError, SourceError
from retold.decontaminate.items import pinned, read_items
from retold.decontaminate.layouts import Item, item
from retold.decontaminate.settings import Against, Decontaminate, Fields

CASES = [
    (
        {"question": "How many?", "answer": "She has 3*2=<<3*2=6>>6 pens.\n#### 6"},
        Item("s", "p", "How many?", "She has 3*2=6 pens.\n 6"),
    ),
    (
        {"query": "Question: Which is wet?", "choices": ["sand", "rain"], "gold": 1},
        Item("s", "p", "Which is wet?", "rain", ("sand", "rain")),
    ),
    (
        {
            "id": "Q7",
            "question": "Which is wet?",
            "choices": {"text": ["sand", "rain"], "label": ["A", "B"]},
            "answerKey": "B",
        },
        Item("s", "Q7", "Which is wet?", "rain", ("sand", "rain")),
    ),
    (
        {"question": "Which is wet?", "choices": ["sand", "rain"], "answer": 1},
        Item("s", "p", "Which is wet?", "rain", ("sand", "rain")),
    ),
    (
        {"query": "Passage: It rains.\nQuestion: is it wet?", "choices": ["no", "yes"], "gold": 1},
        Item("s", "p", "is it wet?", "yes", ("no", "yes"), "It rains."),
    ),
    (
        {"question": "is it wet", "passage": "It rains.", "answer": True},
        Item("s", "p", "is it wet", "yes", (), "It rains."),
    ),
    ({"context": "He went into the", "continuation": "rain"}, Item("s", "p", "He went into the", "rain")),
    (
        {"context": "How many?", "chain_of_thought": "Two and two.", "answer": "4"},
        Item("s", "p", "How many?", "Two and two.\n4"),
    ),
    (
        {"goal": "get dry", "sol1": "stand in rain", "sol2": "use a towel", "label": 1},
        Item("s", "p", "get dry", "use a towel", ("stand in rain", "use a towel")),
    ),
    (
        {"ctx": "It rains. Then", "endings": ["it stops.", "it sings."], "label": "0"},
        Item("s", "p", "It rains. Then", "it stops.", ("it stops.", "it sings.")),
    ),
    (
        {"task_id": "T/0", "prompt": "def f():", "canonical_solution": "    return 1"},
        Item("s", "T/0", "def f():", "return 1"),
    ),
    (
        {"context_options": ["The cup fell because the cup", "x"], "continuation": "slipped.", "gold": 0},
        Item("s", "p", "The cup fell because the cup", "slipped."),
    ),
    (
        {"question": "What?", "context": "A page.", "answers": {"text": ["it"]}, "id": 5},
        Item("s", "5", "What?", "", (), "A page."),
    ),
]


@pytest.mark.parametrize(("row", "expected"), CASES, ids=[" ".join(row)[:40] for row, _ in CASES])
def test_known_layouts(row, expected):
    """Kills: any of the names in `layouts.py`, the labels and notes that are taken off."""
    assert item(row, Fields(), "s", "p") == expected


def test_named_fields_win():
    row = {"question": "no", "asked": "Which?", "right": "this", "others": ["this", "that"], "name": "n1"}
    fields = Fields(question="asked", answer="right", choices="others", id="name")
    assert item(row, fields, "s", "p") == Item("s", "n1", "Which?", "this", ("this", "that"))


def test_rows_without_text_are_none():
    assert item({"score": 3.5}, Fields(), "s", "p") is None


def test_sets_are_read_by_content_and_named_by_file(tmp_path: Path):
    """Kills: a byte order mark left on, with which the first item is not looked for."""
    (tmp_path / "gsm").mkdir()
    (tmp_path / "gsm" / "test.jsonl").write_bytes(orjson.dumps({"question": "How many?"}) + b"\n{broken\n\n[1]\n")
    (tmp_path / "facts.jsonl").write_bytes(b"\xef\xbb\xbf" + orjson.dumps({"query": "Which?"}))
    found = read_items(pinned(Decontaminate.model_validate({"against": ["gsm", "*.jsonl"]}).against, tmp_path))
    assert {(one.set, one.key) for one in found} == {("gsm/test", "line 1"), ("facts", "line 1")}


def test_a_file_without_items_stops(tmp_path: Path):
    """Kills: silently looking for nothing."""
    (tmp_path / "x.jsonl").write_bytes(orjson.dumps({"foo": 1}))
    with pytest.raises(RecipeError, match=r"x.jsonl holds no evaluation items \(keys of its first row: foo\)"):
        read_items(pinned([Against.model_validate("x.jsonl")], tmp_path))
    with pytest.raises(SourceError, match="nothing matches"):
        pinned([Against.model_validate("y.jsonl")], tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"against": []},
        {"against": "x", "method": "ngram13", "every": 4},
        {"against": "x", "frequent": 3},
        {"against": "x", "score": 0},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="validation error"):
        Decontaminate.model_validate(wrong)


def test_each_method_removes_as_its_authors_do():
    assert Decontaminate.model_validate({"against": "x"}).removal == "document"
    assert Decontaminate.model_validate({"against": "x", "method": "ngram13"}).removal == "window"
    assert (
        Decontaminate.model_validate({"against": "x", "method": "ngram13", "remove": "document"}).removal == "document"
    )
