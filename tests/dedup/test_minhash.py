"""Near duplicates: recall by edit rate against theory, precision, any order, keep-rules, scope, what was there wins."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_fold
from retold.core.document import Origin, Record, Signals, document_id
from retold.core.errors import RecipeError
from retold.core.schema import batch
from retold.core.step import Fold, Part
from retold.core.verdict import drop
from retold.dedup import FOLDS, REASONS, MinHash
from retold.dedup.components import LEADERS
from support.twins import documents, edited, jaccard, text, vocabulary

WORDS = vocabulary(20_000)


def view_of(parts: dict[str, list[str]], *, order: list[str] | None = None, uris: dict[str, str] | None = None):
    """A view of one document for each text, by part."""
    names = order or list(parts)
    sources = {name: name.split("-")[0] for name in names}
    view = MemoryView(None, [Part(name, sources[name], ((uris or {}).get(name, "f/x.jsonl"),)) for name in names])
    for name in names:
        if parts[name]:
            view.add("curate", name, documents(parts[name], sources[name]))
    return view


def judge(view: MemoryView, **chosen) -> MemoryView:
    run_fold(MinHash.model_validate(chosen).step(7), view)
    return view


def dropped(view: MemoryView) -> set[str]:
    return {row["subject"] for row in view.table("verdicts")}


def key(text: str) -> str:
    return document_id("source", (), text)


def rows_of(view: MemoryView) -> set[tuple]:
    return {
        (table, part.name, *[(name, str(value)) for name, value in row.items()])
        for table in ("verdicts", "clusters", "kept")
        for part in view.parts()
        for rows in view.read(table, part=part.name)
        for row in rows.to_pylist()
    }


@pytest.mark.parametrize(
    ("rate", "threshold"), [(0.0, 0.7), (0.01, 0.7), (0.02, 0.7), (0.03, 0.0), (0.05, 0.0), (0.08, 0.0), (0.15, 0.0)]
)
def test_recall_follows_the_curve_of_theory(rate, threshold):
    """Recall of planted pairs against the mean of 1-(1-s^8)^14 over their true similarities, and no false pair.

    Kills: bands that share rows, one band too few or too many, comparing whole signatures instead of bands.
    """
    rng = np.random.default_rng(round(rate * 1000))
    pairs, curve = [], []
    for _ in range(700):
        one = text(WORDS, rng, 150)
        other = [*edited(one[:-1], rate, rng), "endword"]
        pairs.append((" ".join(one), " ".join(other)))
        s = jaccard(one, other)
        curve.append(1 - (1 - s**8) ** 14)
    view = judge(view_of({"a": [one for one, _ in pairs], "b": [other for _, other in pairs]}), threshold=threshold)
    cluster = {row["document_id"]: row["cluster"] for row in view.table("clusters")}
    found = [key(one) in cluster and cluster[key(one)] == cluster.get(key(other)) for one, other in pairs]
    expected = float(np.mean(curve))
    spread = np.sqrt(np.sum(np.array(curve) * (1 - np.array(curve)))) / len(curve)
    print(f"rate {rate}: recall {np.mean(found):.3f}, theory {expected:.3f}")
    assert abs(np.mean(found) - expected) <= 4 * spread + 0.01
    sizes = {row["size"] for row in view.table("clusters")}
    assert sizes <= {2} and len(cluster) == 2 * sum(found), "precision: nothing but planted pairs"
    assert len(dropped(view)) == sum(found)


def test_verification_drops_candidates_below_the_threshold():
    """Kills: linking whatever shares a band: at 0.5 one pair in twenty does, and hardly one is estimated above 0.7."""
    rng = np.random.default_rng(4)
    pairs = []
    while len(pairs) < 1500:
        one = text(WORDS, rng, 100)
        other = edited(one, 0.13, rng)
        if 0.45 < jaccard(one, other) < 0.55:
            pairs.append((" ".join(one), " ".join(other)))
    parts = {"a": [one for one, _ in pairs], "b": [other for _, other in pairs]}
    trusting, verified = (len(dropped(judge(view_of(parts), threshold=limit))) for limit in (0.0, 0.7))
    print(f"pairs of similarity 0.5 joined: {trusting} by bands alone, {verified} verified, of {len(pairs)}")
    assert 40 <= trusting <= 140 and verified <= 3


CORPUS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.01, 0.05, 0.2]), st.sampled_from("abcd")),
    min_size=1, max_size=14,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(CORPUS, st.randoms(use_true_random=False), st.sampled_from(["longest", "newest"]))
def test_the_order_of_parts_documents_and_batches_changes_no_row(corpus, chance, keep):
    """Law 1. Kills: keeping the first that comes; leaders, roots or ties taken in the order of input."""
    rng = np.random.default_rng(11)
    bases = [text(WORDS, rng, 60) for _ in range(4)]
    parts: dict[str, list[str]] = {}
    for base, rate, part in corpus:
        parts.setdefault(part, []).append(" ".join(edited(bases[base], rate, rng)))
    first = rows_of(judge(view_of(parts), keep=keep))
    shuffled = {name: chance.sample(texts, len(texts)) for name, texts in parts.items()}
    order = chance.sample(list(parts), len(parts))
    view = MemoryView(None, [Part(name, name, ("f/x.jsonl",)) for name in order])
    for name in order:
        for one in shuffled[name]:
            there = {row["document_id"] for rows in view.read("documents", part=name) for row in rows.to_pylist()}
            if key(one) not in there:
                view.add("curate", name, documents([one], name))
    step = MinHash.model_validate({"keep": keep}).step(7)
    run_fold(step, view)
    assert rows_of(view) == first


def near(rng, *rates: float, length: int = 200) -> list[str]:
    base = text(WORDS, rng, length)
    return [" ".join([*edited(base, rate, rng), f"copy{'abcdef'[at]}"]) for at, rate in enumerate(rates)]


def test_the_longest_is_kept_and_the_cluster_says_so():
    """Kills: keeping the shortest; clusters without those that were kept."""
    rng = np.random.default_rng(8)
    one, other = near(rng, 0.0, 0.005)
    longest = f"{one} and a few words more"
    view = judge(view_of({"a": [one, other], "b": [longest]}))
    assert dropped(view) == {key(one), key(other)}
    rows = {row["document_id"]: row for row in view.table("clusters")}
    assert set(rows) == {key(one), key(other), key(longest)}
    for row in rows.values():
        assert (row["cluster"], row["kept"], row["kept_part"], row["size"]) == (key(longest), key(longest), "b", 3)
    assert rows[key(longest)]["similarity"] == 1.0 and 0.85 < rows[key(one)]["similarity"] < 1.0
    assert {row["reason"] for row in view.table("verdicts")} == {"near_duplicate"} <= set(REASONS)
    assert key(longest) in view.table("verdicts")[0]["detail"]


def test_the_newest_is_kept():
    """Kills: comparing dates as text; a document without a date that wins."""
    rng = np.random.default_rng(9)
    texts = near(rng, 0.0, 0.005, 0.005)
    dates = ["2024-02-01T00:00:00+09:00", "2024-01-31T23:00:00Z", ""]
    view = view_of({"a": texts})
    records = [Record(f"r{at}", "s", "k", "u", "t", 1, date=date) for at, date in enumerate(dates)]
    origins = [Origin(key(text), f"r{at}", "u") for at, text in enumerate(texts)]
    view.add("curate", "a", {"records": batch("records", records), "origins": batch("origins", origins)})
    assert dropped(judge(view, keep="newest")) == {key(texts[0]), key(texts[2])}


def test_the_highest_signal_is_kept():
    """Kills: an order of floats that fails below zero; a missing signal that wins."""
    rng = np.random.default_rng(10)
    texts = near(rng, 0.0, 0.005, 0.005, 0.005)
    view = view_of({"a": texts})
    values = [{"q": -3.0}, {"q": -0.5}, {"other": 9.0}, {"q": float("nan")}]
    rows = [Signals(key(text), value) for text, value in zip(texts, values, strict=True)]
    view.add("curate", "a", {"signals": batch("signals", rows)})
    assert set(map(key, texts)) - dropped(judge(view, keep={"signal": "q"})) == {key(texts[1])}


def test_scope_keeps_sources_and_dumps_apart():
    """Kills: a scope that is not mixed into the keys."""
    rng = np.random.default_rng(12)
    one, other, third = near(rng, 0.0, 0.005, 0.005)
    parts = {"web-1": [one], "web-2": [other], "books-1": [third]}
    uris = {"web-1": "s3://cc/CC-MAIN-2024-10/segments/x.gz", "web-2": "s3://cc/CC-MAIN-2024-18/segments/x.gz"}
    counts = [len(dropped(judge(view_of(parts, uris=uris), scope=scope))) for scope in ("whole", "source", "dump")]
    assert counts == [2, 1, 0]
    mixed = MemoryView(None, [Part("p", "web", tuple(uris.values()))])
    mixed.add("curate", "p", documents([one]))
    with pytest.raises(RecipeError, match="CC-MAIN-2024-10, CC-MAIN-2024-18"):
        judge(mixed, scope="dump")


def test_what_was_dropped_before_is_neither_kept_nor_a_reason_to_drop():
    rng = np.random.default_rng(13)
    one, other = near(rng, 0.0, 0.005)
    longer = f"{one} longer"
    view = view_of({"a": [one, other, longer]})
    view.add("curate", "a", {"verdicts": batch("verdicts", [drop(key(longer), "document", "too_long")])})
    judge(view)
    assert len(dropped(view) - {key(longer)}) == 1
    assert key(longer) not in {row["document_id"] for row in view.table("clusters")}


def after(view: MemoryView, parts: dict[str, list[str]], stage: str = "older", *, finished: bool = True) -> MemoryView:
    """A view of these parts in a store where `view` was judged before."""
    new = view_of(parts)
    for owner in view.parts():
        for table in ("clusters", "kept", "verdicts"):
            for rows in view.read(table, part=owner.name, stages=["minhash"]):
                new.remember(stage, owner.name, {table: rows})
    if finished:
        new.remember(stage, "all", {"parts": batch("parts", [{"name": "all", "rows": 1}])})
    return new


def test_what_was_kept_before_wins_over_what_is_added():
    """Kills: a history that is not read; one that counts comparisons that were killed, or made with other settings."""
    rng = np.random.default_rng(14)
    one, other = near(rng, 0.0, 0.005)
    longer, longest = f"{one} longer", f"{one} longer still"
    first = judge(view_of({"a": [one, other]}))
    (kept,) = {key(one), key(other)} - dropped(first)
    added = {"a": [one, other], "0": [longer]}
    assert key(longer) not in dropped(judge(view_of(added)))
    second = judge(after(first, added))
    assert dropped(second) == {key(one), key(other), key(longer)} - {kept}
    third = judge(after(second, {**added, "1": [longest]}, "old"))
    assert dropped(third) == {key(one), key(other), key(longer), key(longest)} - {kept}
    assert {row["generation"] for row in third.table("kept")} == {3}
    assert key(longer) not in dropped(judge(after(first, added, finished=False)))
    assert key(longer) not in dropped(judge(after(first, added), threshold=0.6))


def test_two_that_were_kept_apart_stay_when_something_new_links_them():
    """Kills: one survivor for each cluster whatever was kept before: its retellings would be orphaned."""
    rng = np.random.default_rng(15)
    base = text(WORDS, rng, 300)
    left, right = base[:300], [*base[45:], *text(WORDS, rng, 45)]
    middle = [*base[20:], *right[-45:-20]]
    parts = {"a": [" ".join(left), " ".join(right)]}
    first = judge(view_of(parts), threshold=0.8)
    assert not dropped(first)
    linked = judge(after(first, {**parts, "b": [" ".join(middle) + " or longer by far"]}), threshold=0.8)
    assert dropped(linked) == {key(" ".join(middle) + " or longer by far")}
    rows = {row["document_id"]: row for row in linked.table("clusters")}
    assert {row["size"] for row in rows.values()} == {3} and len({row["cluster"] for row in rows.values()}) == 1
    assert sum(name == row["kept"] for name, row in rows.items()) == 2


def test_equal_documents_of_two_parts_are_kept_once_also_when_kept_before():
    """Kills: marking every copy of an id as kept before."""
    rng = np.random.default_rng(16)
    one = " ".join(text(WORDS, rng, 100))
    first = judge(view_of({"b": [one]}))
    view = judge(after(first, {"a": [one], "b": [one], "c": [one]}))
    assert len(view.table("verdicts")) == 2
    assert {row["kept_part"] for row in view.table("clusters")} == {"a"}


def test_a_giant_bucket_is_one_cluster_and_costs_no_square():
    """Kills: comparing all pairs of a bucket (4.5 million here), or giving up on it."""
    rng = np.random.default_rng(17)
    base = text(WORDS, rng, 400)
    texts = [" ".join([*base, f"page{chr(97 + at % 26)}", *WORDS[at : at + 2]]) for at in range(3_000)]
    view = judge(view_of({"a": texts[::2], "b": texts[1::2]}))
    assert {row["size"] for row in view.table("clusters")} == {len(texts)} and len(dropped(view)) == len(texts) - 1
    assert LEADERS * len(texts) * 14 < len(texts) ** 2 / 2


def test_memory_per_document_stays_below_the_limit():
    """Law 6, the short version: 50 thousand documents. Kills: copying signatures, or 64-bit ranks throughout."""
    peak = peak_bytes(50_000)
    print(f"{peak:.0f} bytes a document at the peak, sketches included")
    assert peak < 200


@pytest.mark.prove
def test_memory_of_a_million_documents():
    """Law 6: a million synthetic documents, every fifth a near duplicate, sketched and merged."""
    peak = peak_bytes(1_000_000)
    print(f"{peak:.0f} bytes a document at the peak, sketches included")
    assert peak < 200


def peak_bytes(count: int) -> float:
    """Bytes a document at the peak of a merge: what Python and numpy hold, and what Arrow does."""
    import tracemalloc

    rng = np.random.default_rng(18)
    step = MinHash().step(7)
    list(step.merge([(part, list(step.sketch(part, warm))) for warm in [_synthetic(rng, 50)] for part in warm.parts()],
                    MemoryView(None, [])))  # fmt: skip
    sketches, held = [], 0
    for number in range(8):
        view = _synthetic(rng, count // 8, number)
        part = view.parts()[0]
        sketches.append((part, list(step.sketch(part, view))))
        held += sum(rows.nbytes for rows in sketches[-1][1])
        del view
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    rows = 0
    for _, output in step.merge(sketches, MemoryView(None, [])):
        rows += output["verdicts"].num_rows if "verdicts" in output else 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert abs(rows / count - 0.2) < 0.02, "every fifth is a near duplicate"
    return (held + peak + max(pa.total_allocated_bytes() - before, 0)) / count


def _synthetic(rng, count: int, number: int = 0) -> MemoryView:
    words, texts = WORDS, []
    for _ in range(count // 5):
        fresh = words[rng.integers(0, len(words), (4, 30))]
        texts += [" ".join(row) for row in fresh.tolist()]
        texts.append(texts[-1] + " again")
    part = Part(f"part-{number}", "s")
    view = MemoryView(None, [part])
    for start in range(0, len(texts), 20_000):
        view.add("curate", part.name, documents(texts[start : start + 20_000]))
    return view


def test_settings_and_registry():
    assert isinstance(FOLDS["minhash"]().step(1), Fold)
    one, other = (MinHash().step(seed).identity() for seed in (1, 2))
    assert one != other, "what it draws depends on the seed"
    assert list(MinHash().step(1).merge([], MemoryView(None, []))) == []
