"""The story adds up, tells only of this recipe, and is the same for the same store."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from rich.console import Console

from retold.core.document import Document, Origin, Record, document_id
from retold.core.edit import edit
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Part
from retold.core.verdict import drop
from retold.report.gather import bin_width, gather
from retold.report.show import show
from retold.report.story import Story
from retold.report.tally import CANDIDATES, StyleTally
from retold.store import Store, StoreView, Writer


def test_every_retelling_asked_for_is_counted_once(little):
    """Kills: `style_of.pop(document)` left out (counted twice), failures counted as refusals as well."""
    for style in little.story.styles:
        assert style.asked == style.accepted + style.refused + style.failed + style.waiting, style.style
        assert sum(drop.count for drop in style.drops) == style.refused
        assert style.rate.size == style.accepted + style.refused
        assert style.words_out.size == style.words_in.size == style.accepted
    model = [style for style in little.story.styles if style.made_by == "model"]
    assert sum(style.asked for style in model) == little.story.requests.asked
    assert sum(style.failed for style in model) == little.story.requests.failed > 0
    assert little.story.requests.answered + little.story.requests.failed == little.story.requests.asked


def test_a_rule_that_says_nothing_was_asked_all_the_same(little):
    outline = next(style for style in little.story.styles if style.style == "outline")
    assert (outline.made_by, outline.asked, outline.accepted) == ("rule", little.story.passages, 0)
    assert [drop.reason for drop in outline.drops] == ["nothing_to_say"]


def test_both_funnels_add_up(little):
    """Kills: a dropped document that does not take its twin records along; drops of one stage shown at another."""
    first, *steps = [step for step in little.story.funnel if step.unit != "passages"]
    for before, step in pairwise([first, *steps]):
        assert before.count - sum(drop.count for drop in step.drops) == step.count, step.stage
    retold = little.story.retold
    for before, step in pairwise(retold):
        assert before.count - sum(drop.count for drop in step.drops) == step.count, step.stage
    assert retold[0].count == little.story.asked
    assert retold[-1].count == little.story.accepted
    assert {drop.reason for step in steps for drop in step.drops} == {"not_utf8", "exact_duplicate"}


def test_rows_of_an_older_recipe_are_not_counted(little):
    """Kills: reading a table without its stages; tokens of answers to requests that this recipe does not ask."""
    told = json.dumps(little.story.as_dict())
    assert "An older text" not in told
    assert not [drop for step in little.story.funnel for drop in step.drops if drop.reason == "empty"]
    assert little.story.tokens.prompt == 180 * little.story.requests.answered


def test_packed_tokens_are_told_apart_by_origin(little):
    packed = little.story.packed
    assert packed is not None
    assert packed.real_tokens + packed.retold_tokens == sum(tokens for _, tokens in packed.mix)
    assert packed.mix[0] == ("source", packed.real_tokens)
    assert dict(packed.mix)["cloze"] == 70 * little.story.passages
    assert packed.tokens <= packed.slots and packed.utilisation == packed.tokens / packed.slots


def test_tokens_a_second_are_of_all_runs(little):
    assert (little.story.tokens.generated, little.story.tokens.seconds) == (1722, 42.0)
    assert little.story.tokens.per_second == 41.0


def test_samples_are_few_and_half_of_each_kind(little):
    """Kills: `[:PER_VERDICT]` left out of `choose`; marks that point outside what is shown."""
    for style in little.story.styles:
        mine = [sample for sample in little.story.samples if sample.style == style.style]
        kinds = Counter(sample.verdict for sample in mine)
        assert kinds["accepted"] <= 6 and kinds["refused"] <= 6
        assert kinds["accepted"] == min(6, style.accepted)
    for sample in little.story.samples:
        assert sample.source and sample.text and sample.uri.startswith("docs/")
        assert all(sample.text[mark.start : mark.end].strip() for mark in sample.marks)
        assert bool(sample.reason) == bool(sample.explanation) == (sample.verdict == "refused")


def test_candidates_for_samples_are_bounded():
    """Law 6. Kills: `del chosen[CANDIDATES:]` left out of `propose`; the largest digests kept instead."""
    counts = StyleTally()
    names = [str(number) for number in range(100)]
    for name in names:
        counts.propose(("", ""), name)
    best = sorted(names, key=lambda name: digest("sample", name))[:CANDIDATES]
    assert [name for _, name in counts.candidates["", ""]] == best


def test_one_refusal_is_explained_by_the_nearest_sentence(little):
    told = little.story.explained
    assert told is not None
    assert (told.reason, told.words) == ("number_not_in_source", "42")
    assert "42" in told.said and told.nearest and "42" not in told.nearest


def test_the_order_of_parts_changes_nothing(little):
    """Law 1. Kills: samples kept as they come, instead of by the digests of their ids."""
    backwards = replace(little.view, planned=tuple(reversed(little.view.planned)))
    assert gather(backwards, little.store).as_dict() == little.story.as_dict()


def test_the_story_is_json(little):
    assert json.loads(json.dumps(little.story.as_dict()))["passages"] == little.story.passages


def test_a_run_that_was_stopped_has_retellings_waiting(little):
    """Kills: what `verify` has not judged yet counted as accepted."""
    unjudged = replace(little.view, stages={**little.view.stages, "verify": "0" * 32})
    story = gather(unjudged, little.store)
    assert story.accepted == 0 and story.packed is not None
    for style in story.styles:
        assert style.asked == style.accepted + style.refused + style.failed + style.waiting
    assert next(style for style in story.styles if style.style == "cloze").waiting == story.passages


def test_a_recipe_that_only_curates_has_a_story(little):
    stages = {name: little.view.stages[name] for name in ("curate", "exact")}
    story = gather(replace(little.view, stages=stages), little.store)
    assert (story.asked, story.samples, story.packed, story.retold) == (0, (), None, ())
    assert story.funnel[-1].stage == "exact" and story.funnel[-1].count == little.story.funnel[-2].count


def test_without_verification_what_was_parsed_is_accepted(little):
    stages = {name: label for name, label in little.view.stages.items() if name != "verify"}
    story = gather(replace(little.view, stages=stages), little.store)
    assert story.accepted > little.story.accepted
    assert not [drop for style in story.styles for drop in style.drops if drop.stage == "verify"]


def test_an_empty_store_has_an_empty_story(tmp_path):
    store = Store.create(tmp_path / "store")
    story = gather(StoreView(store.place, tmp_path, {"curate": "a", "verify": "b", "pack": "c"}, ()), store)
    assert isinstance(story, Story)
    assert (story.asked, story.passages, story.packed, story.explained) == (0, 0, None, None)


def test_a_broken_report_of_a_run_is_no_crash(tmp_path):
    store = Store.create(tmp_path / "store")
    row = {"run_id": "r", "recipe": "x", "started": "2026", "seconds": 1.0, "outcome": "crashed", "report": "{not json"}
    writer = Writer(store, "runs")
    writer.add("all", {"runs": batch("runs", [row])})
    writer.flush()
    story = gather(StoreView(store.place, tmp_path, {}, ()), store)
    assert (story.making.recipe, story.tokens.seconds) == ("x", 0)


def test_bins_are_round_and_hold_nearly_all():
    assert bin_width(Counter()) == 1
    assert bin_width(Counter({10: 5})) == 1
    assert bin_width(Counter({120: 98, 5000: 2})) == 10


def test_an_edited_document_is_no_drop(tmp_path):
    """Kills: the funnel losing the records of what was edited, or counting them twice."""
    store = Store.create(tmp_path / "store")
    first, second = (Record(digest(name), "docs", name, name, "text/plain", 9) for name in ("one", "two"))
    old = Document(document_id("source", (), "good\nbad"), "source", "good\nbad", "docs")
    made = edit(old, [(0, 4)])
    assert made is not None
    other = Document(document_id("source", (), "other"), "source", "other", "docs")
    origins = [Origin(name, first.record_id, "one") for name in (old.document_id, made.document.document_id)]
    writer = Writer(store, "label")
    rows = {
        "records": [first, second],
        "documents": [old, made.document, other],
        "origins": [*origins, Origin(other.document_id, second.record_id, "two")],
        "span_maps": [made.span_map],
        "verdicts": [made.verdict, drop(other.document_id, "document", "too_short")],
    }
    writer.add("part", {name: batch(name, values) for name, values in rows.items()})
    writer.flush()
    view = StoreView(store.place, tmp_path, {"curate": "label"}, (Part("part", "docs"),))
    read, curated = gather(view, store).funnel
    assert (read.count, curated.count) == (2, 1)
    assert [(item.reason, item.count) for item in curated.drops] == [("too_short", 1)]
    console = Console(file=io.StringIO(), width=200)
    show(view, store, first.record_id, console)
    printed = console.file.getvalue()
    assert made.document.document_id in printed and f"from {old.document_id}" in printed and "kept" in printed
