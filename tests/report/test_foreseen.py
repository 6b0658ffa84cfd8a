"""What a mixture will repeat, said by `retold plan` before anything is made, and what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import retold
from retold.cli import app, load
from retold.mix import MixSettings
from retold.mix.portions import resolved
from retold.report.foreseen import foreseen
from retold.report.mixture import mixture
from retold.runner.session import Session

load()
RECIPE = """\
sources: {one: {paths: one/*.txt}, two: {paths: two/*.txt}}
curate: [normalize]
rephrase: {rules: [lead]}
mix: MIX
pack: {tokenizer: train, vocabulary: 400, length: 128}
"""
SAID = "The harbour of number {0} was built in 18{0}. It holds {0} boats, and its keeper counts them in the evening. "


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("foreseen")
    for name in ("one", "two"):
        (place / name).mkdir()
        for number in range(20, 30):
            (place / name / f"{number}.txt").write_text(f"{name}. " + SAID.format(number) * 3, "utf-8")
    return place


@pytest.fixture(scope="module")
def planned(folder) -> Session:
    """Read and cleaned, with nothing asked for."""
    path = folder / "plain.yaml"
    path.write_text(RECIPE.replace("mix: MIX\n", ""), "utf-8")
    session = Session.begin(path)
    session.plan()
    return session


def test_more_than_four_epochs_are_foreseen_and_come(folder):
    """Kills: no line in the plan; tokens of all sources taken for one; a sample's characters taken for all."""
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.replace("MIX", "{parts: {one: 6k}, max_epochs: 20}"), "utf-8")
    done = CliRunner().invoke(app, ["plan", str(path)])
    (line,) = [one.strip() for one in done.output.splitlines() if one.strip().startswith("mix ")]
    assert "one asks for 6,000 tokens" in line and "over 4 gain little" in line
    assert len(json.loads(CliRunner().invoke(app, ["plan", str(path), "--json"]).output)["mixture"]) == 1
    told = int(line.rpartition(" epochs")[0].rpartition(" ")[2])
    session = retold.run(path)
    (blend,) = mixture(session.view(), session.recipe.settings.mix)
    assert blend.most > 4 and 0.7 < told / blend.epochs < 1.4
    again = foreseen(session.view(), session.recipe.settings.mix, session.recipe.portions())
    assert [f"up to {blend.most} times" in words for words in again] == [True]


@pytest.mark.parametrize(
    ("mix", "lines"),
    [
        ("{parts: {one: 1k}, max_epochs: 20}", 0),
        ("{parts: {real: 70%, retelling: 30%}}", 0),
        ("{tokens: 2000, parts: {real: 90%, lead: 10%}}", 0),
        ("{parts: {one: 20k}}", 1),  # at most four times by default: there is too little, and nothing is repeated more
        ("{parts: {one: 60k}, max_epochs: 6}", 2),
        ("{max_epochs: 20, phases: {a: {parts: {one: 2.5k}}, b: {parts: {one: 2.5k}}}}", 1),
    ],
)
def test_only_what_is_short_is_told(planned, mix, lines):
    """Kills: budgets of phases not added up; a line for every part; `max_epochs` not looked at."""
    settings = MixSettings.model_validate(yaml.safe_load(mix))
    found = foreseen(planned.view(), settings, resolved(settings, ("one", "two"), ("lead",)))
    assert len(found) == lines, found
    assert sum("over 4" in one for one in found) == (lines if "20k" not in mix else 0) - ("60k" in mix)


def test_without_a_mixture_nothing_is_said(planned):
    assert foreseen(planned.view(), None, {}) == ()
