"""The diversity watch: planted template collapse, blocks of the plan, and what never changes it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from memory_view import MemoryView, run_fold
from retold.core.document import Document, Request
from retold.core.fingerprint import digest
from retold.core.schema import batch
from retold.core.step import Part
from retold.verify.diversity import SKETCH, DiversitySettings, alarms, drift, figures, opening, sketch, surplus
from retold.verify.diversity_step import Diversity, TemplateCollapse
from retold.verify.judge import VerifySettings

FIRST, LAST = ("ba", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu"), ("dan", "fil", "gor", "hep", "jik", "lom")
WORDS = [first + second + last for first in FIRST for second in FIRST for last in LAST]
TEMPLATE = "Here are the key facts about"


def _text(pick: random.Random, planted: bool) -> str:
    said = [" ".join(WORDS[int(len(WORDS) * pick.random() ** 3)] for _ in range(9)) + "." for _ in range(6)]
    return " ".join([f"{TEMPLATE} {pick.choice(WORDS)}."] * planted + said)


def _texts(number: int, share: float, seed: int = 5) -> list[str]:
    pick = random.Random(seed)
    planted = set(pick.sample(range(number), round(share * number)))
    return [_text(pick, at in planted) for at in range(number)]


def _rows(texts: list[str]) -> np.ndarray:
    return np.array([sketch(text, str(at)) for at, text in enumerate(texts)], SKETCH)


@pytest.mark.parametrize(("share", "fires"), [(0.0, False), (0.05, False), (0.06, True), (0.25, True), (0.75, True)])
def test_planted_collapse_fires_above_the_limit_and_not_at_it(share: float, fires: bool) -> None:
    """Kills: counting whole beginnings of one word, or an alarm at the limit itself."""
    found = figures(_rows(_texts(1000, share)))
    assert found.opening == pytest.approx(max(share, 0.001), abs=0.002)
    assert bool(alarms(found, DiversitySettings())) is fires
    assert not alarms(figures(_rows(_texts(1000, share)[:90])), DiversitySettings()), "below the least"


def test_each_figure_moves_with_its_fault() -> None:
    """Kills: a figure that stays where it is while texts become the same."""
    pick = random.Random(1)
    plain = figures(_rows(_texts(400, 0.0)))
    whole = _text(pick, True)
    copies = figures(_rows([whole if at % 2 else text for at, text in enumerate(_texts(400, 0.0))]))
    assert copies.distinct < plain.distinct - 0.1
    assert copies.neighbour > 0.45 > plain.neighbour
    loops = figures(_rows([text + text + text for text in _texts(400, 0.0)]))
    assert loops.compression < plain.compression - 0.15
    limits = DiversitySettings(
        opening=1.0, distinct=plain.distinct - 0.05, neighbour=0.4, compression=plain.compression - 0.1
    )
    assert not alarms(plain, limits) and len(alarms(copies, limits)) >= 2 and len(alarms(loops, limits)) >= 1


def test_drift_is_of_words_not_of_chance() -> None:
    same = drift(_rows(_texts(400, 0.0, 1)), _rows(_texts(400, 0.0, 2)))
    other = [text.replace("ba", "zu").replace("mo", "xi").replace("si", "qe") for text in _texts(400, 0.0, 3)]
    assert same < 0.2 < drift(_rows(_texts(400, 0.0, 1)), _rows(other))
    assert drift(_rows(_texts(50, 0.0)), _rows([])) == 0


def test_numbers_are_equal_in_a_beginning() -> None:
    assert opening("In 1999, 12 ships sailed away") == opening("In 2004, 7 ships sailed off") == "in 0 0 ships sailed"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=120), st.floats(0.02, 1.0))
def test_what_is_left_keeps_the_limit(openings: list[int], share: float) -> None:
    """Kills: a share of the whole block and not of what is left; dropping the earlier ones, too many, or none."""
    rows = np.zeros(len(openings), SKETCH)
    rows["opening"] = openings
    gone = surplus(rows, DiversitySettings(opening=share))
    left = rows[~gone]["opening"]
    counts = np.unique(left, return_counts=True)[1]
    assert counts.max() <= max(1, share * len(left))
    if gone.any():
        more = np.minimum(np.unique(rows["opening"], return_counts=True)[1], counts.max() + 1)
        assert counts.max() + 1 > share * more.sum(), "no more may stay"
    for value in set(openings):
        mine = gone[rows["opening"] == value]
        assert list(mine) == sorted(mine), "the first in the plan stay"


def _view(folder: Path, texts: list[str], parts: int, order: random.Random | None = None) -> MemoryView:
    names = [f"p{at}" for at in range(parts)]
    view = MemoryView(folder, [Part(name, "docs") for name in names])
    made: dict[str, list[tuple[Document, Request]]] = {name: [] for name in names}
    for at, text in enumerate(texts):
        name = digest("retelling", at)
        document = Document(name, "retelling", text, "docs", (digest("source", at),), (), "summary", "model")
        request = Request(name, name, at, "p", "d", 0, 1, "summary", "1", "engine")
        made[names[at * 7 % parts]].append((document, request))
    for name, rows in made.items():
        if order:
            order.shuffle(rows)
        view.add("plan", name, {"requests": batch("requests", [request for _, request in rows])})
        view.add("parse", name, {"documents": batch("documents", [document for document, _ in rows])})
    return view


def test_blocks_of_the_plan_decide_and_nothing_else(tmp_path: Path) -> None:
    """Law 1. Kills: blocks by order of arrival or by part."""
    texts = _texts(300, 0.0) + _texts(300, 0.5, 9)
    limits = DiversitySettings(block=300)
    seen = []
    for parts, order in ((1, None), (3, random.Random(2)), (5, random.Random(3))):
        view = _view(tmp_path, texts, parts, order)
        run_fold(Diversity(limits), view)
        seen.append(sorted((row["subject"], row["reason"], row["detail"]) for row in view.table("verdicts")))
    assert seen[0] == seen[1] == seen[2]
    gone = {row[0] for row in seen[0]}
    positions = [at for at in range(600) if digest("retelling", at) in gone]
    assert positions and min(positions) >= 300 and all(texts[at].startswith(TEMPLATE) for at in positions)
    left = [text for at, text in enumerate(texts) if at >= 300 and digest("retelling", at) not in gone]
    assert sum(text.startswith(TEMPLATE) for text in left) <= 0.05 * len(left)


def test_blocks_that_would_never_be_looked_at_are_refused() -> None:
    """Kills: a watch that is silent because its blocks are smaller than the least that is judged."""
    with pytest.raises(ValidationError, match="blocks of 50 are never looked at"):
        VerifySettings.model_validate({"diversity": {"block": 50}})
    assert VerifySettings.model_validate({"diversity": {"block": 50, "least": 20}}).diversity is not None


def test_stop_stops_and_names_style_and_block(tmp_path: Path) -> None:
    view = _view(tmp_path, _texts(300, 0.0) + _texts(300, 0.25, 9), 2)
    with pytest.raises(TemplateCollapse, match="summary, retellings 300 to 599"):
        run_fold(Diversity(DiversitySettings(block=300, on_alarm="stop")), view)
    run_fold(Diversity(DiversitySettings(block=600, on_alarm="stop")), _view(tmp_path, _texts(600, 0.05), 2))
