"""Extraction: how well and how fast, the three settings beside the extractors that they are made of.

    python benchmarks/extraction.py [FOLDER]

FOLDER is the article extraction benchmark of scrapinghub (181 pages with the text of their article; default:
../shared/data/html-gold/article-extraction-benchmark beside the repository). F1 is its own: word 4-grams, precision and
recall averaged over pages; intervals by bootstrap over pages (2,000 draws). Pages a second are per second of processor
time. Ours count everything that a run pays: decoding, what pages say about themselves, the process that pages are read
in and both sides of its pipe. The extractors alone are called with the characters of the page, in this process.
Nothing was tuned on these pages. FOLDER may also be `test/test-pages` of mozilla/readability, on which the thresholds
of `clean/cascade.py` were set: then there are no floors, and the result is another file.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from retold.clean import page_process
from retold.clean.charset import decode
from retold.clean.page import Refused
from retold.clean.page_process import PAGE_SECONDS, read_page
from retold.text.words import ngrams, words
from support import floor, record, table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "html-gold" / "article-extraction-benchmark"
DRAWS, ROUNDS, SEED = 2_000, 3, 7
THOROUGH_F1, BALANCED_F1, BALANCED_SPEED = 0.955, 0.95, 100.0
OURS = ("fast", "balanced", "thorough")
PEERS: dict[str, Callable[[str], str]] = {
    "resiliparse alone": lambda html: str(
        extract_plain_text(
            html, main_content=True, preserve_formatting=True, alt_texts=False, links=False, comments=False
        )
    ),
    "trafilatura alone, fast": lambda html: (
        trafilatura.extract(html, include_comments=False, include_tables=True, fast=True) or ""
    ),
    "trafilatura alone": lambda html: trafilatura.extract(html, include_comments=False, include_tables=True) or "",
}


def load(folder: Path) -> tuple[list[bytes], list[str]]:
    """Pages and the texts of their articles. Ends the program where they are not there."""
    if (folder / "ground-truth.json").is_file():
        gold = json.loads((folder / "ground-truth.json").read_text("utf-8"))
        names = sorted(gold)
        pages = [gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()) for name in names]
        return pages, [gold[name]["articleBody"] for name in names]
    found = sorted(folder.glob("*/expected.html"))
    if not found:
        raise SystemExit(f"no ground-truth.json in {folder}: name the folder of the article extraction benchmark")
    pages = [(path.parent / "source.html").read_bytes() for path in found]
    return pages, [str(extract_plain_text(path.read_text("utf-8"), alt_texts=False)) for path in found]


def shingles(text: str) -> Counter[tuple[str, ...]]:
    found = words(text)
    return Counter(ngrams(found, 4) if len(found) >= 4 else [tuple(found)])


def compared(texts: Sequence[str], gold: Sequence[Counter[tuple[str, ...]]]) -> np.ndarray:
    """Precision and recall of each page, as two columns."""
    rows = []
    for text, wanted in zip(texts, gold, strict=True):
        found = shingles(text)
        shared = sum((found & wanted).values())
        rows.append((shared / max(sum(found.values()), 1), shared / max(sum(wanted.values()), 1)))
    return np.array(rows)


def f1(rows: np.ndarray) -> float:
    precision, recall = rows.mean(axis=0)
    return float(2 * precision * recall / (precision + recall))


def interval(rows: np.ndarray) -> list[float]:
    """95 % of the draws."""
    chance = np.random.default_rng(SEED)
    drawn = [f1(rows[chance.integers(0, len(rows), len(rows))]) for _ in range(DRAWS)]
    return [round(float(bound), 4) for bound in np.quantile(drawn, [0.025, 0.975])]


def by_us(pages: Sequence[bytes], how: str) -> tuple[list[str], float]:
    """Texts, and the processor seconds of this process and of the one that reads pages."""
    read_page(pages[0], "", how, PAGE_SECONDS)  # type: ignore[arg-type]
    before = time.process_time() + used_by_child()
    texts = [text_of(page, how) for page in pages]
    return texts, time.process_time() + used_by_child() - before


def text_of(page: bytes, how: str) -> str:
    """A refused page has no text, and counts."""
    try:
        return read_page(page, "", how, PAGE_SECONDS).text  # type: ignore[arg-type]
    except Refused:
        return ""


def used_by_child() -> float:
    assert page_process._child is not None
    fields = Path(f"/proc/{page_process._child.process.pid}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def by_peer(pages: Sequence[str], peer: Callable[[str], str]) -> tuple[list[str], float]:
    before = time.process_time()
    texts = [peer(page) for page in pages]
    return texts, time.process_time() - before


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("folder", type=Path, nargs="?", default=DATA)
    folder = reader.parse_args().folder
    pages, articles = load(folder)
    gold, decoded = [shingles(article) for article in articles], [decode(page, "") for page in pages]
    texts: dict[str, list[str]] = {}
    seconds: dict[str, list[float]] = {name: [] for name in (*PEERS, *OURS)}
    for number in range(ROUNDS):
        for name in seconds:
            found, took = by_peer(decoded, PEERS[name]) if name in PEERS else by_us(pages, name)
            seconds[name].append(took)
            assert texts.setdefault(name, found) == found, f"{name} gave another text in round {number + 1}"
        print(".", end="", file=sys.stderr, flush=True)
    page_process.stop()
    figures: dict[str, Any] = {}
    for name in seconds:
        rows = compared(texts[name], gold)
        figures[name] = {
            "precision": round(float(rows[:, 0].mean()), 4),
            "recall": round(float(rows[:, 1].mean()), 4),
            "f1": round(f1(rows), 4),
            "interval": interval(rows),
            "pages_per_second": round(len(pages) / statistics.median(seconds[name]), 1),
        }
    ranked = sorted(figures, key=lambda name: -figures[name]["pages_per_second"])
    frontier = [
        name
        for place, name in enumerate(ranked)
        if all(figures[name]["f1"] > figures[other]["f1"] for other in ranked[:place])
    ]
    print()
    print(
        table(
            ["", "precision", "recall", "F1", "95 %", "pages/s", "frontier"],
            [
                [
                    name,
                    *(f"{figures[name][key]:.3f}" for key in ("precision", "recall", "f1")),
                    "{:.3f} to {:.3f}".format(*figures[name]["interval"]),
                    f"{figures[name]['pages_per_second']:.0f}",
                    "yes" if name in frontier else "",
                ]
                for name in ranked
            ],
        )
    )
    settings = {"pages": len(pages), "rounds": ROUNDS, "draws": DRAWS}
    versions = {name: version(name) for name in ("resiliparse", "trafilatura", "lxml")}
    figures = {**figures, "frontier": frontier, "seconds": seconds}
    if not (folder / "ground-truth.json").is_file():
        return record("extraction_tuning", figures, [], settings=settings, versions=versions)
    aims = [
        floor("aim: F1 of balanced", figures["balanced"]["f1"], at_least=BALANCED_F1),
        floor("aim: pages a second of balanced", figures["balanced"]["pages_per_second"], at_least=BALANCED_SPEED),
    ]
    for aim in aims:
        print(f"{aim['what']}: {aim['value']} (aimed at {aim['at_least']}) {'met' if aim['holds'] else 'NOT MET'}")
    floors = [floor("F1 of thorough", figures["thorough"]["f1"], at_least=THOROUGH_F1)]
    return record("extraction", {**figures, "aims": aims}, floors, settings=settings, versions=versions)


if __name__ == "__main__":
    raise SystemExit(main())
