"""Gates: real archives and pages run through to the end; every drop is counted; extraction keeps its score."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from memory_view import MemoryView, run_map
from retold.clean import Curate, Judge, Length, Normalize
from retold.clean.extract import extract
from retold.core.document import Record
from retold.read import Raw, Source, pin
from retold.text.words import ngrams, words


def curated(folder, paths) -> tuple[MemoryView, Counter]:
    source = Source.model_validate(paths)
    parts = pin("web", source, folder)
    view = MemoryView(folder, parts)
    entries = (Normalize(), Length(min_words=5))
    run_map(Curate({"web": source}, entries), view)
    run_map(Judge(entries), view)
    return view, Counter(row["reason"] for row in view.table("verdicts"))


@pytest.mark.gates
def test_damaged_archives_end_as_documents_and_verdicts(shared_data):
    view, reasons = curated(shared_data / "warc", "resiliparse")
    print({"documents": len(view.table("documents")), **reasons})
    assert len(view.table("documents")) > 0 and reasons["truncated"] == 1 and reasons["not_response"] > 0


@pytest.mark.gates
def test_plain_gzip_and_lz4_hold_the_same(shared_data):
    names = [f"resiliparse/warcfile.warc{packing}" for packing in ("", ".gz", ".lz4")]
    found = [curated(shared_data / "warc", name)[0].table("documents") for name in names]
    assert found[0] == found[1] == found[2] and len(found[0]) == 16


@pytest.mark.gates
def test_a_common_crawl_capture(shared_data):
    for name in ("whirlwind.warc", "whirlwind.warc.gz"):
        view, reasons = curated(shared_data / "warc" / "whirlwind", name)
        assert reasons == {"not_response": 3}
        record, document = view.table("records")[0], view.table("documents")[0]
        assert record["uri"] == "https://an.wikipedia.org/wiki/Escopete" and record["date"] == "2024-05-18T01:58:10Z"
        assert "Escopete" in document["title"] and "Escopete" in document["text"]


@pytest.mark.gates
def test_an_archive_of_pages_and_its_archive_of_texts_agree(shared_data):
    """One capture as WARC and as WET: the same address and date, and nearly all of our text is in theirs.

    Theirs keeps menus and footers, ours the main content, so the share is of ours. A WAT is refused by reason.
    """
    found = {}
    for kind in ("", ".gz", ".wet", ".wet.gz", ".wat", ".wat.gz"):
        view, reasons = curated(shared_data / "warc" / "whirlwind", f"whirlwind.warc{kind}")
        found[kind] = (view.table("records"), view.table("documents"), reasons)
    assert (
        not found[".wat"][0] and found[".wat"][2] == found[".wat.gz"][2] and set(found[".wat"][2]) == {"not_response"}
    )
    assert found[".wet"][2] == found[".wet.gz"][2] == {"not_response": 1}
    page, text = found[""], found[".wet"]
    assert (page[0][0]["uri"], page[0][0]["date"]) == (text[0][0]["uri"], text[0][0]["date"])
    ours, theirs = Counter(words(page[1][0]["text"])), Counter(words(text[1][0]["text"]))
    share = sum((ours & theirs).values()) / ours.total()
    print({"words of the page": ours.total(), "of the WET": theirs.total(), "of ours in theirs": round(share, 3)})
    assert share >= 0.95 and found[".wet.gz"][1] == text[1]


def _shingles(text: str) -> Counter:
    found = words(text)
    return Counter(ngrams(found, 4) if len(found) >= 4 else [tuple(found)])


@pytest.mark.gates
@pytest.mark.parametrize(("how", "least"), [("fast", 0.92), ("balanced", 0.95), ("thorough", 0.955)])
def test_extraction_of_articles(shared_data, how, least):
    """F1 over word 4-grams, averaged precision and recall over pages, as the benchmark counts."""
    folder = shared_data / "html-gold" / "article-extraction-benchmark"
    gold = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    precisions, recalls = [], []
    for name, entry in sorted(gold.items()):
        data = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        text = extract(Raw(Record("r", "s", "k", "u", "text/html", 1), data, ("u",)), how).text
        found, wanted = _shingles(text), _shingles(entry["articleBody"])
        shared = sum((found & wanted).values())
        precisions.append(shared / max(sum(found.values()), 1))
        recalls.append(shared / max(sum(wanted.values()), 1))
    precision, recall = sum(precisions) / len(gold), sum(recalls) / len(gold)
    score = 2 * precision * recall / (precision + recall)
    print({"pages": len(gold), "precision": round(precision, 3), "recall": round(recall, 3), "F1": round(score, 3)})
    assert score >= least


@pytest.mark.gates
def test_all_pages_of_the_benchmark_become_documents(shared_data):
    view, reasons = curated(shared_data / "html-gold", "article-extraction-benchmark/html")
    print({"documents": len(view.table("documents")), **reasons})
    assert len(view.table("records")) == 181 and len(view.table("documents")) >= 179
