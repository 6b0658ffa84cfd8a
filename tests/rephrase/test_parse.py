"""From answers to retellings."""

from __future__ import annotations

import pickle

import pytest

from memory_view import run_fold, run_map
from retold.core.schema import batch
from retold.rephrase import Parse, Plan, RephraseSettings
from retold.styles.style import begins, decoded, load, sized
from retold.text.sentences import flat
from retold.text.words import words
from retold.verify import sentence_judge
from support.corpus_of_rephrase import RAIN, answer, corpus, passage, source


def lenient(source_sentence: str, text: str) -> str | None:
    """Accepts every rewording that says something else."""
    return "copied" if source_sentence == text else None


def planned(folder, styles, engine, *chosen, text=RAIN, start=200):
    """A view with the requests of one passage in these styles, and the requests in planned order."""
    view = corpus(folder, {"a": [source("d1", "x" * start + text, "Gauges", "CC0-1.0")]})
    view.add("passages", "a", {"passages": batch("passages", [passage("p1", text, "d1", start)])})
    settings = {"engine": "e", "styles": list(chosen), "per_document": len(chosen)}
    run_fold(Plan(RephraseSettings.model_validate(settings), engine, styles, 7), view)
    return view, sorted(view.table("requests"), key=lambda row: row["position"])


def parsed(view, styles, answers, judge=lenient, dead=()):
    """Retellings and verdicts, once these answers are there."""
    view.add("complete", "a", {"completions": batch("completions", answers)})
    letter = {"failure": "server", "error": "no route to host", "sent": 5, "seconds": 9.0, "cost": 0.0}
    later = {**letter, "round": 2, "error": "still no route"}
    letters = [{"request_id": name, **item} for name in dead for item in (later, {**letter, "round": 0})]
    view.add("complete", "a", {"dead_letters": batch("dead_letters", letters)})
    run_map(Parse(styles, judge), view)
    return [row for row in view.table("documents") if row["kind"] == "retelling"], view.table("verdicts")


def test_an_answer_that_keeps_its_contract_is_a_retelling(tmp_path, own_styles, scripted):
    view, (request,) = planned(tmp_path, own_styles, scripted, "facts.md")
    written = answer(request["request_id"], " Rain is measured in a cylinder.\n- Snow is melted first.")
    (document,), verdicts = parsed(view, own_styles, [written])
    assert verdicts == []
    assert document == {
        "document_id": request["request_id"],
        "kind": "retelling",
        "text": "- Rain is measured in a cylinder.\n- Snow is melted first.",
        "source": "notes",
        "parents": ["d1"],
        "spans": [{"document_id": "d1", "start": 200, "end": 200 + len(RAIN)}],
        "style": "my_facts",
        "made_by": "model",
        "title": "Gauges",
        "licence": "CC0-1.0",
        "no_loss": [],
    }


def test_an_appended_answer_stands_below_its_passage(tmp_path, scripted):
    """Kills: `written` left out of `_whole`, and a refused answer shipped below its passage."""
    styles = {"qa_append": sized(load("qa_append"), "large")}
    view, (request,) = planned(tmp_path, styles, scripted, "qa_append")
    (document,), _ = parsed(view, styles, [answer(request["request_id"], " What is melted first?\nA: Snow.")])
    assert document["text"] == RAIN + "\n\nQ: What is melted first?\nA: Snow."
    assert begins(styles["qa_append"], document["text"], RAIN) == len(RAIN) + 2
    assert begins(own := load("summary"), document["text"], RAIN) == 0 and not own.contract.appended


def test_no_more_pairs_are_made_than_the_contract_has_room_for(tmp_path, scripted):
    """Kills: the contract's length not handed to `assemble`: all pairs of a short passage are too long."""
    styles = {"faq": load("faq")}
    view, requests = planned(tmp_path, styles, scripted, "faq", text=GERMAN)
    assert len(requests) > 3
    answers = [answer(row["request_id"], f"Was steht in {place}?") for place, row in enumerate(requests)]
    (document,), verdicts = parsed(view, styles, answers, judge=lambda *_: None)
    most = styles["faq"].contract.length[1] * len(words(GERMAN))
    assert verdicts == [] and 0.7 * most < len(words(document["text"])) <= most


