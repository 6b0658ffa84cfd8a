"""Gate: with fifty PostgreSQL pages as target, the others are found among all Debian documents, within the budget."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from memory_view import MemoryView, run_fold, run_map
from retold.core.document import Document, document_id
from retold.core.schema import batch
from retold.core.step import Part
from retold.select import Select, SelectBudget, steps
from retold.text.tokens import count
from support.prose import debian

WANTED = "postgresql-doc"
TARGET = 50
METHODS = ("density", "classifier", "dsir")


class Corpus:
    """Debian's documents but the target's, which of them are wanted, and the tokens of each."""

    def __init__(self, folder, tmp_path) -> None:
        named = list(debian(folder))
        package = {text: name.split("/")[0] for name, text in named}
        pages = sorted(text for text in package if package[text].startswith(WANTED))
        target = set(Random(4).sample(pages, TARGET))
        (tmp_path / "target").mkdir()
        for number, text in enumerate(sorted(target)):
            (tmp_path / "target" / f"{number}.txt").write_text(text, "utf-8")
        rest = [text for text in dict.fromkeys(text for _, text in named) if text not in target]
        self.folder = tmp_path
        self.wanted = np.array([package[text].startswith(WANTED) for text in rest])
        self.tokens = np.array([count(text) for text in rest])
        self.documents = [Document(document_id("source", (), text), "source", text, "debian") for text in rest]
        self.place = {document.document_id: at for at, document in enumerate(self.documents)}

    def weighed(self, by: str) -> MemoryView:
        """The documents with what one method says of them."""
        view = MemoryView(self.folder, [Part("a", "debian")])
        view.add("curate", "a", {"documents": batch("documents", self.documents)})
        made = Select.model_validate({"towards": "target", "tokens": 1, "by": by})
        first, second, _ = steps(made, self.folder, 7)
        run_fold(first, view)
        run_map(second, view)
        return view

    def chosen(self, view: MemoryView, by: str, budget: int, diversity: str) -> np.ndarray:
        """Which documents the last step keeps."""
        made = Select.model_validate({"towards": "target", "tokens": budget, "by": by, "diversity": diversity})
        step = SelectBudget(made, 7)
        kept = np.ones(len(self.wanted), bool)
        for _, output in step.merge([(part, list(step.sketch(part, view))) for part in view.parts()], view):
            kept[[self.place[row["subject"]] for row in output["verdicts"].to_pylist()]] = False
        return kept

    def random(self, budget: int) -> np.ndarray:
        order = np.random.default_rng(6).permutation(len(self.wanted))
        kept = np.zeros(len(self.wanted), bool)
        kept[order[: int(np.searchsorted(np.cumsum(self.tokens[order]), budget)) + 1]] = True
        return kept

    def precision(self, kept: np.ndarray) -> tuple[float, float]:
        """Of documents, and of tokens."""
        right = kept & self.wanted
        return right.sum() / kept.sum(), self.tokens[right].sum() / self.tokens[kept].sum()


@pytest.mark.gates
def test_postgresql_pages_among_all_debian_documents(shared_data, tmp_path):
    """What each method keeps at a quarter, half and all of what is wanted. Settings were chosen on other packages."""
    corpus = Corpus(shared_data, tmp_path)
    views = {by: corpus.weighed(by) for by in METHODS}
    whole = int(corpus.tokens[corpus.wanted].sum())
    print(
        f"{len(corpus.wanted)} documents, {corpus.wanted.sum()} wanted, {whole:,} tokens of {corpus.tokens.sum():,}; "
        f"target {TARGET} pages"
    )
    found = {}
    for share in (0.25, 0.5, 1.0):
        budget = int(whole * share)
        rows = {"random": corpus.random(budget)}
        for by, view in views.items():
            rows |= {f"{by}, floor {floor}": corpus.chosen(view, by, budget, floor) for floor in ("0%", "5%", "10%")}
        for name, kept in rows.items():
            documents, tokens = corpus.precision(kept)
            found[share, name] = tokens
            print(f"budget {share:.0%} of what is wanted  {name}: {documents:.3f} of documents, {tokens:.3f} of tokens")
    assert found[0.5, "random"] < 0.4
    assert found[0.5, "density, floor 0%"] >= 0.85 and found[0.5, "density, floor 5%"] >= 0.80
    assert found[0.5, "classifier, floor 0%"] >= 0.90 and found[0.5, "classifier, floor 5%"] >= 0.85
    assert found[1.0, "classifier, floor 0%"] >= 0.80
