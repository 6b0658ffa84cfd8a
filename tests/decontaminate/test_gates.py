"""Gates: real evaluation items planted in real prose are found, edited or not; real prose is not taken for them.

Fixed before the figures: what a light edit is (`support/planting.py`), the forms in which an item is planted, and the
floors. The limits of the method were set on GSM8K's training half, PIQA and OpenBookQA, and on the false hits below.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from retold.decontaminate.items import pinned, read_items
from retold.decontaminate.layouts import Item
from retold.decontaminate.match import Matcher
from retold.decontaminate.ngram13 import Finder
from retold.decontaminate.ngram13 import index as index13
from retold.decontaminate.ngram13_step import collisions
from retold.decontaminate.sampled import contaminations
from retold.decontaminate.settings import Against
from retold.decontaminate.units import index
from support.planting import edited, planted, reworded
from support.prose import debian, pieces, wikipedia

SETS = ("eval", "gsm8k", "eval-gauntlet-small")
PLANTED = ("gsm8k/test", "arc_easy")
KNOWN = {
    "Atomic number": "defines what ARC and BoolQ ask for, and holds BoolQ's passage nearly verbatim",
}
"""Documents of the prose that are hit, each looked at; none is hit by chance."""


def known(folder: Path) -> list[Item]:
    return read_items(pinned([Against.model_validate(name) for name in SETS], folder / "benchmarks"))


@pytest.fixture(scope="module")
def prose(shared_data):
    return [*pieces(debian(shared_data)), *pieces(wikipedia(shared_data))]


@pytest.fixture(scope="module")
def items(shared_data):
    return known(shared_data)


@pytest.fixture(scope="module")
def matching(items):
    made = index(items, 0.6)
    return made, Matcher(made.units)


def rows(texts) -> pa.RecordBatch:
    return pa.record_batch({"document_id": [f"{at:032x}" for at in range(len(texts))], "text": list(texts)})


def forms(item: Item) -> dict[str, str]:
    """How an item may stand in a document."""
    found = {"question": item.question, "question, answer": f"Question: {item.question}\nAnswer: {item.answer}"}
    if item.choices:
        listed = "\n".join(f"{letter}. {choice}" for letter, choice in zip("ABCDEFG", item.choices, strict=False))
        found["question, choices, answer"] = f"{item.question}\n{listed}\nAnswer: {item.answer}"
    return found


@pytest.mark.gates
def test_false_hits_on_real_prose(prose, matching, items):
    """At most 1 in 10,000 documents, and each of them has been looked at."""
    found = {}
    for at in range(0, len(prose), 2000):
        batch = prose[at : at + 2000]
        for place, hits in contaminations(rows([text for _, text in batch]), *matching):
            removing = [hit for hit in hits if hit.removes]
            if removing:
                found[batch[place][0]] = [(hit.set, hit.item, hit.field, hit.score) for hit in removing]
    looking = Finder(index13(items))
    thirteen = sum(
        1 for at in range(0, len(prose), 2000) for _ in collisions(rows([t for _, t in prose[at : at + 2000]]), looking)
    )
    print({"documents": len(prose), "hit": len(found), "hit by 13-grams": thirteen})
    for name, hits in found.items():
        print(name, hits)
    assert len(prose) >= 10_000
    assert len(found) / len(prose) <= 1 / 10_000
    assert {name.split("#")[0] for name in found} <= set(KNOWN)


@pytest.mark.gates
@pytest.mark.parametrize("name", PLANTED)
def test_planted_items_are_found(name, prose, matching, items):
    """Recall by form and edit; a hit counts when it names the planted item or one with the same question."""
    random = Random(20)
    chosen = [item for item in items if item.set == name]
    words = [word for _, text in prose[:50] for word in text.split()]
    looking = Finder(index13(items))
    recall = {}
    for edit in ("verbatim", "edited", "reworded"):
        for form in forms(chosen[0]):
            texts = []
            for item in chosen:
                text = forms(item)[form]
                if edit == "edited":
                    text = edited(text, random, words)
                elif edit == "reworded":
                    text = reworded(text, random)
                texts.append(planted(random.choice(prose)[1], text, random))
            hits = 0
            asked = {(item.set, item.key): item.question for item in items}
            for place, found in contaminations(rows(texts), *matching):
                hits += any(asked[hit.set, hit.item] == chosen[place].question for hit in found if hit.removes)
            thirteen = sum(1 for _ in collisions(rows(texts), looking))
            recall[edit, form] = hits / len(chosen)
            share = recall[edit, form]
            print(f"{name}  {edit}  {form}: {share:.4f} of {len(chosen)}; 13-grams {thirteen / len(chosen):.4f}")
    whole = [form for form in forms(chosen[0]) if form != "question"]
    for form in whole:
        assert recall["verbatim", form] >= 0.99
        assert recall["edited", form] >= 0.90
    assert recall["verbatim", "question"] >= 0.99
