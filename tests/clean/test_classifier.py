"""The entry "classifier", its file and training, on two kinds of invented text; fastText on a model written here."""

from __future__ import annotations

import json
import math
import shutil
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner

from clean.test_step import curate, lines
from memory_view import run_map
from retold.clean import Classifier, Curate, Judge
from retold.clean.classifier import one_line
from retold.clean.classifier_figures import auroc, auroc_interval, figures, wilson
from retold.clean.classifier_file import parse, write
from retold.clean.classifier_train import Training, probabilities, train
from retold.core.errors import SourceError
from retold.text.logistic import Logistic
from retold.text.scan import Texts
from support.fasttext_file import write_model
from support.logistic import features

GOOD = ["theorem", "proof", "lemma", "follows", "because", "therefore", "measure", "field", "group", "ring"]
BAD = ["click", "buy", "cheap", "now", "offer", "free", "shipping", "cart", "deal", "winner"]
BOTH = ["the", "a", "of", "and", "in", "is", "to", "it", "on", "with"]


def invented(kind: list[str], count: int, seed: int) -> list[str]:
    chance = Random(seed)
    return [" ".join(chance.choices(kind + BOTH, k=30)) for _ in range(count)]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "quality.classifier"
    trained = train(invented(GOOD, 200, 1), invented(BAD, 100, 2), Training(buckets=4_096))
    write(path, trained.logistic, trained.about)
    return path


def test_it_tells_apart_what_it_has_not_seen(model):
    """Kills: labels the wrong way round, weights that are not those learned, a bias of the wrong sign."""
    saved = parse(model.read_bytes(), "quality")
    scores = probabilities(saved.logistic, invented(GOOD, 50, 3) + invented(BAD, 50, 4))
    assert min(scores[:50]) > 0.5 > max(scores[50:])
    held = saved.about["held_out"]
    assert held["auroc"][0] > 0.99 and held["good"] + saved.about["trained_on"]["good"] == 200


def test_chance_labels_have_chance_figures():
    """Kills: measuring on the texts that were learned from (which gives an AUROC near 1)."""
    texts = invented(GOOD, 800, 5)
    held = train(texts[:400], texts[400:], Training(buckets=65_536)).about["held_out"]
    assert held["auroc"][1] < 0.5 < held["auroc"][2] and held["auroc"][0] < 0.65


def test_the_same_examples_in_any_order_give_the_same_file(tmp_path):
    """Kills: learning in an order that is not drawn from the seed; the seed left out of it."""
    good, bad = invented(GOOD, 40, 6), invented(BAD, 40, 7)
    made = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        trained = train(good, bad, Training(seed=seed, buckets=4_096))
        made.append(write(tmp_path / name, trained.logistic, trained.about))
    assert made[0] == made[1] != made[2]


def test_texts_in_both_sets_are_left_out():
    """Kills: teaching one text as good and as bad."""
    good, bad = invented(GOOD, 60, 8), invented(BAD, 60, 9)
    about = train(good, [*bad, *good[:10]], Training(buckets=4_096)).about
    assert about["in_both"] == 10
    assert about["trained_on"]["good"] + about["held_out"]["good"] == 50
    assert about["trained_on"]["bad"] + about["held_out"]["bad"] == 60


@given(st.lists(st.text("abé ,.'0東", max_size=40), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_the_kernel_agrees_with_the_plain_way(texts):
    """Against features counted by NumPy. Kills: counts of one text left over for the next, no scaling to length one."""
    weights = np.random.default_rng(1).normal(size=1 << 16).astype(np.float32)
    seen = Texts(texts)
    odds = Logistic(weights, 0.25).odds(seen.data, seen.bounds)
    for text, value in zip(texts, odds, strict=True):
        places, values = features(text)
        assert math.isclose(value, 0.25 + float(weights[places] @ values), abs_tol=1e-6)


def test_the_limit_drops_and_another_file_measures_anew(tmp_path, model):
    """Law 3. Kills: the file's digest left out of the identity; `at_least` among what is measured."""
    lines(tmp_path, {"id": "1", "text": invented(GOOD, 1, 10)[0]}, {"id": "2", "text": invented(BAD, 1, 11)[0]})
    shutil.copy(model, tmp_path / "m")
    entry = Classifier(model="m", at_least=0.5).pinned(tmp_path)
    view, step = curate(tmp_path, {"set": "a.jsonl"}, (entry,))
    run_map(Judge((entry,)), view) if not view.table("verdicts") else None
    assert [row["reason"] for row in view.table("verdicts")] == ["low_quality"]
    stricter = Classifier(model="m", at_least=0.9).pinned(tmp_path)
    assert Curate(step.sources, (stricter,)).identity() == step.identity()
    assert Judge((stricter,)).identity() != Judge((entry,)).identity()
    shutil.copy(model, tmp_path / "n")
    assert Classifier(model="n", at_least=0.5).pinned(tmp_path).versions() == entry.versions()
    other = train(invented(GOOD, 80, 12), invented(BAD, 80, 13), Training(buckets=4_096))
    write(tmp_path / "m", other.logistic, other.about)
    assert Curate(step.sources, (Classifier(model="m", at_least=0.5).pinned(tmp_path),)).identity() != step.identity()


@pytest.mark.parametrize("cut", ["short", "flipped", "version", "magic", "header"])
def test_a_damaged_file_is_an_error_and_no_classifier(model, cut):
    """Kills: loading without the check of the digest, of the version or of the header."""
    data = model.read_bytes()
    damaged = {
        "short": data[:-1],
        "flipped": data[:-4] + bytes([data[-4] ^ 1]) + data[-3:],
        "version": data.replace(b"classifier 2\n", b"classifier 1\n", 1),
        "magic": b"PK" + data,
        "header": data.replace(b'"buckets":4096', b'"buckets":4095', 1),
    }
    with pytest.raises(SourceError):
        parse(damaged[cut], "quality")


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_least": 0.5},
        {"model": "a", "fasttext": "b", "label": "c", "at_least": 0.5},
        {"fasttext": "b", "at_least": 0.5},
        {"model": "a", "label": "c", "at_least": 0.5},
        {"model": "a"},
        {"model": "a", "at_least": 2},
    ],
)
def test_half_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        Classifier.model_validate(wrong)


