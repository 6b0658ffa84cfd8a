"""13-grams against a plain reference written from the definition, and what a Fold over parts does with them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_fold, run_map
from retold.core.document import Document, Origin, document_id
from retold.core.schema import batch
from retold.core.step import Fold, Map, Part
from retold.decontaminate import Decontaminate, of_retellings, of_sources
from retold.decontaminate.layouts import Item
from retold.decontaminate.ngram13 import Finder, index, size_of
from retold.decontaminate.removal import MARGIN, MOST_PIECES, MOST_ROWS, SHORTEST, pieces
from support.evaluation import items, prose


def plain_words(text: str) -> list[str]:
    """Lower-cased, whitespace-delimited, without punctuation."""
    bare = ("".join(sign for sign in word.lower() if sign.isalnum()) for word in text.split())
    return [word for word in bare if word]


def plain_grams(text: str, size: int) -> list[tuple[str, ...]]:
    words = plain_words(text)
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


LETTERS = st.text("ab ,.'\n", min_size=0, max_size=120)


@settings(max_examples=200, deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=3), LETTERS)
def test_collisions_are_those_of_the_definition(examples, text):
    """Kills: punctuation that parts words, a size of 13 for short sets, a gram missed at either end."""
    chosen = [Item("s", str(number), example) for number, example in enumerate(examples)]
    looking = Finder(index(chosen))
    size = size_of([len(plain_words(example.strip())) for example in examples])
    known = {gram for example in examples for gram in plain_grams(example, size)}
    expected = sum(gram in known for gram in plain_grams(text, size))
    assert len(looking.find(np.frombuffer(text.encode(), np.uint8)).gram) == expected


def test_the_size_is_the_fifth_percentile_between_8_and_13():
    assert size_of([3] * 10) == 8 and size_of([100] * 10) == 13 and size_of([10] * 2 + [50] * 98) == 50 - 37
    assert size_of([9] * 10 + [50] * 90) == 9


def test_what_is_left_after_cutting():
    """Kills: a margin on one side only, a piece that is too short, a piece over a hit."""
    text = "x" * 1000
    assert pieces(text, [(450, 460)]) == [(0, 450 - MARGIN), (460 + MARGIN, 1000)]
    assert pieces(text, [(300, 310), (700, 710)]) == []
    assert pieces(text, [(380, 400)]) == [(600, 1000)]
    assert pieces(text, [(0, 1000)]) == []


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 400)), max_size=6))
def test_pieces_are_long_enough_and_far_enough_from_every_hit(hits):
    text = "ab cd" * 600
    spans = [(start, min(start + size, 3000)) for start, size in hits if start < 3000]
    left = pieces(text, spans)
    for begin, end in left:
        assert end - begin >= SHORTEST and text[begin:end] == text[begin:end].strip()
        assert all(end <= start - MARGIN or begin >= stop + MARGIN for start, stop in spans)
    assert left == sorted(left)


def view_of(folder: Path, parts: dict[str, list[str]], kind="source") -> MemoryView:
    view = MemoryView(folder, [Part(name, "s") for name in parts])
    for name, texts in parts.items():
        documents = [Document(document_id(kind, (), text), kind, text, "s") for text in texts]
        origins = [Origin(item.document_id, f"{at:032x}", f"u{at}") for at, item in enumerate(documents)]
        view.add("curate", name, {"documents": batch("documents", documents), "origins": batch("origins", origins)})
    return view


@pytest.fixture
def chosen(tmp_path):
    def make(kind="source", **options):
        rows = [{"question": one.question, "answer": one.answer} for one in items() if one.set == "sums"]
        (tmp_path / "sums.jsonl").write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
        settings = Decontaminate.model_validate({"against": "sums.jsonl", "method": "ngram13", **options})
        return (of_sources if kind == "source" else of_retellings)(settings, tmp_path)

    return make


def test_hits_are_cut_out_and_boilerplate_is_ignored(tmp_path, chosen):
    """Kills: ignoring nothing; counting n-grams within one part only; `>=` for `>`."""
    common, rare = items()[0].question, items()[1].question
    texts = [f"{prose(Random(at))}\n\n{common}\n\n{prose(Random(at + 50))}" for at in range(4)]
    texts += [f"{prose(Random(9))}\n\n{rare}\n\n{prose(Random(59))}"]
    parts = {"a": texts[:2], "b": texts[2:], "c": [prose(Random(7))]}
    fold = chosen(frequent=3)
    assert isinstance(fold, Fold)
    view = view_of(tmp_path, parts)
    run_fold(fold, view)
    hit = {row["item"] for row in view.table("contaminations")}
    assert hit == {"line 2"}, "four documents have the first item, which is more than three"
    left = [row["text"] for rows in view.documents(["source"]) for row in rows.to_pylist()]
    assert len(left) == 7 and not any("ferry" in text for text in left)
    again = view_of(tmp_path, parts)
    run_fold(chosen(frequent=4), again)
    assert {row["item"] for row in again.table("contaminations")} >= {"line 1", "line 2"}


def test_the_order_of_parts_changes_nothing(tmp_path, chosen):
    """Law 1."""
    texts = [f"{prose(Random(at))}\n\n{items()[at].question}\n\n{prose(Random(at + 50))}" for at in range(6)]
    parts = {"a": texts[:3], "b": texts[3:]}
    seen = []
    for order in (parts, dict(reversed(parts.items()))):
        view = view_of(tmp_path, order)
        run_fold(chosen(), view)
        seen.append(sorted(map(str, view.table("contaminations") + view.table("verdicts") + view.table("span_maps"))))
    assert seen[0] == seen[1] and len(seen[0]) >= 18


def test_a_document_in_too_many_pieces_is_dropped(tmp_path, chosen):
    """Kills: MOST_PIECES as a limit on hits."""
    for count, reason in ((MOST_PIECES - 1, "edited"), (MOST_PIECES, "contaminated_often")):
        blocks = [prose(Random(at), 24) for at in range(count + 1)]
        text = blocks[0] + "".join(f"\n\n{items()[at].question}\n\n{blocks[at + 1]}" for at in range(count))
        view = view_of(tmp_path, {"a": [text]})
        run_fold(chosen(), view)
        assert [row["reason"] for row in view.table("verdicts")] == [reason]


def test_a_document_that_holds_more_than_is_listed_is_dropped(tmp_path, chosen):
    """A whole set with a little between its items, and prose: what is beyond the last listed hit is not left.

    Kills: `len(found) >= MOST_ROWS` left out of `Rows.add`."""
    between = " ".join(f"filler{number}" for number in range(20))
    text = prose(Random(3), 24) + "".join(f"\n{items()[at % 20].question} {between}" for at in range(MOST_ROWS + 200))
    view = view_of(tmp_path, {"a": [text]})
    run_fold(chosen(), view)
    assert [row["reason"] for row in view.table("verdicts")] == ["contaminated_often"]
    assert len(view.table("contaminations")) == MOST_ROWS and not view.table("span_maps")


def test_retellings_are_dropped_whole_and_nothing_is_ignored(tmp_path, chosen):
    """Kills: the rule on frequent n-grams applied to retellings."""
    texts = [f"Retelling {at}: {items()[2].question}" for at in range(12)] + ["A short one of its own."]
    view = view_of(tmp_path, {"a": texts}, "retelling")
    run = chosen("retelling", frequent=1)
    assert isinstance(run, Map)
    run_map(run, view)
    assert Counter(row["reason"] for row in view.table("verdicts")) == {"contaminated": 12}


def test_examples_too_short_are_counted():
    assert index([*items(), Item("sums", "x", "Why so short?")]).too_short == 1
