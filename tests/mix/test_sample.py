"""The selection depends on seed and ids, and on nothing else."""

import random
from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_fold
from retold.core.document import Document, Signals, document_id
from retold.core.errors import RetoldError
from retold.core.schema import batch
from retold.core.step import Part
from retold.mix import Mix, MixSettings
from retold.mix.portions import resolved

KINDS = ("source", "retelling")


def counting(_folder):
    return lambda texts: [len(text.split()) for text in texts]


def document(number: int) -> Document:
    words = random.Random(number).randint(1, 40)
    text = " ".join([f"word{number}"] * words)
    made = number % 3 == 0
    kind = "retelling" if made else "source"
    style = "cloze" if made and number % 2 else "recall" if made else ""
    source = "web" if number % 5 else "books"
    return Document(document_id(kind, (), text), kind, text, source, (), (), style, "rule" if made else "")


DOCUMENTS = [document(number) for number in range(200)]
QUALITY = {item.document_id: random.Random(item.document_id).random() for item in DOCUMENTS}


def view_of(folder, documents, parts: int) -> MemoryView:
    view = MemoryView(folder, [Part(f"part-{number}", "docs") for number in range(parts)])
    for number in range(parts):
        mine = documents[number::parts]
        signals = [Signals(item.document_id, {"quality": QUALITY[item.document_id], "words": 1.0}) for item in mine]
        view.add("curate", f"part-{number}", {"documents": batch("documents", mine)})
        view.add("curate", f"part-{number}", {"signals": batch("signals", signals)})
    return view


def selected(folder, mixture, documents=DOCUMENTS, parts=3, seed=7):
    view = view_of(folder, documents, parts)
    chosen = MixSettings.model_validate(mixture)
    portions = resolved(chosen, ["web", "books"], ["cloze", "recall"])
    run_fold(Mix(chosen, portions, KINDS, seed, counting), view)
    return view.table("selection")


def tokens_of(rows, key):
    found = Counter()
    for row in rows:
        found[row[key]] += row["tokens"]
    return found


SIZES = {item.document_id: len(item.text.split()) + 1 for item in DOCUMENTS}
BY_ID = {item.document_id: item for item in DOCUMENTS}
TWO_PHASES = {
    "phases": {
        "pretrain": {"tokens": "3k", "parts": {"web": "50%", "books": "20%", "retelling": "30%"}},
        "anneal": {
            "tokens": "500",
            "parts": {"best": {"share": "60%", "kind": "source", "signal": "quality", "at_least": 0.7}, "cloze": "40%"},
        },
    }
}


def test_phases_parts_bands_and_tokens(tmp_path):
    """Kills: phases in another order; a document in a part that it does not fit; sizes without the end token."""
    rows = selected(tmp_path, TWO_PHASES)
    assert [row["position"] for row in rows] == list(range(len(rows)))
    phases = [row["phase"] for row in rows]
    assert phases == ["pretrain"] * phases.count("pretrain") + ["anneal"] * phases.count("anneal")
    for row in rows:
        item = BY_ID[row["document_id"]]
        assert row["tokens"] == SIZES[item.document_id]
        fits = {
            "web": item.kind == "source" and item.source == "web",
            "books": item.kind == "source" and item.source == "books",
            "retelling": item.kind == "retelling",
            "best": item.kind == "source" and QUALITY[item.document_id] >= 0.7,
            "cloze": item.style == "cloze",
        }
        assert fits[row["portion"]]
    total = tokens_of([row for row in rows if row["phase"] == "pretrain"], "portion")
    for part, share in (("web", 1500), ("books", 600), ("retelling", 900)):
        assert share <= total[part] < share + 41, "met by the last document, and not sooner"


