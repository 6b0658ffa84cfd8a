"""Reviews of real passages: read again by code that shares nothing with the builder, in a whole run."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import retold
from retold.core.document import Span, Stretch
from retold.reflect import Reflect, ReflectSettings, passage_review
from retold.reflect.passage_review import Told, make, verify
from retold.reflect.retellings import reviews
from retold.trace.doomed import Asked
from retold.trace.forget import forget
from retold.verify.corrupt import Foreign

RECIPE = """\
sources: {docs: {read: python_docs, limit: %d}}
curate: [exact]
rephrase: {rules: %s}
reflect: {share: 50%%, errors: 0%%, builders: {passage_review: 1}}
pack: {tokenizer: train, vocabulary: 2048, length: 256, kinds: [source, retelling, reflection]}
"""
PASSAGE = (
    "The bridge over the Arno was built in 1345. It has three arches and 48 shops. Bridges of stone lasted longer than "
    "those of wood. A flood took its gates away."
)
TOLD = "The bridge crosses the Arno since 1345. There are 48 shops on it. A flood took its gates away."
FOREIGN = Foreign(("Ravenna", "Otto"), ("The harbour of Ravenna froze in 1709.", "Otto sold the mill for 12 crowns."))


def told(number: int = 0, text: str = TOLD, passage: str = PASSAGE) -> Told:
    return Told(f"{number:032x}", text, passage, (Span("a" * 32, 0, len(passage)),), "docs", "Bridge", "CC0-1.0")


def faults(text: str, masked: list[dict[str, int]]) -> list[str]:
    """What is wrong with a review, by patterns of this file's own."""
    source, rest = text.removeprefix("Source:\n").split("\n\nRetelling:\n")
    shown, review = rest.split("\n\n", 1)
    lines = review.rstrip("\n").split("\n")
    found = []
    if not masked:
        return ["a faithful one has another line"] if len(lines) != 2 or '"' in lines[1] else []
    planted = text[masked[0]["start"] : masked[0]["end"]]
    quoted = lines[1].partition('"')[2].removesuffix('"')
    if quoted != planted or shown.count(planted) != 1:
        found.append("the planted claim is not the one that is named")
    if planted in lines[2] or planted in " ".join(source.split()):
        found.append("the planted claim stands in the correction or in the source")
    words = r"-?\d+(?:[.,]\d+)*|\w+(?:\.\w+)*"
    new = set(re.findall(words, planted)) - set(re.findall(words, source + lines[2]))
    if not any(not word.isalpha() or not word.islower() or re.search(rf'["`]{word}\b', planted) for word in new):
        found.append(f"nothing in {planted!r} shows that it is planted")
    before, _, after = shown.partition(planted)
    corrected = lines[2].partition(": ")[2]
    if not corrected.startswith(before.rstrip()) or not corrected.endswith(after.lstrip()):
        found.append("the correction changes more than the planted claim")
    return found


def reviewed(folder: Path, limit: int, rules: str = "[salient_facts, definitions]") -> pl.DataFrame:
    """All documents of a run about so many topics of Python's documentation."""
    folder.mkdir()
    (folder / "r.yaml").write_text(RECIPE % (limit, rules), "utf-8")
    return retold.run(folder / "r.yaml").scan("documents").unique("document_id")


def checked(documents: pl.DataFrame) -> int:
    """How many reviews there are; asserts that each is right and leads back to what it reviews."""
    kinds = dict(documents.select("document_id", "kind").iter_rows())
    found = documents.filter(pl.col("style") == passage_review.NAME)
    planted = 0
    for row in found.iter_rows(named=True):
        assert not faults(row["text"], row["no_loss"]), row["text"]
        assert [kinds[parent] for parent in row["parents"][:2]] == ["retelling", "source"]
        assert (row["kind"], row["made_by"], row["licence"]) == ("reflection", "rule", "PSF-2.0")
        planted += bool(row["no_loss"])
    assert 0.3 < planted / found.height < 0.7
    return found.height


def test_reviews_of_real_passages_are_right_and_have_parents(tmp_path):
    """Kills: a review without parents, a mask beside the claim, a claim that the passage has, a run that never ends
    where the retellings are used up before the share is."""
    assert checked(reviewed(tmp_path / "a", 20)) >= 30