def test_pairs_made_by_sentences_stand_below_their_passage(tmp_path, scripted):
    """Kills: `written` left out of `_by_sentence`."""
    styles = {"qa_append": load("qa_append")}
    view, requests = planned(tmp_path, styles, scripted, "qa_append")
    answers = [answer(row["request_id"], "What is measured?") for row in requests]
    (document,), _ = parsed(view, styles, answers, judge=lambda *_: None)
    assert document["text"].startswith(f"{RAIN}\n\nQ: What is measured?\nA: ")


@pytest.mark.parametrize(
    ("text", "finish", "reason"),
    [
        (" Rain is measured in a", "length", "cut_off"),
        (" Rain is", "filtered", "filtered"),
        ("", "stop", "empty_answer"),
        ("\n\nRain falls, and then it stops.", "stop", "not_in_form"),
    ],
)
def test_an_answer_that_is_no_retelling_is_kept_to_look_at_and_dropped(
    tmp_path, own_styles, scripted, text, finish, reason
):
    """Kills: parsing a cut-off answer that happens to have the right form."""
    view, (request,) = planned(tmp_path, own_styles, scripted, "facts.md")
    (document,), (verdict,) = parsed(view, own_styles, [answer(request["request_id"], text, finish)])
    assert document["text"] == "-" + text
    assert (verdict["subject"], verdict["kind"], verdict["keep"]) == (request["request_id"], "retelling", False)
    assert verdict["reason"] == reason
    assert [row for found in view.documents(["retelling"]) for row in found.to_pylist()] == []


def test_what_failed_has_a_verdict_and_no_text(tmp_path, own_styles, scripted):
    """Kills: a document for a request that nobody answered; the words of an earlier round's letter."""
    view, requests = planned(tmp_path, own_styles, scripted, "facts.md", "prose.md")
    failed, dead = (row["request_id"] for row in requests)
    documents, verdicts = parsed(view, own_styles, [answer(failed, "", "error", "500 from the server")], dead=[dead])
    assert documents == []
    assert {row["subject"]: (row["reason"], row["detail"]) for row in verdicts} == {
        failed: ("failed", "500 from the server"),
        dead: ("failed", "still no route"),
    }


def test_what_nobody_has_answered_yet_has_neither(tmp_path, own_styles, scripted):
    view, requests = planned(tmp_path, own_styles, scripted, "facts.md", "sentences.md")
    units = [row for row in requests if row["units"] > 1]
    some = [answer(row["request_id"], "Something else entirely.") for row in units[:-1]]
    assert parsed(view, own_styles, some) == ([], [])


def test_sentences_are_put_back_where_they_stood(tmp_path, own_styles, scripted):
    """Kills: joining the rewordings with spaces; offsets of the document used in the passage."""
    text = f"{RAIN}\n* The cylinder is made of copper and steel.\n* Short.\n"
    view, requests = planned(tmp_path, own_styles, scripted, "sentences.md", text=text)
    accepted, failed, cut, copied = requests[0], requests[1], requests[2], requests[3]
    answers = [
        answer(accepted["request_id"], "A copper cylinder in the open measures the rain."),
        answer(failed["request_id"], "", "error", "timeout"),
        answer(cut["request_id"], "One millimetre is", "length"),
        answer(copied["request_id"], flat(text[copied["start"] - 200 : copied["end"] - 200])),
        *(answer(row["request_id"], "The gauge is checked daily.") for row in requests[4:]),
    ]
    (document,), verdicts = parsed(view, own_styles, answers)
    assert verdicts == []
    expected = text
    for row in reversed([accepted, *requests[4:]]):
        new = (
            "The gauge is checked daily." if row is not accepted else "A copper cylinder in the open measures the rain."
        )
        expected = expected[: row["start"] - 200] + new + expected[row["end"] - 200 :]
    assert document["text"] == expected
    assert document["text"].endswith("\n\n* The gauge is checked daily.\n* Short.\n")
    assert document["document_id"] == accepted["retelling_id"]
    assert document["spans"] == [{"document_id": "d1", "start": 200, "end": 200 + len(text)}]


