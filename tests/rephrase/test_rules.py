"""The step that retells by programs."""

from __future__ import annotations

import pickle

from memory_view import run_map
from retold.core.schema import batch
from retold.rephrase import Passages, RephraseSettings, Rules
from retold.styles.rules import RULES
from support.corpus_of_rephrase import HARBOUR, RAIN, corpus, passage, source

SETTINGS = RephraseSettings.model_validate({"rules": sorted(RULES), "passage": {"min_words": 20}})


def walked(folder, settings=SETTINGS, seed=7):
    view = corpus(folder, {"a": [source("d1", HARBOUR, "Lerwick", "CC0-1.0")], "b": [source("d2", RAIN)]})
    for step in (Passages(settings), Rules(settings, seed)):
        run_map(step, view)
    return view


def made(view):
    return [row for row in view.table("documents") if row["kind"] == "retelling"]


def test_every_text_of_a_rule_is_a_retelling_of_its_passage(tmp_path):
    view = walked(tmp_path)
    by_passage = {(row["document_id"], row["start"], row["end"]): row for row in view.table("passages")}
    assert made(view)
    for row in made(view):
        (span,) = row["spans"]
        assert tuple(span.values()) in by_passage
        assert row["parents"] == [span["document_id"]]
        assert row["made_by"] == "rule" and row["style"] in RULES and row["text"]
    first = next(row for row in made(view) if row["parents"] == ["d1"])
    assert (first["source"], first["title"], first["licence"]) == ("notes", "Lerwick", "CC0-1.0")


def test_a_rule_that_has_nothing_to_say_is_counted_under_its_name(tmp_path):
    """Kills: dropping the verdict, so that a silent rule looks as if it had not been asked."""
    settings = RephraseSettings.model_validate({"rules": sorted(RULES)})
    view = corpus(tmp_path, {"a": [source("d1", RAIN)]})
    view.add("passages", "a", {"passages": batch("passages", [passage("p1", "Hm.")])})
    run_map(Rules(settings, 7), view)
    verdicts = view.table("verdicts")
    assert {row["reason"] for row in verdicts} == {"nothing_to_say"}
    assert {row["kind"] for row in verdicts} == {"retelling"}
    silent = {row["detail"] for row in verdicts}
    assert silent | {row["style"] for row in made(view)} == set(RULES)
    assert silent.isdisjoint(row["style"] for row in made(view))


def test_ids_name_rule_version_passage_and_seed(tmp_path):
    """Kills: an id without the seed, which would mix the rows of two recipes."""
    one, other = made(walked(tmp_path)), made(walked(tmp_path, seed=8))
    assert {row["document_id"] for row in one}.isdisjoint(row["document_id"] for row in other)
    assert len({row["document_id"] for row in one}) == len(one)


def test_passages_of_a_document_that_is_gone_are_not_retold(tmp_path):
    view = corpus(tmp_path, {"a": []})
    view.add("passages", "a", {"passages": batch("passages", [passage("p1", RAIN, "gone")])})
    run_map(Rules(SETTINGS, 7), view)
    assert made(view) == []


def test_without_rules_nothing_is_made(tmp_path):
    assert made(walked(tmp_path, RephraseSettings.model_validate({"engine": "e", "styles": ["wiki"]}))) == []


def test_identity_is_rules_with_versions_and_the_seed():
    step = Rules(SETTINGS, 7)
    assert step.identity() == {"rules": {name: rule.version for name, rule in RULES.items()}, "seed": 7}
    assert pickle.loads(pickle.dumps(step)).identity() == step.identity()