def test_who_forgets_a_document_forgets_what_it_lent_to_the_review_of_another(tmp_path):
    """Kills: a review whose planted sentence, of another document, has no parent there."""
    before = reviewed(tmp_path / "a", 20)
    ours = before.filter(pl.col("style") == passage_review.NAME)
    told = before.filter(pl.col("kind") == "retelling")
    lent = [
        (row["text"][mark["start"] : mark["end"]], owner["parents"][0])
        for row in ours.iter_rows(named=True)
        for mark in row["no_loss"]
        for owner in told.iter_rows(named=True)
        if owner["parents"][0] in row["parents"][2:] and row["text"][mark["start"] : mark["end"]] in owner["text"]
    ]
    assert lent
    sentence, document = lent[0]
    kinds = forget(tmp_path / "a" / "out" / "r", Asked((document,)), yes=True).kinds
    after = retold.open(tmp_path / "a" / "out" / "r").scan("documents")
    assert (
        "reflection" in kinds.values() and not after.filter(pl.col("text").str.contains(sentence, literal=True)).height
    )


@pytest.mark.prove
def test_every_review_of_the_whole_documentation(tmp_path):
    """Kills: a name or number that only looks foreign ("one longer than"), in 400 items."""
    assert checked(reviewed(tmp_path / "a", 700, "all")) >= 400


def test_every_kind_of_claim_is_planted_and_every_item_verified():
    """Kills: a kind that never comes, and a `verify` that says no to what `make` says."""
    items = [make(told(number), FOREIGN, 7, "varied") for number in range(300)]
    kinds = Counter(item.slip for item in items if item)
    assert set(kinds) == {"", "number", "name", "added"}
    assert all(not verify(item) for item in items if item) and 100 < kinds[""] < 200
    assert not [fault for item in items if item for fault in faults(item.text, [vars_of(one) for one in item.masked])]


def vars_of(stretch: Stretch) -> dict[str, int]:
    return {"start": stretch.start, "end": stretch.end}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"There are 48', '"There are 47', "not_one_correction"),
        ("Source:", "Text:", "prompt_changed"),
        ("1345. It has", "1346. It has", "claim_unmarked"),
    ],
)
def test_the_verifier_refuses(old, new, reason):
    """Kills: a verifier that believes the builder."""
    item = next(
        item for number in range(200) if (item := make(told(number), FOREIGN, 7, "varied")) and item.slip == "added"
    )
    if old not in item.text:
        old, new = f'"{item.answer}"', '"There are 48 shops on it."'
    prompt = item.prompt.replace(old, new)
    changed = type(item)(item.builder, item.kind, prompt, item.text.replace(old, new), item.answer, masked=item.masked)
    assert verify(changed) == reason


@pytest.mark.parametrize(
    "text",
    [
        "The bridge dates from 1345.",
        "The bridge dates from 1345. Ravenna has 12 of them now.",
        "What stands there? The bridge has 48 ____ on it.",
        "- one\n- two\n",
    ],
)
def test_nothing_is_made_of_what_is_no_supported_prose(text):
    """Kills: a review whose untouched sentences have claims of their own."""
    assert all(make(told(number, text), FOREIGN, 7, "plain") is None for number in range(20))


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        ("CC0-1.0", "CC0-1.0", "CC0-1.0"),
        ("CC0-1.0", "MIT", "CC0-1.0 AND MIT"),
        ("CC0-1.0", "", "CC0-1.0 AND NOASSERTION"),
        ("", "", ""),
    ],
)
def test_a_review_is_under_the_terms_of_all_whose_words_it_has(ours, theirs, both):
    """Kills: the terms of what lent a claim left out, or taken for stated where nothing states them."""
    item = next(item for number in range(99) if (item := make(told(number), FOREIGN, 7, "plain")))
    lender = replace(told(99), licence=theirs, spans=(Span("b" * 32, 0, 9),))
    document = Reflect(ReflectSettings(), 7)._document(item, replace(told(1), licence=ours), lender)
    assert document.licence == both
    assert document.parents == (f"{1:032x}", "a" * 32, f"{99:032x}", "b" * 32)
    assert document.spans == told(1).spans


def test_what_is_added_comes_from_another_document():
    """Kills: sentences of the reviewed document itself, which a reader of all of it would call true."""
    text = "The harbour of Ravenna froze in 1709. Otto sold the mill there for 12 crowns."
    ours, other = [told(number) for number in range(40)], told(99, text)
    assert not [item for _, item in reviews([*ours, other], 7, "plain") if item.slip == "added"]
    foreign = replace(other, spans=(Span("b" * 32, 0, 9),))
    river = replace(other, retelling_id="f" * 32, text="It is the Arno.", spans=(Span("c" * 32, 0, 9),))
    made = list(reviews([*ours, river, foreign], 7, "plain"))
    added = {item.answer for _, item in made if item.slip == "added"}
    lent = {item.slip: {one.retelling_id for one in read[1:]} for read, item in made if read[0] != foreign}
    assert (lent["added"], lent["name"], lent["number"], lent[""]) == ({foreign.retelling_id},) * 2 + (set(),) * 2
    assert added == {"The harbour of Ravenna froze in 1709.", "Otto sold the mill there for 12 crowns."}
