"""Selection: the target's kind is kept, within the budget, with its floor of diversity, in any order."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_view import MemoryView, run_fold, run_map
from retold.core.document import Document, document_id
from retold.core.errors import SourceError
from retold.core.schema import batch
from retold.core.step import Part
from retold.select import Select, SelectBudget, steps
from retold.select.budget import SKETCH, Candidates, choose
from retold.select.importance import log_ratio
from retold.select.noise import ID, gumbel
from retold.text.features import Featurer
from retold.text.shingles import columns
from retold.text.tokens import count
from support.sea_and_farm import SEA, corpus, text


def select(folder: Path, parts: dict[str, list[str]], seed: int = 7, **options) -> list[str]:
    """The kept texts, sorted."""
    (folder / "target").mkdir(exist_ok=True)
    for at in range(100, 120):
        (folder / "target" / f"{at}.md").write_text(text(SEA, Random(at)), "utf-8")
    view = MemoryView(folder, [Part(name, "s") for name in parts])
    for name, texts in parts.items():
        documents = [Document(document_id("source", (), one), "source", one, "s") for one in texts]
        view.add("curate", name, {"documents": batch("documents", documents)})
    made = Select.model_validate({"towards": "target/*.md", **options})
    for step in steps(made, folder, seed):
        run_map(step, view) if hasattr(step, "process") else run_fold(step, view)
    assert {row["reason"] for row in view.table("verdicts")} <= {"not_selected"}
    return sorted(row["text"] for rows in view.documents(["source"]) for row in rows.to_pylist())


@pytest.mark.parametrize("by", ["density", "classifier"])
def test_what_is_like_the_target_is_kept_within_the_budget(tmp_path, by):
    """Kills: the ratio or the labels turned round; a budget that counts documents; learning from the target alone."""
    texts = corpus()
    kept = select(tmp_path, {"a": list(texts)}, tokens=1500, diversity=0, by=by)
    total = sum(map(count, kept))
    assert {texts[one] for one in kept} == {"sea"}
    assert 1500 <= total < 1500 + max(map(count, texts))


@pytest.mark.parametrize("by", ["density", "dsir", "classifier"])
def test_parts_and_their_order_change_nothing(tmp_path, by):
    """Law 1. Kills: a rank that depends on the order of parts, noise from a running generator."""
    texts = list(corpus())
    options = {"tokens": 1200, "diversity": "20%", "by": by, "sample": 20}
    one = select(tmp_path, {"a": texts}, **options)
    two = select(tmp_path, {"b": texts[50:][::-1], "a": texts[:50][::-1]}, **options)
    assert one == two and 0 < len(one) < len(texts)


def test_the_floor_is_drawn_from_all_documents(tmp_path):
    """Kills: a floor that goes by rank; one that is drawn anew for each part."""
    texts = corpus()
    without = select(tmp_path, {"a": list(texts)}, tokens=1500, diversity=0)
    floor = select(tmp_path, {"a": list(texts)}, tokens=1500, diversity="50%")
    assert "farm" not in {texts[one] for one in without} and "farm" in {texts[one] for one in floor}
    farm = [one for one in floor if texts[one] == "farm"]
    assert 0.1 < sum(map(count, farm)) / sum(map(count, floor)) < 0.45


def candidates(worths, tokens) -> Candidates:
    ids = np.zeros(len(worths), ID)
    ids["low"] = np.arange(len(worths))
    return Candidates(ids, np.array(worths, float), np.array(tokens))


ROWS = st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 50)), min_size=1, max_size=30)  # worth, tokens


@settings(max_examples=200)
@given(ROWS, st.integers(1, 600), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_the_budget_is_met_by_as_little_as_can_be(rows, budget, diversity):
    """Kills: a prefix one document short or long; spending the floor twice."""
    found = candidates(*zip(*rows, strict=True))
    kept = choose(found, budget, diversity, 7)
    spent = int(found.tokens[kept].sum())
    assert min(budget, int(found.tokens.sum())) <= spent < budget + int(found.tokens.max())
    if diversity == 0:
        assert found.worth[kept].min() >= max(found.worth[~kept], default=-9)
    shuffled = np.random.default_rng(1).permutation(len(rows))
    again = choose(Candidates(*(column[shuffled] for column in found)), budget, diversity, 7)
    assert (again == kept[shuffled]).all()


def test_gumbel_noise_is_gumbel_and_of_id_and_seed_alone():
    """Kills: noise from the order of documents."""
    ids = np.zeros(20_000, ID)
    ids["low"] = np.random.default_rng(1).integers(0, 2**63, 20_000)
    noise = gumbel(ids, 7)
    assert abs(noise.mean() - 0.5772) < 0.03 and abs(noise.std() - 1.2825) < 0.03
    assert (gumbel(ids[::-1], 7) == noise[::-1]).all() and (gumbel(ids, 8) != noise).mean() > 0.99


def test_weights_are_log_ratios_with_a_floor():
    raw = np.array([70, 20, 10, 0])
    found = log_ratio(np.array([0, 20, 80, 0]), raw)
    assert found[0] == pytest.approx(np.log(0.5)) and found[2] > 1.3 and found[1] == pytest.approx(0.0, abs=0.05)
    assert found.min() >= np.log(0.5) - 1e-9


def test_features_are_those_of_a_plain_count():
    """Kills: pairs across texts, a word counted once for each pair."""
    texts = ["a b a", "", "c", "A, b!"]
    counts = np.zeros(1 << 16, np.int64)
    Featurer().count(*columns(pa.array(texts, pa.string())), counts)
    assert counts.sum() == 5 + 0 + 1 + 3 and sorted(counts[counts > 0]) == [1, 1, 2, 2, 3]
    sums = Featurer().sums(*columns(pa.array(texts, pa.string())), np.ones((1 << 16, 2), np.float32))
    assert sums.tolist() == [[5, 5, 5], [0, 0, 0], [1, 1, 1], [3, 3, 3]]


def test_the_target_is_identity_and_the_budget_is_not_of_the_weights(tmp_path):
    """Law 3. Kills: a target that is known by its path."""
    (tmp_path / "t.md").write_text("one text of the target")
    made = Select.model_validate({"towards": "t.md", "tokens": "1k"})
    before = [step.identity() for step in steps(made, tmp_path, 7)]
    more = [step.identity() for step in steps(made.model_copy(update={"tokens": 2000}), tmp_path, 7)]
    assert [one == two for one, two in zip(before, more, strict=True)] == [True, True, False]
    (tmp_path / "t.md").write_text("another text of the target")
    assert steps(made, tmp_path, 7)[0].identity() != before[0]


def test_a_target_without_text_stops(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"body": "x"}\n')
    view = MemoryView(tmp_path, [])
    made = Select.model_validate({"towards": "t.jsonl", "tokens": "1k"})
    with pytest.raises(SourceError, match="holds no text"):
        run_fold(steps(made, tmp_path, 7)[0], view)


def test_memory_of_choosing_is_bounded():
    """Law 6. Kills: rows as Python objects in the merge."""
    total = 300_000
    rng = np.random.default_rng(2)
    arrays = [
        pa.array([bytes(row) for row in rng.integers(0, 256, (total, 16), dtype=np.uint8)], pa.binary(16)),
        pa.array(rng.normal(size=total).astype(np.float32)),
        pa.array(np.full(total, 100, np.float32)),
        pa.array(np.full(total, 100, np.int32)),
    ]
    whole = pa.RecordBatch.from_arrays(arrays, schema=SKETCH)
    made = SelectBudget(Select.model_validate({"towards": "x", "tokens": total * 100, "diversity": "5%"}), 7)
    sketches = [(Part("a", "s"), [whole.slice(at, 10_000) for at in range(0, total, 10_000)])]
    tracemalloc.start()
    assert not list(made.merge(sketches, MemoryView(Path(), [])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{peak / total:.0f} bytes a document at the peak")
    assert peak / total < 200
