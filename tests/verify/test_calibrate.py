"""Fitting the combination: what it finds, what it never does, and what its file says."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from retold.cli import app, load
from retold.core.errors import RetoldError
from retold.verify.calibrate import auroc, balanced_accuracy, calibrate, cross_validated, fit, interval, risks
from retold.verify.checks import CHECKS
from retold.verify.combination import Combination, Term, parse
from retold.verify.combination import load as load_calibration
from retold.verify.labelled import Pair

WORDS = "harbour castle orchard bridge market tower river garden library station".split()  # noqa: SIM905


def _pairs(documents: int) -> list[Pair]:
    """Half of the texts have a number that is not in their source; nothing else tells them apart."""
    pick = random.Random(3)
    found = []
    for number in range(documents):
        source = f"The {pick.choice(WORDS)} number {number + 100} was built in {1600 + number} by {number + 7} masons."
        for supported in (True, False) * 2:
            year = 1600 + number + (0 if supported else pick.randint(1, 9))
            found.append(Pair(source, f"It was built in {year} by masons.", supported, f"d{number}"))
    return found


def test_it_finds_what_tells(tmp_path: Path) -> None:
    """Kills: fitting the labels the wrong way round, or reporting the fit on its own documents."""
    found = calibrate(_pairs(30), CHECKS, "own", 0.9)
    assert found.auroc.value > 0.95 and found.auroc.low > 0.9 and found.balanced_accuracy.value > 0.95
    assert [term.signal for term in found.combination.terms] == ["unsupported_figures"]
    assert found.threshold is not None and found.precision >= 0.9 and 0.4 < found.kept < 0.6
    path = tmp_path / "own.json"
    path.write_bytes(orjson.dumps(found.values()))
    assert load_calibration("own.json", tmp_path) == found.combination


def test_nothing_to_find_is_chance() -> None:
    """Kills: cross-validation that lets texts of one document stand on both sides."""
    generator = np.random.default_rng(1)
    names = [f"d{at // 8}" for at in range(800)]
    # Each document has a value of its own and a label of its own: only a leak could learn one from the other.
    value = np.repeat(generator.normal(size=100), 8)
    label = np.repeat(generator.integers(0, 2, 100), 8).astype(bool)
    evidence = np.c_[np.abs(value), np.abs(value - value.mean()), np.eye(100)[np.arange(800) // 8] * 3]
    unseen = cross_validated(evidence, label, names)
    assert interval(auroc, unseen, label, names).low < 0.5 < 0.62 > auroc(unseen, label)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_no_weight_is_below_zero(seed: int) -> None:
    """Kills: keeping a weight that makes a text safer the more of it is unsupported."""
    generator = np.random.default_rng(seed)
    evidence = generator.exponential(size=(60, 4))
    unsupported = evidence @ np.array([2.0, -2.0, 0.0, 1.0]) + generator.normal(size=60) > 0.5
    if unsupported.all() or not unsupported.any():
        return
    weights, bias = fit(evidence, unsupported)
    assert (weights >= 0).all()
    more = evidence + np.array([0.0, 1.0, 0.0, 0.0])
    assert (risks(more, weights, bias) >= risks(evidence, weights, bias) - 1e-12).all()


def test_figures_by_hand() -> None:
    risk = np.array([0.1, 0.4, 0.4, 0.9])
    wrong = np.array([False, False, True, True])
    assert auroc(risk, wrong) == pytest.approx(0.875)
    assert balanced_accuracy(risk, wrong) == pytest.approx(0.75)


def test_intervals_follow_documents_not_texts() -> None:
    """Kills: resampling texts, which would make ten copies of a document ten times the evidence."""
    generator = np.random.default_rng(2)
    risk, wrong = generator.random(40), np.arange(40) % 2 == 0
    alone = interval(auroc, risk, wrong, [str(at) for at in range(40)])
    copied = interval(auroc, np.tile(risk, 10), np.tile(wrong, 10), [str(at) for at in range(40)] * 10)
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.25)


def test_too_little_is_said() -> None:
    with pytest.raises(RetoldError, match="too little"):
        calibrate(_pairs(3), CHECKS, "own", None)


@pytest.mark.parametrize("change", [{"format": 9}, {"terms": [{"signal": "a", "reading": "count", "weight": -1}]}])
def test_a_wrong_file_is_refused(change: dict[str, object]) -> None:
    values = {"format": 1, "name": "n", "bias": 0.0, "threshold": 0.5, "terms": []}
    assert parse(values).risk({}) == 0.5
    with pytest.raises(ValueError):
        parse(values | change)


def test_the_digest_follows_what_decides() -> None:
    """Kills: leaving the bias out of the digest, so that old verdicts would be mixed with new ones."""
    one = Combination("a", (Term("x", "count", 1.0),), 0.5, 0.5)
    assert one.digest == Combination("b", one.terms, 0.5, 0.9).digest
    assert one.digest != Combination("a", one.terms, 0.6, 0.5).digest
    assert one.digest != Combination("a", (Term("x", "count", 1.1),), 0.5, 0.5).digest


def test_the_command_writes_what_a_recipe_reads(tmp_path: Path) -> None:
    load()
    path = tmp_path / "pairs.jsonl"
    rows = [{"source": p.source, "text": p.text, "supported": p.supported, "document": p.document} for p in _pairs(20)]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    out = tmp_path / "own.json"
    result = CliRunner().invoke(
        app, ["verify", "calibrate", "--on", str(path), "--out", str(out), "--precision", "0.9"]
    )
    assert result.exit_code == 0, result.output
    assert "auroc" in result.output and "unsupported_figures" in result.output
    assert load_calibration("own.json", tmp_path).name == "own"
    assert "negation" in CliRunner().invoke(app, ["verify", "checks"]).output


def test_every_check_registers_what_it_gives() -> None:
    """Kills: a check whose signals or reasons are not those that it says."""
    from retold.verify.reasons import REASONS
    from retold.verify.source import SourceText

    source = SourceText("The shuttle landed in Florida.")
    for check in CHECKS:
        assert set(check.measure(source, "It did not.")[0]) == set(check.signals), check.name
        assert set(check.reasons) <= set(REASONS) and {name for name, _ in check.terms} <= set(check.signals)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
