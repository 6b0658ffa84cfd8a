"""A source beside its retellings, found by the beginning of an id."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from retold.core.errors import RetoldError
from retold.core.fingerprint import digest
from retold.report.show import show


def shown(little, prefix="", width=120, **options) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, **({"color_system": None} | options))
    show(little.view, little.store, prefix, console)
    return stream.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_retelling_stands_beside_its_source(little):
    """Kills: unsupported words that are marked by colour alone."""
    told = little.story.explained
    text = shown(little, told.retelling_id[:8])
    row = next(line for line in text.splitlines() if "[42]" in line)
    assert row.index("[42]") > 55, "source on the left, retelling on the right"
    assert "refused" in text and told.explanation in flat(text)


def test_narrow_terminals_stack(little):
    text = shown(little, little.story.explained.retelling_id[:8], width=80)
    row = next(line for line in text.splitlines() if "[42]" in line)
    assert row.index("[42]") < 55
    assert all(len(line) <= 80 for line in text.splitlines())


def test_colour_marks_without_brackets(little):
    text = shown(little, little.story.explained.retelling_id, color_system="standard", force_terminal=True)
    assert "\x1b[1;4;31m42\x1b[0m" in text and "[42]" not in text


def test_a_source_shows_where_it_is_from_and_all_of_its_retellings(little):
    sample = little.story.samples[0]
    text = flat(shown(little, sample.document_id[:10]))
    assert sample.uri in text and "verdict kept" in text
    for style in ("key_facts", "reword", "tutorial", "cloze"):
        assert style in text


def test_a_passage_shows_its_retellings(little):
    document = little.story.samples[0].document_id
    assert "cloze made by a rule" in shown(little, digest("passage", document)[:12])


def test_a_dropped_document_says_why(little):
    rows = little.store.rows("verdicts")
    dropped = next(row for row in rows if row["reason"] == "exact_duplicate" and row["kind"] == "document")
    text = flat(shown(little, dropped["subject"][:12]))
    assert "dropped by exact: exact duplicate" in text and "There are 3 basic sequence types" in text


def test_a_dropped_record_says_why(little):
    rows = little.store.rows("verdicts")
    dropped = next(row for row in rows if row["reason"] == "not_utf8")
    text = flat(shown(little, dropped["subject"][:12]))
    assert "docs: bad" in text and "not UTF-8" in text


def test_a_request_that_failed_says_how(little):
    letter = little.store.rows("dead_letters")[0]
    text = flat(shown(little, letter["request_id"][:12]))
    assert "timed out" in text and "no text came back" in text


def test_without_an_id_it_lists_some_and_what_to_type(little):
    text = shown(little)
    assert "accepted" in text and "refused" in text
    command = next(line for line in text.splitlines() if line.startswith("next"))
    assert shown(little, command.split()[-1])


def test_where_nothing_is_retold_it_lists_sources_that_were_kept_and_reasons(little):
    """Kills: a dead end for who only curates; listing sources that were dropped."""
    stages = {name: little.view.stages[name] for name in ("curate", "exact")}
    curated = little._replace(view=replace(little.view, stages=stages))
    text = shown(curated)
    assert "nothing has been retold" in text and "show --dropped REASON" in text
    assert "exact_duplicate (" in text and "not_utf8 (4)" in text
    command = next(line for line in text.splitlines() if line.startswith("next"))
    assert "verdict kept" in flat(shown(curated, command.split()[-1]))
    dropped = {row["subject"][:12] for row in little.store.rows("verdicts") if not row["keep"]}
    listed = [line.split()[0] for line in text.splitlines() if "  docs  " in line]
    assert listed and not dropped & set(listed)


@pytest.mark.parametrize(
    ("prefix", "says"),
    [
        ("ab", "is not the beginning of an id"),
        ("../../etc", "is not the beginning of an id"),
        ("ffffffffffff", "nothing in this store"),
        (digest("old"), "earlier state of this recipe"),
    ],
)
def test_what_names_nothing_is_said_with_a_remedy(little, prefix, says):
    with pytest.raises(RetoldError, match=says) as caught:
        shown(little, prefix)
    assert caught.value.fix


def test_an_ambiguous_prefix_lists_the_candidates(little, monkeypatch):
    """Kills: taking the first of several."""
    monkeypatch.setattr("retold.report.find.SHORTEST", 1)
    with pytest.raises(RetoldError, match=r"ids begin with .: .*… \(") as caught:
        shown(little, little.story.samples[0].document_id[:1])
    assert "more characters" in caught.value.fix


def test_escape_sequences_of_a_source_do_not_reach_the_terminal(hostile):
    """Law 8. Kills: printing a text without `plain`, or as markup."""
    for sample in hostile.story.samples:
        text = shown(hostile, sample.retelling_id)
        assert "\x1b" not in text and "\x07" not in text
        assert "red" in text
