"""Selection by a classifier: what it learns from, what its identity is, and classifiers that the user has."""

from __future__ import annotations

import json
from random import Random

import pytest
from pydantic import ValidationError

from memory_view import MemoryView, run_fold, run_map
from retold.clean.classifier_file import parse, write
from retold.clean.classifier_train import Training, train
from retold.core.document import Document, document_id
from retold.core.errors import SourceError
from retold.core.schema import batch
from retold.core.step import Part
from retold.select import Select, steps
from retold.select.classifier import FILE
from support.fasttext_file import write_model
from support.sea_and_farm import FARM, SEA, corpus, text


def view_of(folder, texts: list[str]) -> MemoryView:
    view = MemoryView(folder, [Part("a", "s")])
    documents = [Document(document_id("source", (), one), "source", one, "s") for one in texts]
    view.add("curate", "a", {"documents": batch("documents", documents)})
    return view


def learned(folder, texts: list[str], target: list[str], seed: int = 7, **options) -> dict:
    """What the file of the classifier says about itself."""
    (folder / "t.jsonl").write_text("".join(json.dumps({"text": one}) + "\n" for one in target), "utf-8")
    made = Select.model_validate({"towards": "t.jsonl", "tokens": "1k", "by": "classifier", **options})
    run_fold(steps(made, folder, seed)[0], view_of(folder, texts))
    return parse((folder / FILE).read_bytes(), FILE).about


def test_it_learns_from_the_target_against_a_sample_without_it(tmp_path):
    """Kills: a sample of all documents; a text taught as wanted and as not wanted; a sample without the seed."""
    texts = list(corpus())
    sea = [one for one in texts if corpus()[one] == "sea"][:10]
    about = learned(tmp_path, texts, sea, sample=50)
    assert about["trained_on"]["good"] == 10 and 40 <= about["trained_on"]["bad"] <= 50
    assert learned(tmp_path, texts, sea)["trained_on"]["bad"] == len(texts) - 10
    assert learned(tmp_path, texts, sea, sample=50, seed=8)["weights"] != about["weights"]
    assert learned(tmp_path, texts[::-1], sea, sample=50)["weights"] == about["weights"]


def test_the_sample_is_drawn_by_the_seed(tmp_path):
    """Kills: a draw that is the same whatever the seed; one that keeps the smallest ids."""
    (tmp_path / "t.md").write_text("one text of the target")
    made = Select.model_validate({"towards": "t.md", "tokens": "1k", "by": "classifier", "sample": 20})
    view = view_of(tmp_path, list(corpus()))
    drawn = []
    for seed in (7, 8, 8):
        (rows,) = steps(made, tmp_path, seed)[0].sketch(view.parts()[0], view)
        drawn.append(rows["document"].to_pylist())
    assert len(set(drawn[0])) == 20 and set(drawn[0]) != set(drawn[1]) == set(drawn[2])


def test_a_corpus_that_is_all_target_stops_nothing(tmp_path):
    """Law 5. Kills: dividing by a class without examples."""
    sea = [text(SEA, Random(at)) for at in range(3)]
    assert learned(tmp_path, sea, sea)["trained_on"] == {"good": 3, "bad": 0}
    assert learned(tmp_path, [], sea)["trained_on"] == {"good": 3, "bad": 0}


def test_the_target_is_the_identity_of_what_is_learned(tmp_path):
    """Law 3. Kills: a target known by its path; a sample, or seed, that is not in the identity."""
    (tmp_path / "t.md").write_text("one text of the target")
    made = Select.model_validate({"towards": "t.md", "tokens": "1k", "by": "classifier"})
    before = [step.identity() for step in steps(made, tmp_path, 7)]
    more = [step.identity() for step in steps(made.model_copy(update={"tokens": 2000}), tmp_path, 7)]
    assert [one == two for one, two in zip(before, more, strict=True)] == [True, True, False]
    assert steps(made, tmp_path, 8)[0].identity() != before[0]
    assert steps(made.model_copy(update={"sample": 5}), tmp_path, 7)[0].identity() != before[0]
    (tmp_path / "t.md").write_text("another text of the target")
    assert steps(made, tmp_path, 7)[0].identity() != before[0]


def chosen(folder, texts: list[str], **options) -> set[str]:
    made = Select.model_validate({"tokens": 600, "diversity": 0, "by": "classifier", **options})
    view = view_of(folder, texts)
    odds, choosing = steps(made, folder, 7)
    run_map(odds, view)
    run_fold(choosing, view)
    return {row["text"] for rows in view.documents(["source"]) for row in rows.to_pylist()}


def test_a_trained_file_chooses_and_is_known_by_its_content(tmp_path):
    """Law 3. Kills: a model known by its name; good and bad turned round."""
    kinds = corpus()
    for name, seed, good, bad in (("m", 50, SEA, FARM), ("n", 150, FARM, SEA)):
        examples = [[text(words, Random(seed + at)) for at in range(80)] for words in (good, bad)]
        trained = train(*examples, Training(buckets=4_096))
        write(tmp_path / name, trained.logistic, trained.about)
    assert {kinds[one] for one in chosen(tmp_path, list(kinds), model="m")} == {"sea"}
    assert {kinds[one] for one in chosen(tmp_path, list(kinds), model="n")} == {"farm"}
    made = Select.model_validate({"tokens": 600, "by": "classifier", "model": "m"})
    before = steps(made, tmp_path, 7)[0].identity()
    (tmp_path / "m2").write_bytes((tmp_path / "m").read_bytes())
    assert steps(made.model_copy(update={"model": "m2"}), tmp_path, 7)[0].identity() == before
    (tmp_path / "m").write_bytes((tmp_path / "n").read_bytes())
    assert steps(made, tmp_path, 7)[0].identity() != before


def test_a_fasttext_file_chooses_by_the_labels_that_are_meant(tmp_path):
    """Kills: the probability of another label; labels that are not in the identity."""
    words = {"</s>": (0.0, 0.0), "sail": (1.0, 0.0), "barn": (0.0, 1.0)}
    write_model(tmp_path / "f.bin", words, {"__label__sea": (6.0, 0.0), "__label__farm": (0.0, 6.0)})
    texts = ["sail " * 400 + "one", "barn " * 400 + "two"]
    sea = chosen(tmp_path, texts, fasttext="f.bin", label="__label__sea", tokens=100)
    farm = chosen(tmp_path, texts, fasttext="f.bin", label="__label__farm", tokens=100)
    assert (sea, farm) == ({texts[0]}, {texts[1]})
    made = Select.model_validate({"tokens": 1, "by": "classifier", "fasttext": "f.bin", "label": "__label__sea"})
    other = made.model_copy(update={"label": ("__label__farm",)})
    assert steps(made, tmp_path, 7)[0].identity() != steps(other, tmp_path, 7)[0].identity()
    with pytest.raises(SourceError, match="has no label"):
        steps(made.model_copy(update={"label": ("__label__x",)}), tmp_path, 7)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"by": "classifier"},
        {"model": "m"},
        {"model": "m", "by": "density"},
        {"towards": "t.md", "model": "m", "by": "classifier"},
        {"fasttext": "f.bin", "by": "classifier"},
        {"model": "m", "label": "__label__hq", "by": "classifier"},
    ],
)
def test_half_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        Select.model_validate({"tokens": 1, **wrong})
