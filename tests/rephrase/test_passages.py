"""The step that cuts documents into passages."""

from __future__ import annotations

import pickle

from memory_view import run_map
from retold.core.schema import batch
from retold.core.verdict import drop
from retold.rephrase import Passages, RephraseSettings
from support.corpus_of_rephrase import HARBOUR, RAIN, corpus, source

SETTINGS = RephraseSettings.model_validate({"rules": "all", "passage": {"min_words": 20}})


def test_passages_are_spans_of_their_document(tmp_path):
    view = corpus(tmp_path, {"a": [source("d1", HARBOUR, "Lerwick"), source("d2", RAIN)]})
    run_map(Passages(SETTINGS), view)
    found = view.table("passages")
    assert [row["heading"] for row in found] == ["Lerwick: Harbour notes", "Lerwick: Tides", ""]
    texts = {"d1": HARBOUR, "d2": RAIN}
    assert all(texts[row["document_id"]][row["start"] : row["end"]] == row["text"] for row in found)
    assert len({row["passage_id"] for row in found}) == 3


def test_a_document_without_a_passage_stays_in_the_corpus_and_is_counted(tmp_path):
    """Kills: a verdict on documents from which nothing can be cut."""
    view = corpus(tmp_path, {"a": [source("d1", "Short."), source("d2", "")]})
    run_map(Passages(SETTINGS), view)
    assert view.table("passages") == view.table("verdicts") == []
    counted = {row["document_id"]: dict(row["values"]) for row in view.table("signals")}
    assert counted == {"d1": {"passages": 0.0, "skipped": 1.0}, "d2": {"passages": 0.0, "skipped": 0.0}}


def test_dropped_documents_and_retellings_are_not_cut(tmp_path):
    view = corpus(tmp_path, {"a": [source("d1", RAIN), source("d2", HARBOUR)]})
    view.add("judge", "a", {"verdicts": batch("verdicts", [drop("d2", "document", "too_short")])})
    run_map(Passages(SETTINGS), view)
    assert {row["document_id"] for row in view.table("passages")} == {"d1"}


def test_the_id_of_a_passage_says_where_it_stands_and_under_which_heading(tmp_path):
    """Kills: an id made of the text alone."""
    view = corpus(tmp_path, {"a": [source("d1", RAIN), source("d2", RAIN), source("d3", RAIN, "Gauges")]})
    run_map(Passages(SETTINGS), view)
    assert len({row["passage_id"] for row in view.table("passages")}) == 3


def test_only_sizes_decide_what_is_cut():
    other = RephraseSettings.model_validate({"engine": "e", "styles": ["wiki"], "passage": {"min_words": 20}})
    assert Passages(SETTINGS).identity() == Passages(other).identity() == {"tokens": 300, "min_words": 20}
    assert pickle.loads(pickle.dumps(Passages(SETTINGS))).identity() == Passages(SETTINGS).identity()