def test_repetition_is_bounded_and_numbered(tmp_path):
    """Kills: an epoch that starts again in the second phase; more turns than `max_epochs`."""
    rows = selected(tmp_path, {"tokens": "1M", "parts": {"real": "70%", "retelling": "30%"}, "max_epochs": 3})
    turns = defaultdict(list)
    for row in rows:
        turns[row["document_id"]].append(row["epoch"])
    assert all(sorted(found) == list(range(len(found))) and len(found) <= 3 for found in turns.values())
    assert max(map(len, turns.values())) == 3
    shares = tokens_of(rows, "portion")
    assert shares["retelling"] / sum(shares.values()) == pytest.approx(0.3, abs=0.01)


def test_the_parts_of_a_phase_are_mixed(tmp_path):
    """Kills: one part after the other within a phase."""
    rows = selected(tmp_path, {"parts": {"real": 1, "retelling": 1}})
    half = Counter(row["portion"] for row in rows[: len(rows) // 2])
    whole = Counter(row["portion"] for row in rows)
    assert all(0.3 < half[name] / whole[name] < 0.7 for name in whole)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_the_order_of_documents_and_parts_changes_nothing(tmp_path_factory, pick, parts):
    """Law 1. Kills: ties by arrival; a shuffle from a generator in place of ids; a text in two parts drawn twice."""
    folder = tmp_path_factory.mktemp("mix")
    shuffled = pick.sample(DOCUMENTS, len(DOCUMENTS)) + DOCUMENTS[: pick.randrange(30)]
    assert selected(folder, TWO_PHASES, shuffled, parts) == selected(folder, TWO_PHASES)


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_text_of_two_sources_belongs_to_the_first_part_by_name(tmp_path, order):
    """Law 1. Kills: sketches not sorted: it would belong to the part that comes first."""
    both, more = document(1), [item for item in map(document, range(2, 40)) if item.kind == "source"]
    held = {"a": [replace(both, source="web"), *more], "b": [replace(both, source="books"), *more]}
    view = MemoryView(tmp_path, [Part(name, "docs") for name in order])
    for name, documents in held.items():
        view.add("curate", name, {"documents": batch("documents", documents)})
    chosen = MixSettings.model_validate({"parts": {"web": "100k", "books": "100k"}, "max_epochs": 1})
    run_fold(Mix(chosen, resolved(chosen, ["web", "books"], []), KINDS, 7, counting), view)
    assert [row["portion"] for row in view.table("selection") if row["document_id"] == both.document_id] == ["web"]


def test_the_seed_decides(tmp_path):
    one, two = (selected(tmp_path, {"tokens": 500, "parts": {"real": 1}}, seed=seed) for seed in (7, 8))
    assert {row["document_id"] for row in one} != {row["document_id"] for row in two}


def test_a_share_of_nothing_is_an_error_and_a_budget_of_nothing_is_not(tmp_path):
    """Kills: a phase that shrinks to no token at all, in silence."""
    sources = [item for item in DOCUMENTS if item.kind == "source"]
    with pytest.raises(RetoldError, match=r"the part retelling of the mixture \(train\) has nothing to draw"):
        selected(tmp_path / "a", "default@1", documents=sources)
    rows = selected(tmp_path / "b", {"parts": {"real": "200", "retelling": "100"}}, documents=sources)
    assert {row["portion"] for row in rows} == {"real"}


def test_a_phase_without_a_size_for_which_nothing_new_is_left_is_an_error(tmp_path):
    """Kills: `any(wanted.values())` not asked: the second phase was empty, in silence."""
    first = {"tokens": "5k", "parts": {"real": "70%", "retelling": "30%"}}
    mixture = {"phases": {"pretrain": first, "anneal": {"parts": {"retelling": "60%", "web": "40%"}}}}
    with pytest.raises(RetoldError, match=r"the phase anneal .* nothing new to draw: .* all of (retelling|web)"):
        selected(tmp_path / "a", mixture)
    mixture["phases"]["anneal"]["tokens"] = "500"
    assert {row["phase"] for row in selected(tmp_path / "b", mixture)} == {"pretrain", "anneal"}


def test_nothing_to_draw_is_no_row(tmp_path):
    assert selected(tmp_path, {"tokens": "1k", "parts": {"real": 1}}, documents=[]) == []
