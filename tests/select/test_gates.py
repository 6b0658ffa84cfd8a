"""Gate: with fifty PostgreSQL pages as target, the others are found among all Debian documents, within the budget."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from memory_view import MemoryView, run_fold, run_map
from retold.core.document import Document, document_id
from retold.core.schema import batch
from retold.core.step import Part
from retold.select import Select, steps
from retold.text.tokens import count
from support.logistic import Logistic
from support.prose import debian

WANTED = "postgresql-doc"
TARGET = 50


def precision(kept, wanted, tokens) -> str:
    chosen = np.flatnonzero(kept)
    right = wanted[chosen]
    return f"{right.mean():.3f} of documents, {tokens[chosen][right].sum() / tokens[chosen].sum():.3f} of tokens"


@pytest.mark.gates
def test_postgresql_pages_among_all_debian_documents(shared_data, tmp_path):
    texts = dict.fromkeys(text for _, text in debian(shared_data))
    package = {text: name.split("/")[0] for name, text in debian(shared_data)}
    pages = sorted(text for text in texts if package[text].startswith(WANTED))
    target = set(Random(4).sample(pages, TARGET))
    (tmp_path / "target").mkdir()
    for number, text in enumerate(sorted(target)):
        (tmp_path / "target" / f"{number}.txt").write_text(text, "utf-8")
    rest = [text for text in texts if text not in target]
    wanted = np.array([package[text].startswith(WANTED) for text in rest])
    tokens = np.array([count(text) for text in rest])
    documents = [Document(document_id("source", (), text), "source", text, "debian") for text in rest]
    place = {document.document_id: at for at, document in enumerate(documents)}
    logistic = Logistic(sorted(target), Random(5).sample(rest, 4 * TARGET), 1)
    odds = np.array([logistic.score(text) for text in rest])
    chance = np.random.default_rng(6).random(len(rest))

    def ours(budget: int, **options) -> np.ndarray:
        view = MemoryView(tmp_path, [Part("a", "debian")])
        view.add("curate", "a", {"documents": batch("documents", documents)})
        made = Select.model_validate({"towards": "target", "tokens": budget, **options})
        features, importance, choosing = steps(made, tmp_path, 7)
        run_fold(features, view)
        run_map(importance, view)
        run_fold(choosing, view)
        kept = np.ones(len(rest), bool)
        kept[[place[row["subject"]] for row in view.table("verdicts")]] = False
        return kept

    def ranked(score, budget: int) -> np.ndarray:
        order = np.argsort(-score, kind="stable")
        kept = np.zeros(len(rest), bool)
        kept[order[: int(np.searchsorted(np.cumsum(tokens[order]), budget)) + 1]] = True
        return kept

    whole = int(tokens[wanted].sum())
    print(f"{len(rest)} documents, {wanted.sum()} wanted, {whole:,} tokens of {tokens.sum():,}; target {TARGET} pages")
    found = {}
    for share in (0.25, 0.5, 1.0):
        budget = int(whole * share)
        lines = {
            "density, no floor": ours(budget, diversity=0),
            "density, floor 5 %": ours(budget),
            "density, floor 10 %": ours(budget, diversity="10%"),
            "dsir, no floor": ours(budget, diversity=0, by="dsir"),
            "logistic classifier": ranked(odds, budget),
            "random": ranked(chance, budget),
        }
        for name, kept in lines.items():
            print(f"budget {share:.0%} of what is wanted  {name}: {precision(kept, wanted, tokens)}")
            found[share, name] = float(tokens[kept & wanted].sum() / tokens[kept].sum())
    assert found[0.5, "density, no floor"] >= 0.85 and found[0.5, "random"] < 0.4
    assert found[1.0, "density, no floor"] >= found[1.0, "logistic classifier"] - 0.05
    assert found[0.5, "density, floor 5 %"] >= 0.80