@pytest.fixture
def native(tmp_path):
    words = {"</s>": (0.0, 0.0), "good": (1.0, 0.0), "bad": (0.0, 1.0)}
    write_model(tmp_path / "hq.bin", words, {"__label__hq": (6.0, 0.0), "__label__cc": (0.0, 6.0)})
    return tmp_path


def test_fasttext_models_are_used_as_they_are(native):
    """Worked by hand: the mean of the words' vectors (the end of line is one), softmax over the labels.

    Kills: another label's probability; a text cut at its first newline, which fastText does by itself.
    """
    entry = Classifier(fasttext="hq.bin", label="__label__hq", at_least=0.018).pinned(native)
    texts = ["good", "bad", "\n good \n\n bad\r\nbad\n", "", "\ud800 good"]
    found = entry.measure(Texts(texts)).signals["classifier"]
    sides = [(1, 0, 2), (0, 1, 2), (1, 2, 4), (0, 0, 1), (1, 0, 2)]
    expected = [1 / (1 + math.exp(6 * (bad - good) / of)) for good, bad, of in sides]
    assert np.allclose(found, expected, atol=1e-4)
    both = Classifier(fasttext="hq.bin", label=["__label__hq", "__label__cc"], at_least=0.5).pinned(native)
    assert np.allclose(both.measure(Texts(texts)).signals["classifier"], 1, atol=1e-4)


def test_lines_become_one_as_dclm_joins_them():
    assert one_line("  a\nb\r\n\nc \n") == "a b  c"


def test_what_is_no_fasttext_model_is_an_error(native):
    """Kills: handing any file to native code; a label that the model lacks, which would drop everything."""
    (native / "x.bin").write_bytes(b"not a model")
    (native / "y.bin").write_bytes((native / "hq.bin").read_bytes()[:4])
    for name, label in (("x.bin", "__label__hq"), ("none.bin", "__label__hq"), ("hq.bin", "__label__HQ")):
        with pytest.raises(SourceError):
            Classifier(fasttext=name, label=label, at_least=0.1).pinned(native)


def test_figures_of_a_case_worked_by_hand():
    found = figures([0.9, 0.6, 0.4, 0.6, 0.1], [True, True, True, False, False], 0.5)
    assert found["auroc"][0] == round((2 + 1.5 + 1) / 6, 6)
    assert found["precision"][0] == round(2 / 3, 6) and found["recall"][0] == round(2 / 3, 6)
    assert wilson(10, 10)[0] == pytest.approx(0.7225, abs=1e-3) and wilson(0, 0) == [0.0, 1.0]
    assert auroc(np.ones(3), np.zeros(3)) == 1.0 and auroc_interval(1.0, 50, 50)[0] < 1.0


def test_the_interval_of_auroc_covers():
    """Of 400 samples with a known AUROC, about 95 % of intervals hold it. Kills: a factor missing in the variance."""
    chance = np.random.default_rng(3)
    truth = 0.5 * (1 + math.erf(1.5 / 2))
    inside = 0
    for _ in range(400):
        value = auroc(chance.normal(1.5, 1, 40), chance.normal(0, 1, 40))
        low, high = auroc_interval(value, 40, 40)
        inside += low <= truth <= high
    assert 0.92 <= inside / 400 <= 0.99


def test_the_verb_trains_and_scores(tmp_path, monkeypatch):
    from retold.cli import app, load

    load()
    for name, kind in (("good", GOOD), ("bad", BAD)):
        (tmp_path / name).mkdir()
        for place, text in enumerate(invented(kind, 60, len(name))):
            (tmp_path / name / f"{place}.txt").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    made = run.invoke(app, ["classifier", "train", "--good", "good", "--bad", "bad", "--to", "m", "--json"])
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["held_out"]["auroc"][0] > 0.95
    shown = run.invoke(app, ["classifier", "train", "--good", "good", "--bad", "bad", "--to", "m"])
    assert "auroc" in shown.output and "digest" in shown.output
    asked = run.invoke(app, ["classifier", "score", "m", invented(GOOD, 1, 20)[0], invented(BAD, 1, 21)[0]])
    first, second = (float(line.split()[0]) for line in asked.output.splitlines() if line[:2] in ("0.", "1."))
    assert first > 0.5 > second