def test_without_one_reworded_sentence_the_retelling_is_dropped_and_says_why(tmp_path, own_styles, scripted):
    """Kills: keeping the source itself as its own retelling."""
    view, requests = planned(tmp_path, own_styles, scripted, "sentences.md")
    texts = [flat(RAIN[row["start"] - 200 : row["end"] - 200]) for row in requests]
    answers = [answer(row["request_id"], text) for row, text in zip(requests, texts, strict=True)]
    answers[0] = answer(requests[0]["request_id"], "")
    (document,), (verdict,) = parsed(view, own_styles, answers)
    assert (verdict["reason"], verdict["detail"]) == ("no_sentence_retold", "copied 4, empty_answer 1")
    assert all(text in document["text"] for text in texts), "as it would have been put together"
    assert len(document["text"].split()) == sum(len(text.split()) for text in texts)


GERMAN = (
    "Die Stadt liegt am Ufer des Flusses und ist die größte Stadt des Landes. Im Jahr 1907 wurde die alte Brücke über "
    "den Fluss gebaut. Die Brücke hat drei Bögen und ist aus Stein. Der Hafen ist im Winter nicht geöffnet, und viele "
    "Menschen arbeiten in den Fabriken am Rand der Stadt. Das Museum zeigt mehr als viertausend Karten der Küste."
)


@pytest.mark.parametrize(
    ("text", "decoding", "reason", "each"),
    [
        (GERMAN, "ordered", "not_english", "no_plain_clause"),
        (GERMAN, "plain", "no_sentence_retold", "empty_answer"),
        (RAIN, "ordered", "no_plain_clause", "no_plain_clause"),
    ],
)
def test_that_no_question_is_made_of_a_sentence_is_said_and_whether_its_language_is_why(
    tmp_path, scripted, text, decoding, reason, each
):
    """Kills: `_why_none` left out, which calls a German passage badly retold; its reason for a model that may write
    what it likes; a model that may say nothing taken for one that said nothing."""
    styles = {"faq": decoded(load("faq"), decoding)}
    view, requests = planned(tmp_path, styles, scripted, "faq", text=text)
    answers = [answer(row["request_id"], "-") for row in requests]
    _, (verdict,) = parsed(view, styles, answers)
    assert (verdict["reason"], verdict["detail"]) == (reason, f"{each} {len(requests)}")


def test_when_every_sentence_failed_the_retelling_failed(tmp_path, own_styles, scripted):
    view, requests = planned(tmp_path, own_styles, scripted, "sentences.md")
    documents, (verdict,) = parsed(view, own_styles, [], dead=[row["request_id"] for row in requests])
    assert (documents, verdict["reason"]) == ([], "failed")


def test_the_judge_of_verify_fits_and_reads_the_sentence_on_one_line(tmp_path, own_styles, scripted):
    view, requests = planned(tmp_path, own_styles, scripted, "sentences.md")
    answers = [answer(row["request_id"], "Nothing like it was ever seen in 1999.") for row in requests]
    (_,), (verdict,) = parsed(view, own_styles, answers, judge=sentence_judge)
    assert verdict["reason"] == "no_sentence_retold"
    assert "number_not_in_source" in verdict["detail"]


def test_blocks_change_nothing_and_never_part_a_retelling(tmp_path, own_styles, scripted, monkeypatch):
    """Kills: cutting a block between two sentences of one retelling."""
    monkeypatch.setattr("retold.rephrase.parse.BLOCK", 2)
    view, requests = planned(tmp_path, own_styles, scripted, "sentences.md", "prose.md")
    documents, verdicts = parsed(view, own_styles, [answer(row["request_id"], "It rains.") for row in requests])
    assert len(documents) == 2 and verdicts == []


def test_a_source_that_is_gone_is_not_retold(tmp_path, own_styles, scripted):
    view, (request,) = planned(tmp_path, own_styles, scripted, "prose.md")
    view._rows = [row for row in view._rows if row[1] != "curate"]
    assert parsed(view, own_styles, [answer(request["request_id"], "It rains.")]) == ([], [])


def test_identity_is_the_contracts_and_the_judge(own_styles):
    step = Parse(own_styles, sentence_judge)
    assert set(step.identity()["styles"]) == {"my_facts", "my_prose", "my_sentences"}
    assert step.identity()["judge"] == "retold.verify.sentence.sentence_judge"
    assert Parse(own_styles, lenient).identity() != step.identity()
    assert pickle.loads(pickle.dumps(step)).identity() == step.identity()
